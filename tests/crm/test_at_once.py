"""Two transactions at the same moment: nothing of either is lost (PostgreSQL; SQLite has one writer)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crm.base import now
from crm.contacts.card import Card
from crm.conversations.closing import close
from crm.conversations.conversation import Conversation, Status
from crm.conversations.noting import note
from crm.conversations.pending import set_pending
from crm.conversations.snoozing import snooze
from crm.conversations.tagging import Tag, tag
from crm.outgoing.deliver import deliver
from crm.outgoing.queue import cancel
from crm.outgoing.reply import Reply, State
from tests.crm.conftest import Mailbox, mail

Act = Callable[[Session, Conversation], Any]


def test_a_mail_and_a_note_at_once_are_both_counted(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    while_held(
        mailbox,
        lambda s, c: note(s, c, "Call her.", by=mailbox.agent_id),
        lambda: mailbox.receives(mail(mentions=("q@x",))),
    )
    assert mailbox.conversations()[0].message_count == 3


def test_an_act_counts_on_what_came_since_its_page_was_loaded(mailbox: Mailbox) -> None:
    if mailbox.desk.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer")
    mailbox.receives(mail(message_id="q@x"))
    with mailbox.desk.writing() as session:
        conversation = session.get_one(Conversation, 1)
        with ThreadPoolExecutor(1) as other:
            other.submit(mailbox.receives, mail(mentions=("q@x",))).result(30)
        note(session, conversation, "Call her.", by=mailbox.agent_id)
    assert mailbox.conversations()[0].message_count == 3


@pytest.mark.parametrize("state", ["closed", "pending", "snoozed"])
def test_a_mail_that_comes_while_an_agent_puts_it_away_opens_it_again(
    mailbox: Mailbox, state: str
) -> None:
    mailbox.receives(mail(message_id="q@x"))
    at = now()
    while_held(mailbox, _put_away(state), lambda: mailbox.receives(mail(mentions=("q@x",), at=at)))
    conversation = mailbox.conversations()[0]
    assert conversation.status == Status.OPEN
    assert (conversation.waiting_since or now()) <= at
    assert conversation.place == 0


def test_closing_while_a_mail_comes_in_closes_what_came_in(mailbox: Mailbox) -> None:
    """The agent closes on another connection than the one that stores the mail."""
    mailbox.receives(mail(message_id="q@x"))

    def act() -> None:
        with mailbox.desk.writing() as session:
            close(session, session.get_one(Conversation, 1), by=mailbox.agent_id)

    acts = [act, lambda: mailbox.receives(mail(mentions=("q@x",)))]
    at_once(acts)
    found = mailbox.conversations()[0]
    assert found.message_count == 2
    assert (found.status == Status.CLOSED) == (found.waiting_since is None)


def test_a_reply_and_a_mail_at_once_leave_the_customer_waiting_for_the_mail(
    mailbox: Mailbox,
) -> None:
    mailbox.receives(mail(message_id="q@x"))
    later = {"due_at": now() + timedelta(hours=1)}
    at_once(
        [
            lambda: mailbox.answers(1, **later),
            lambda: mailbox.receives(mail(mentions=("q@x",))),
        ]
    )
    found = mailbox.conversations()[0]
    reply = mailbox.look(lambda s: s.scalars(select(Reply)).one())
    assert found.message_count == 3
    is_seen = reply.seen_incoming_id == found.last_incoming_id
    assert (found.waiting_since is None) == is_seen


def test_a_new_address_by_two_channels_at_once_is_one_card(mailbox: Mailbox) -> None:
    others = [Mailbox(mailbox.desk, name=f"box{number}") for number in range(3)]
    at_once([lambda box=box: box.receives(mail("new@example.org")) for box in others])
    assert len(mailbox.look(lambda s: s.scalars(select(Card)).all())) == 1


def test_one_mail_by_two_channels_at_once_is_one_conversation(mailbox: Mailbox) -> None:
    others = [Mailbox(mailbox.desk, name=f"box{number}") for number in range(3)]
    at_once([lambda box=box: box.receives(mail(message_id="one@x")) for box in others])
    assert [one.message_count for one in mailbox.conversations()] == [1]


def test_a_reply_is_either_taken_back_or_sent_never_both(mailbox: Mailbox) -> None:
    for round_ in range(5):
        mailbox.receives(mail(f"c{round_}@x.org"))
        message = mailbox.answers(round_ + 1)
        sent, undone = at_once(
            [mailbox.delivers, lambda message=message: _cancel(mailbox, message)]
        )
        assert (sent, undone) in {(1, False), (0, True)}
        state = mailbox.look(lambda s, message=message: s.get_one(Reply, message)).state
        assert state == (State.SENT if sent else State.CANCELLED)


def test_two_senders_send_once(mailbox: Mailbox) -> None:
    mailbox.receives(*(mail(f"c{number}@x.org") for number in range(5)))
    for number in range(1, 6):
        mailbox.answers(number)
    send = lambda: deliver(mailbox.desk, mailbox.channel_id, mailbox.source)  # noqa: E731
    at_once([send, send, send])
    send()
    assert len(mailbox.source.sent) == 5


def test_a_double_click_on_two_workers_is_one_reply(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    seen = mailbox.messages()[0].id
    first, second = at_once([lambda: mailbox.answers(1, "Hello", seen_message_id=seen)] * 2)
    assert first == second


def test_a_new_tag_by_two_agents_at_once_is_one_word(mailbox: Mailbox) -> None:
    mailbox.receives(mail("a@x.org"), mail("b@x.org"))

    def act(number: int) -> None:
        with mailbox.desk.writing() as session:
            tag(session, session.get_one(Conversation, number), "Warranty", by=None)

    at_once([lambda: act(1), lambda: act(2)])
    assert mailbox.look(lambda s: s.scalars(select(Tag.name)).all()) == ["Warranty"]


def while_held(mailbox: Mailbox, act: Act, meanwhile: Callable[[], Any]) -> None:
    """Start `meanwhile` after an agent's act has begun and before it is committed.

    The act's page had loaded the conversation before.
    """
    with ThreadPoolExecutor(1) as other:
        with mailbox.desk.writing() as session:
            conversation = session.get_one(Conversation, 1)
            act(session, conversation)
            if mailbox.desk.engine.dialect.name == "postgresql":
                running = other.submit(meanwhile)
                _wait_for_a_lock(mailbox)
        if mailbox.desk.engine.dialect.name == "sqlite":
            running = other.submit(meanwhile)
        running.result(30)


def _wait_for_a_lock(mailbox: Mailbox) -> None:
    """Until somebody waits for what we hold, as PostgreSQL tells."""
    for _ in range(2000):
        with mailbox.desk.engine.connect() as connection:
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            if connection.scalar(text(waiting)):
                return
    raise AssertionError("nobody waits for the conversation that is being changed")


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Do these on threads of their own, begun together; what they return, in their order."""
    start = threading.Barrier(len(acts))

    def begin(act: Callable[[], Any]) -> Any:
        start.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [running.result(60) for running in [threads.submit(begin, act) for act in acts]]


def _put_away(state: str) -> Act:
    return {
        "closed": lambda s, c: close(s, c, by=None),
        "pending": lambda s, c: set_pending(s, c, by=None),
        "snoozed": lambda s, c: snooze(s, c, now() + timedelta(days=1), by=None),
    }[state]


def _cancel(mailbox: Mailbox, message: int) -> bool:
    with mailbox.desk.writing() as session:
        return cancel(session, message, by=mailbox.agent_id)
