"""What a card says of its mail: verdicts, what sort it is, what is damaged, what it invites to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import Babel, force_locale
from selectolax.lexbor import LexborHTMLParser

from crm.channels.contract import File, Invitation, Sort
from crm.conversations.message import Message
from crm.conversations.timeline import MessageItem
from crm.desk import Desk
from crm.staff.agent import Agent
from inbox.showing.invitation import invitation
from inbox.showing.item import ShownMessage, shown
from inbox.showing.verdicts import warnings
from tests.inbox.arriving import arrive, conversation_of, letter, mail
from tests.inbox.conftest import read


@pytest.fixture
def english() -> Iterator[None]:
    """Words alone, without a database."""
    app = Flask("inbox")
    Babel(app, default_timezone="UTC")
    with app.test_request_context(), force_locale("en"):
        yield


def incoming(**columns: Any) -> Message:
    """A mail's row that no database holds."""
    return Message(
        **{
            "direction": "incoming", "sort": "customer", "role": "customer", "flags": {},
            "letter": [], "recipients": [], "text": "a", "html": "", "raw_sha256": "", "verdicts": {}, **columns,
        }
    )  # fmt: skip


def item(message: Message) -> MessageItem:
    return MessageItem(message, "Anna", "", "email", "support", "anna@example.org")


