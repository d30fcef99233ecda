"""What a subject is about, whatever mail programs have put before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.conversations.subject import is_another_matter, read_subject

REPLIES = (
    "Re", "RE", "re", "AW", "Aw", "Antw", "Antwort", "SV", "Sv", "RIF", "R", "RES", "Odp", "ODP",
    "YNT", "VS", "VÁ", "Vá", "回复", "答复", "返信", "Отв", "ATS", "BLS",
)  # fmt: skip
FORWARDS = (
    "FW", "Fwd", "FWD", "WG", "WEITERL", "TR", "RV", "ENC", "Doorst", "VL", "VB", "I", "PD",
    "İLT", "转发", "転送",
)  # fmt: skip
HEADS = ("{}: {}", "{}:{}", "{} : {}", "{}：{}", "{}： {}", "{}[2]: {}", "{}(3): {}", "{}^4: {}")


@pytest.mark.parametrize("word", REPLIES)
@pytest.mark.parametrize("head", HEADS)
def test_an_answer_is_about_what_it_answers(word: str, head: str) -> None:
    read = read_subject(head.format(word, "Akku lädt nicht"))
    assert (read.base, read.is_forward) == ("akku lädt nicht", False)


@pytest.mark.parametrize("word", FORWARDS)
@pytest.mark.parametrize("head", HEADS)
def test_a_forward_is_told_from_an_answer(word: str, head: str) -> None:
    read = read_subject(head.format(word, "Akku lädt nicht"))
    assert (read.base, read.is_forward) == ("akku lädt nicht", True)


@pytest.mark.parametrize(
    ("subject", "base", "is_forward"),
    [
        ("AW: [EXTERN] Re[2]: Fwd: Battery [PK-1042-K7]", "battery", False),
        ("[PK-1042-K7] Re: Battery", "battery", False),
        ("*** SPAM *** WG: Battery", "battery", True),
        ("[Caution] [list] Battery", "battery", False),
        ("Battery (fwd)", "battery", True),
        ("Automatische Antwort: AW: Battery", "battery", False),
        ("  Re:   Battery \t is  dead ", "battery is dead", False),
        ("Re: Fwd: Battery", "battery", False),
        ("[Ticket#4711]", "[ticket#4711]", False),
        ("Re:", "", False),
        ("Betrifft: Rechnung 4711", "betrifft: rechnung 4711", False),
        ("Akku 12:30 Uhr", "akku 12:30 uhr", False),
        ("Regal: Tür klemmt", "regal: tür klemmt", False),
        ("", "", False),
    ],
)
def test_prefixes_tags_and_our_reference_are_taken_off(
    subject: str, base: str, is_forward: bool
) -> None:
    read = read_subject(subject)
    assert (read.base, read.is_forward) == (base, is_forward)


@pytest.mark.parametrize(
    ("subject", "earlier", "expected"),
    [
        ("Re: Battery", "Battery", False),
        ("URGENT: Battery", "Re: Battery", False),
        ("Battery still does not charge", "Battery does not charge", False),
        ("INC0012345 - Battery does not charge - Update", "Battery does not charge", False),
        ("", "Battery", False),
        ("Re: ", "Battery", False),
        ("New order", "Battery", True),
        ("Re: Rechnung 9999", "Rechnung 4711", True),
        ("电池不充电了", "电池不充电", False),
        ("发票问题", "电池不充电", True),
    ],
)
def test_an_entirely_new_subject_is_another_matter(
    subject: str, earlier: str, expected: bool
) -> None:
    assert is_another_matter(subject, earlier) is expected


@given(st.text(max_size=300))
def test_any_subject_is_read_and_is_about_itself(subject: str) -> None:
    assert read_subject(f"Re: {subject[:900]}").base == read_subject(subject[:900]).base
    assert not is_another_matter(subject, subject)


@pytest.mark.parametrize("piece", ["Re: ", "Re[2]", "[", "*" * 4, "a ", "{", "Re :", "（"])
def test_a_long_subject_is_read_and_cut(piece: str) -> None:
    assert len(read_subject(piece * 100_000).base) <= 1000
