"""A reply that goes out later, and what may happen until then."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from crm.base import now
from crm.conversations.drafting import Draft
from crm.outgoing.queue import cancel, hasten
from crm.outgoing.reply import Reply, State
from tests.crm.conftest import Mailbox, mail

TOMORROW = now() + timedelta(days=1)


def test_it_waits_for_its_time_and_the_customer_counts_as_answered(mailbox: Mailbox) -> None:
    message = later(mailbox)
    assert mailbox.delivers() == 0
    assert mailbox.conversations()[0].waiting_since is None
    come(mailbox, message)
    assert mailbox.delivers() == 1


def test_send_now_does_not_wait_any_longer(mailbox: Mailbox) -> None:
    message = later(mailbox)
    with mailbox.desk.writing() as session:
        assert hasten(session, message, by=mailbox.agent_id)
    assert mailbox.delivers() == 1
    with mailbox.desk.writing() as session:
        assert not hasten(session, message, by=mailbox.agent_id)


def test_it_can_be_taken_back_until_it_is_due(mailbox: Mailbox) -> None:
    message = later(mailbox)
    with mailbox.desk.writing() as session:
        assert cancel(session, message, by=mailbox.agent_id)
    assert mailbox.conversations()[0].waiting_since is not None
    come(mailbox, message)
    assert mailbox.delivers() == 0


def test_what_came_in_until_then_holds_it(mailbox: Mailbox) -> None:
    message = later(mailbox)
    mailbox.receives(mail(mentions=("q@x",), text="It works again!"))
    come(mailbox, message)
    assert mailbox.delivers() == 0
    assert mailbox.look(lambda s: s.get_one(Reply, message)).state == State.HELD
    draft = mailbox.look(lambda s: s.scalars(select(Draft)).one())
    assert (draft.body, draft.held_at is not None) == ("Until tomorrow", True)


def test_send_now_after_something_new_is_held_as_well(mailbox: Mailbox) -> None:
    message = later(mailbox)
    mailbox.receives(mail(mentions=("q@x",), text="It works again!"))
    with mailbox.desk.writing() as session:
        hasten(session, message, by=mailbox.agent_id)
    assert mailbox.delivers() == 0


def later(mailbox: Mailbox) -> int:
    mailbox.receives(mail(message_id="q@x"))
    number: int = mailbox.answers(1, "Until tomorrow", due_at=TOMORROW)
    return number


def come(mailbox: Mailbox, message: int) -> None:
    """The time has come."""
    with mailbox.desk.writing() as session:
        session.get_one(Reply, message).due_at = now()
