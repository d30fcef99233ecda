"""What was written before: how an answer quotes it, and that our own reader tells it apart."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.history import CUT, LONGEST_HISTORY, LONGEST_PAST, quotations
from connectors.email.page import write_page
from connectors.email.plain import words_of
from connectors.email.quotes import separate
from crm.channels.contract import (
    Address,
    File,
    IdentityKind,
    Outgoing,
    Past,
    Recipient,
)

AT = datetime(2026, 11, 25, 9, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ORIGINAL = """From: Anna Berg <anna@example.com>
To: Kaffeehaus <support@example.org>, Tom <tom@example.com>
Cc: Secret <cc@example.com>
Subject: =?utf-8?q?Maschine_tropft_=C3=BCberall?=
Date: Wed, 25 Nov 2026 10:12:00 +0100
Content-Type: text/plain; charset=utf-8

Sie tropft.
"""


def outgoing(**changes):
    given_ = {
        "key": "17.abc@example.org",
        "at": AT,
        "recipients": (Recipient(Address(IdentityKind.EMAIL, "anna@example.com")),),
        "subject": "Maschine",
        "text": "Gern.",
        "sender_name": "Kaffeehaus",
        "reference": "[PK-1042-K7]",
    }
    return Outgoing(**(given_ | changes))


def quoted(*history, quote="last", **changes):
    return quotations(outgoing(history=history, **changes), quote, BERLIN)


@pytest.mark.parametrize(
    ("language", "head"),
    [
        ("en", "On 25 November 2026 at 10:12, Anna Berg wrote:"),
        ("de", "Am 25. November 2026 um 10:12 schrieb Anna Berg:"),
        ("de-AT", "Am 25. November 2026 um 10:12 schrieb Anna Berg:"),
        ("fr", "Le 25 novembre 2026 à 10:12, Anna Berg a écrit :"),
        ("es", "El 25 de noviembre de 2026 a las 10:12, Anna Berg escribió:"),
        ("nl", "Op 25 november 2026 om 10:12 schreef Anna Berg:"),
        ("it", "Il 25 novembre 2026 alle 10:12, Anna Berg ha scritto:"),
        ("tlh", "On 25 November 2026 at 10:12, Anna Berg wrote:"),
    ],
)
def test_a_quotation_is_introduced_in_the_language_of_the_answer(language, head):
    [quotation] = quoted(Past(AT, "Anna Berg", "Sie tropft.\n\n> Seit wann?"), language=language)
    assert quotation.lines == f"{head}\n> Sie tropft.\n>\n> > Seit wann?"


@pytest.mark.parametrize(("quote", "texts"), [("last", ["b"]), ("all", ["b", "c"]), ("none", [])])
def test_how_much_is_quoted_is_a_setting(quote, texts):
    history = [Past(AT, "A", " \n"), Past(AT, "B", "b"), Past(AT, "C", "c")]
    assert [one.text for one in quoted(*history, quote=quote)] == texts


def test_a_long_message_is_cut_and_says_so():
    [quotation] = quoted(Past(AT, "A", "x" * (LONGEST_PAST + 1)))
    assert quotation.text == "x" * LONGEST_PAST + f"\n{CUT}"


def test_a_long_history_ends_with_its_last_whole_message():
    history = [Past(AT, "A", "x" * 15_000)] * 50
    assert len(quoted(*history, quote="all")) == LONGEST_HISTORY // 15_000


def test_an_author_without_a_name_is_somebody():
    [quotation] = quoted(Past(AT, " \n", "x"), language="de")
    assert quotation.head.endswith("schrieb jemand:")


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "nl", "it"])
@given(author=st.text(max_size=300), texts=st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_our_own_reader_tells_apart_what_we_quote(language, author, texts):
    earlier = quoted(*(Past(AT, author, one) for one in texts), quote="all", language=language)
    below = "\n\n".join(one.lines for one in earlier)
    parts = separate(f"Gern, das machen wir.\n\n-- \nMara\nKaffeehaus\n\n{below}".rstrip())
    assert (parts.text, parts.signature) == ("Gern, das machen wir.", "-- \nMara\nKaffeehaus")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Forwarded message", "From", "Date", "Subject", "To", "at")),
        ("de", ("Weitergeleitete Nachricht", "Von", "Datum", "Betreff", "An", "um")),
    ],
)
def test_a_message_passed_on_stands_below_with_what_its_original_says(language, words):
    divider, sender, date, subject, to, at = words
    dot = "." if language == "de" else ""
    original = File("x.eml", "message/rfc822", ORIGINAL.encode())
    [quotation] = quoted(forwards=True, files=(original,), language=language, quote="none")
    assert quotation.lines == (
        f"---------- {divider} ----------\n"
        f"{sender}: Anna Berg <anna@example.com>\n"
        f"{date}: 25{dot} November 2026 {at} 10:12\n"
        f"{subject}: Maschine tropft überall\n"
        f"{to}: Kaffeehaus <support@example.org>, Tom <tom@example.com>\n\n"
        "Sie tropft."
    )


def test_what_has_no_original_is_passed_on_from_the_history():
    [quotation] = quoted(Past(AT, "Anna Berg", "Sie tropft."), forwards=True)
    assert quotation.lines == (
        "---------- Forwarded message ----------\n"
        "From: Anna Berg\n"
        "Date: 25 November 2026 at 10:12\n\n"
        "Sie tropft."
    )


def test_an_original_that_is_no_mail_is_passed_on_all_the_same():
    broken = File("x.eml", "message/rfc822", bytes(range(256)))
    assert len(quoted(forwards=True, files=(broken,))) == 1


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "nl", "it"])
def test_a_program_that_keeps_the_html_alone_keeps_the_parts_apart(language):
    earlier = quoted(
        Past(AT, "Anna Berg", "Eins.\n\nZwei."),
        Past(AT, "Tom", "Drei."),
        quote="all",
        language=language,
    )
    page = write_page("Gern, das machen wir.", "Mara\nKaffeehaus", earlier, language)
    parts = separate(words_of(page))
    assert (parts.text, parts.signature) == ("Gern, das machen wir.", "--\nMara\nKaffeehaus")
    assert "> Zwei." in parts.quoted and "> Drei." in parts.quoted