def stored(told: Invitation) -> dict[str, Any]:
    """As the database keeps it: times as text."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(told).items()
    }


def card(desk: Desk, client: FlaskClient, **fields: Any) -> LexborHTMLParser:
    """The card of a mail that has just come in."""
    [number] = arrive(desk, mail(**fields))
    return read(client.get(f"/conversations/{conversation_of(desk, number)}"))


def words(page: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ({"dmarc": "fail", "spf": "pass"}, "The sender may be forged: DMARC failed."),
        ({"spf": "fail", "dkim": "fail"}, "The sender may be forged: SPF and DKIM failed."),
        ({"spf": "softfail", "dkim": "fail"}, "The sender may be forged: SPF and DKIM failed."),
        ({"spam": "yes", "dmarc": "pass"}, "Your mail server takes this for spam."),
        (
            {"spam": "yes", "dmarc": "fail"},
            "Your mail server takes this for spam. The sender may be forged: DMARC failed.",
        ),
    ],
)
def test_a_bad_verdict_warns(english: None, verdicts: dict[str, str], told: str) -> None:
    assert " ".join(warnings(incoming(verdicts=verdicts), "email")) == told


@pytest.mark.parametrize(
    "verdicts",
    [
        {},
        {"spf": "pass", "dkim": "pass", "dmarc": "pass", "spam": "no"},
        {"spf": "fail", "dkim": "pass"},
        {"spf": "fail", "dkim": "fail", "dmarc": "pass"},
        {"spf": "none", "dkim": "none", "dmarc": "none"},
        {"dmarc": "temperror"},
    ],
)
def test_all_other_verdicts_stay_calm(english: None, verdicts: dict[str, str]) -> None:
    assert warnings(incoming(verdicts=verdicts), "email") == []


def test_a_warning_stands_on_the_card(desk: Desk, client: FlaskClient) -> None:
    page = card(desk, client, verdicts={"spam": "yes", "dmarc": "fail"})
    assert words(page, ".message-warning") == [
        "Your mail server takes this for spam. The sender may be forged: DMARC failed."
    ]


def test_who_looks_finds_every_verdict(desk: Desk, client: FlaskClient) -> None:
    page = card(
        desk, client, verdicts={"spf": "pass", "dkim": "odd", "dmarc": "none", "spam": "no"}
    )
    told = "Checked by your mail server: SPF passed, DKIM odd, DMARC none, no spam"
    assert told in words(page, ".message .menu-title")


def test_a_letter_has_no_verdicts(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, letter("x", verdicts={"dmarc": "fail"}), family="post")
    page = read(client.get(f"/conversations/{conversation_of(desk, number)}"))
    assert words(page, ".message-warning") == []
    assert not any("Checked" in title for title in words(page, ".message .menu-title"))


@pytest.mark.parametrize(
    ("sort", "chip"),
    [
        (Sort.CUSTOMER, ""),
        (Sort.LIST, "Mailing list"),
        (Sort.AUTO_REPLY, "Automatic reply"),
        (Sort.BOUNCE, "Delivery report"),
        (Sort.LOOP, "Loop"),
    ],
)
def test_what_no_person_wrote_says_so(english: None, sort: Sort, chip: str) -> None:
    [card] = shown([item(incoming(sort=sort))], {}, Path())
    assert isinstance(card, ShownMessage)
    assert card.sort == chip


def test_what_it_says_stands_in_the_cards_head(desk: Desk, client: FlaskClient) -> None:
    page = card(desk, client, sort=Sort.AUTO_REPLY)
    assert words(page, ".message-sort") == ["Automatic reply"]


def test_a_damaged_part_is_marked_on_its_file_and_told(desk: Desk, client: FlaskClient) -> None:
    files = (
        File("bill.pdf", "application/pdf", b"x", damaged=True),
        File("photo.png", "image/png", b"y"),
    )
    page = card(desk, client, files=files, flags=("damaged_part",))
    assert words(page, ".file") == ["bill.pdf 1 B damaged", "photo.png 1 B"]
    assert "could not be decoded; it is attached as it came." in words(page, ".message-notice")[0]


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("encrypted", "This mail is encrypted"),
        ("tnef", "winmail.dat could not be opened"),
        ("truncated", "broke off on its way"),
        ("html_left_out", "Its formatting was left out"),
    ],
)
def test_what_could_not_be_read_is_told(english: None, flag: str, told: str) -> None:
    [card] = shown([item(incoming(flags={flag: True}))], {}, Path())
    assert isinstance(card, ShownMessage)
    assert told in card.notices[0]


def test_a_signature_that_nobody_checked_claims_nothing(desk: Desk, client: FlaskClient) -> None:
    page = card(desk, client, flags=("signed",))
    assert words(page, ".message-notice") == []
    assert "nobody has checked the signature" in " ".join(words(page, ".message .menu-title"))


STARTS, ENDS = datetime(2026, 12, 1, 13, tzinfo=UTC), datetime(2026, 12, 1, 14, 30, tzinfo=UTC)
DAY, DAYS_LATER = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 4, tzinfo=UTC)
NEXT_DAY = datetime(2026, 12, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "when"),
    [
        (Invitation("request", "Visit", STARTS, ENDS), "Tue, 1 Dec 2026, 13:00–14:30 (UTC)"),
        (Invitation("request", "Visit", STARTS), "Tue, 1 Dec 2026, 13:00 (UTC)"),
        (
            Invitation("request", "Visit", STARTS, NEXT_DAY),
            "Tue, 1 Dec 2026, 13:00 – Wed, 2 Dec 2026, 01:00 (UTC)",
        ),
        (Invitation("request", "Visit", DAY, all_day=True), "Tue, 1 Dec 2026"),
        (
            Invitation("request", "Visit", DAY, DAYS_LATER, all_day=True),
            "Tue, 1 Dec 2026 – Thu, 3 Dec 2026",
        ),
    ],
)
def test_an_invitation_says_when(english: None, told: Invitation, when: str) -> None:
    found = invitation(incoming(invitation=stored(told)))
    assert found is not None
    assert found.when == when


def test_a_meeting_is_at_the_readers_time_a_day_is_everywhere_the_same(
    desk: Desk, client: FlaskClient, mara: Agent
) -> None:
    with desk.writing() as session:
        agent = session.get_one(Agent, mara.id)
        agent.time_zone, agent.language = "America/New_York", "de"
    page = card(desk, client, invitation=Invitation("request", "Visit", STARTS, ENDS))
    assert words(page, ".invitation dd") == ["Di, 1. Dez. 2026, 08:00–09:30 (America/New_York)"]
    page = card(desk, client, invitation=Invitation("request", "Visit", DAY, all_day=True))
    assert words(page, ".invitation dd") == ["Di, 1. Dez. 2026"]


def test_an_invitation_says_what_where_and_who_and_its_file_can_be_taken(
    desk: Desk, client: FlaskClient
) -> None:
    told = Invitation(
        "request", "<b>Visit</b>", STARTS, ENDS, False, "Am Deich 7", "Anna Berg", repeats=True
    )
    page = card(desk, client, invitation=told, files=(File("a.ics", "text/calendar", b"B"),))
    assert words(page, ".invitation h3") == ["<b>Visit</b>"]
    when, *rest = words(page, ".invitation dd")
    assert when == "Tue, 1 Dec 2026, 13:00–14:30 (UTC) · repeats"
    assert rest == ["Am Deich 7", "Anna Berg"]
    assert words(page, ".file") == ["a.ics 1 B"]


@pytest.mark.parametrize(
    ("method", "answer", "kind", "is_off"),
    [
        ("request", "", "Invitation", False),
        ("cancel", "", "Meeting cancelled", True),
        ("reply", "accepted", "Invitation accepted", False),
        ("reply", "declined", "Invitation declined", True),
        ("reply", "tentative", "Invitation accepted provisionally", False),
        ("reply", "", "Answer to an invitation", False),
        ("counter", "", "Another time proposed", False),
        ("publish", "", "Calendar entry", False),
        ("odd", "odd", "Invitation", False),
    ],
)
def test_it_says_whether_it_asks_answers_or_cancels(
    english: None, method: str, answer: str, kind: str, is_off: bool
) -> None:
    found = invitation(incoming(invitation=stored(Invitation(method, "Visit", answer=answer))))
    assert found is not None
    assert (found.kind, found.is_off) == (kind, is_off)
