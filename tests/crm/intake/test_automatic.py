"""What a machine answers is filed where it belongs and changes nothing there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import Address, IdentityKind, Recipient, Role, Sort
from crm.conversations.closing import close
from crm.conversations.conversation import Conversation, Status
from crm.conversations.pending import set_pending
from crm.conversations.reference import Seal
from crm.outgoing.reply import Reply, State
from crm.outgoing.ways import ways_out
from tests.crm.conftest import Mailbox, mail

AWAY = {"sort": Sort.AUTO_REPLY, "subject": "Automatische Antwort: Battery", "text": "Away."}
MACHINES = (Sort.AUTO_REPLY, Sort.LIST, Sort.BOUNCE)


@pytest.fixture
def key(mailbox: Mailbox) -> str:
    """The Message-ID of our answer to the only customer."""
    mailbox.receives(mail(message_id="q@x"))
    mailbox.answers(1)
    mailbox.delivers()
    return mailbox.source.sent[0].key


@pytest.mark.parametrize("end", [close, set_pending], ids=["closed", "pending"])
@pytest.mark.parametrize("sort", MACHINES)
def test_it_opens_nothing(mailbox: Mailbox, key: str, sort: Sort, end: Callable[..., None]) -> None:
    with mailbox.desk.writing() as session:
        end(session, session.get_one(Conversation, 1), by=mailbox.agent_id)
    before = mailbox.conversations()[0].status
    mailbox.receives(mail(**(AWAY | {"sort": sort, "mentions": (key,)})))
    [after] = mailbox.conversations()
    assert (after.status, after.waiting_since, after.message_count) == (before, None, 3)


def test_a_vacation_answer_finds_home_by_our_signed_address_alone(
    mailbox: Mailbox, key: str
) -> None:
    signed = Seal(mailbox.desk.secret).reply_address("s@x.example", 1, mailbox.channel_id)
    to_us = (Recipient(Address(IdentityKind.EMAIL, signed)),)
    mailbox.receives(mail("holiday@example.org", recipients=to_us, **AWAY))
    assert [one.message_count for one in mailbox.conversations()] == [3]


def test_it_holds_no_reply_that_waits(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    message = mailbox.answers(1)
    mailbox.receives(mail(mentions=("q@x",), **AWAY))
    assert mailbox.delivers() == 1
    assert mailbox.look(lambda s: s.get_one(Reply, message)).state == State.SENT


def test_who_waits_goes_on_waiting(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    since = mailbox.conversations()[0].waiting_since
    mailbox.receives(mail(mentions=("q@x",), **AWAY))
    assert mailbox.conversations()[0].waiting_since == since


def test_it_is_never_answered(mailbox: Mailbox, key: str) -> None:
    """Nothing leaves by itself, and the way out stays that of the person."""
    mailbox.receives(mail("robot@example.org", mentions=(key,), **AWAY))
    assert mailbox.delivers() == 0
    assert mailbox.look(_shown)[0] == "anna@example.org"


def test_one_that_belongs_nowhere_is_kept_closed(mailbox: Mailbox) -> None:
    mailbox.receives(mail(**AWAY))
    [conversation] = mailbox.conversations()
    assert (conversation.status, conversation.waiting_since) == (Status.CLOSED, None)


def test_what_a_colleague_passed_on_in_outlook_answers_nobody(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x", at=now()))
    to_them = (Recipient(Address(IdentityKind.EMAIL, "workshop@vendor.example")),)
    told = {"role": Role.US, "mentions": ("q@x",), "recipients": to_them}
    mailbox.receives(mail("us@lindenrad.example", subject="WG: Battery", **told))
    [conversation] = mailbox.conversations()
    assert (conversation.waiting_since is None, conversation.message_count) == (False, 2)


def _shown(session: Session) -> list[str]:
    return [way.shown for way in ways_out(session, 1)]
