"""New words, history and signature are told apart, and no line is ever lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.quotes import Separated, separate

NEW = "Guten Tag,\n\ndas Netzteil fehlt."
HISTORY = "Ihre Sendung ist unterwegs."


@pytest.mark.parametrize(
    "introduction",
    [
        "Am 03.02.25 um 14:05 schrieb Support:",
        "Am Mo., 3. Feb. 2025 um 14:05 Uhr schrieb Support <\nsupport@example.org>:",
        "Support <support@example.org> schrieb am Mo., 3. Feb. 2025\num 14:05 Uhr:",
        "On Mon, Feb 3, 2025 at 2:05 PM Support <support@example.org> wrote:",
        "Le lun. 3 févr. 2025 à 14:05, Support <support@example.org> a écrit :",
        "El lun, 3 feb 2025 a las 14:05, Support (<support@example.org>) escribió:",
        "Op ma 3 feb 2025 om 14:05 schreef Support <support@example.org>:",
        "Il giorno lun 3 feb 2025 alle ore 14:05 Support <support@example.org> ha scritto:",
        "-----Ursprüngliche Nachricht-----",
        "-----Original Message-----",
        "________________________________\nVon: Support\nGesendet: Montag\nAn: Anna\nBetreff: AW: x\n",
        "From: Support <support@example.org>\nSent: Monday\nTo: Anna\nSubject: RE: x\n",
        "De : Support\nEnvoyé : lundi\nÀ : Anna\nObjet : RE: x\n",
    ],
)
def test_history_below_the_answer_is_folded(introduction):
    parts = separate(f"{NEW}\n\n{introduction}\n{HISTORY}\n")
    assert (parts.text, parts.quoted) == (NEW, f"{introduction}\n{HISTORY}")


def test_answers_between_the_quoted_lines_stay():
    parts = separate("Am 3.2.2025 schrieb Support:\n> Fehlt etwas?\nJa.\n> Was?\nDas Netzteil.\n")
    assert parts.text == "Ja.\nDas Netzteil."


def test_an_answer_below_the_history_stays():
    parts = separate(f"Am 3.2.2025 schrieb Support:\n> {HISTORY}\n\n{NEW}\n\n-- \nAnna\n")
    assert (parts.text, parts.signature) == (NEW, "-- \nAnna")


@pytest.mark.parametrize("line", ["Von meinem iPhone gesendet", "Sent from my iPhone"])
def test_the_line_of_a_telephone_is_no_new_word(line):
    assert separate(f"{NEW}\n\n{line}\n").signature == line


@pytest.mark.parametrize(
    "text",
    [
        "> alles zitiert\n> sonst nichts",
        "Am 3.2.2025 um 14:05 schrieb Support:\n\nnur Altes",
        "-- \nnur eine Unterschrift",
        "",
    ],
)
def test_where_nothing_new_remains_everything_is_shown(text):
    assert replace(separate(text), is_mixed=False) == Separated(text)


@pytest.mark.parametrize(
    "text",
    [
        "Am Montag kam ein Brief.\nDarin stand: alles gut.",
        "On Thursday I wrote to you and got no answer.",
        "Termin:\nDatum: 3. Oktober\nOrt: Köln",
        "Bitte an: Anna Bauer\nVon der Firma.",
        "Erst dies\n--\n" + "\n".join(f"Zeile {n}" for n in range(20)),
        "Sent from my desk you will get the papers, which are long and many, and then some more.\nok",
    ],
)
def test_ordinary_words_are_not_mistaken(text):
    assert separate(text).text == text


@given(
    st.lists(
        st.sampled_from(
            ["", "Hallo", "> alt", "-- ", "Am 3.2.2025 schrieb A:", "Von: a", "An: b", "Betreff: c",
             "On 1/2 x wrote:", "____________________", "Sent from my x", "> ", "---- x wrote ----"]
        ),
        max_size=25,
    )
)  # fmt: skip
def test_every_line_stands_in_exactly_one_part(lines):
    parts = separate("\n".join(lines))
    shown = Counter("\n".join((parts.text, parts.quoted, parts.signature)).split("\n"))
    assert +Counter(line for line in lines if line) == +Counter(
        {line: count for line, count in shown.items() if line}
    )
