"""Every act leaves exactly one event, in its own transaction, and doing it again leaves none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import Rejected, Temporary
from crm.conversations.assigning import assign
from crm.conversations.closing import close, reopen
from crm.conversations.conversation import Conversation
from crm.conversations.noting import note
from crm.conversations.pending import set_pending
from crm.conversations.removing import bring_back, to_bin, to_spam
from crm.conversations.snoozing import snooze, wake_due
from crm.conversations.tagging import tag, untag
from crm.history.event import Event
from crm.outgoing.hold import hold
from crm.outgoing.queue import cancel
from crm.outgoing.reply import Reply, State
from crm.outgoing.retry import it_went, retry
from crm.outgoing.settling import settle_failed, settle_unknown
from tests.crm.conftest import Mailbox, mail

Act = Callable[[Session, Mailbox], Any]
LATER = timedelta(hours=1)


def of_conversation(act: Callable[[Session, Conversation, int], Any]) -> Act:
    return lambda s, box: act(s, s.get_one(Conversation, 1), box.agent_id)


def of_reply(act: Callable[[Session, int, int], Any]) -> Act:
    return lambda s, box: act(s, s.scalars(select(Reply.message_id)).one(), box.agent_id)


def _sleep(session: Session, conversation: Conversation, by: int) -> None:
    snooze(session, conversation, now() + LATER, by=by)


def _oversleep(session: Session, conversation: Conversation, by: int) -> None:
    _sleep(session, conversation, by)
    conversation.snoozed_until = now() - LATER
    conversation.arrange()


CLOSE = of_conversation(lambda s, c, by: close(s, c, by=by))
REOPEN = of_conversation(lambda s, c, by: reopen(s, c, by=by))
PENDING = of_conversation(lambda s, c, by: set_pending(s, c, by=by))
SPAM = of_conversation(lambda s, c, by: to_spam(s, c, by=by))
BIN = of_conversation(lambda s, c, by: to_bin(s, c, by=by))
BACK = of_conversation(lambda s, c, by: bring_back(s, c, by=by))
ASSIGN = of_conversation(lambda s, c, by: assign(s, c, by, by=by))
RELEASE = of_conversation(lambda s, c, by: assign(s, c, None, by=by))
TAG = of_conversation(lambda s, c, by: tag(s, c, "Warranty", by=by))
UNTAG = of_conversation(lambda s, c, by: untag(s, c, "Warranty", by=by))
NOTE = of_conversation(lambda s, c, by: note(s, c, "Call her.", by=by))
SNOOZE = of_conversation(_sleep)
OVERSLEEP = of_conversation(_oversleep)
CANCEL = of_reply(lambda s, number, by: cancel(s, number, by=by))
RETRY = of_reply(lambda s, number, by: retry(s, number, by=by))
WENT = of_reply(lambda s, number, by: it_went(s, number, by=by))
FAIL = of_reply(lambda s, number, by: settle_failed(s, s.get_one(Reply, number), Rejected("no")))
LOSE = of_reply(lambda s, number, by: settle_unknown(s, s.get_one(Reply, number)))


def wake(session: Session, _box: Mailbox) -> None:
    wake_due(session)


@pytest.mark.parametrize(
    ("before", "act", "kind", "by_agent"),
    [
        ([], CLOSE, "conversation.closed", True),
        ([CLOSE], REOPEN, "conversation.reopened", True),
        ([], PENDING, "conversation.pending", True),
        ([OVERSLEEP], wake, "conversation.woken", False),
        ([], SPAM, "conversation.spam", True),
        ([], BIN, "conversation.bin", True),
        ([SPAM], BACK, "conversation.reopened", True),
        ([], ASSIGN, "conversation.assigned", True),
        ([ASSIGN], RELEASE, "conversation.assigned", True),
        ([], TAG, "conversation.tagged", True),
        ([TAG], UNTAG, "conversation.untagged", True),
        ([], NOTE, "message.noted", True),
    ],
)
def test_an_act_on_a_conversation(
    mailbox: Mailbox, before: list[Act], act: Act, kind: str, by_agent: bool
) -> None:
    mailbox.receives(mail())
    for earlier in before:
        do(mailbox, earlier)
    check(mailbox, act, kind, by_agent)


@pytest.mark.parametrize(
    ("before", "act", "kind"),
    [
        ([], CANCEL, "reply.cancelled"),
        ([], FAIL, "reply.failed"),
        ([], LOSE, "reply.unknown"),
        ([FAIL], RETRY, "reply.retried"),
        ([LOSE], RETRY, "reply.retried"),
        ([LOSE], WENT, "reply.sent"),
    ],
)
def test_an_act_on_a_reply(mailbox: Mailbox, before: list[Act], act: Act, kind: str) -> None:
    mailbox.receives(mail())
    mailbox.answers(1, due_at=now() + LATER)
    for earlier in before:
        do(mailbox, earlier)
    check(mailbox, act, kind, by_agent=True)


def test_a_snooze_leaves_one_and_a_new_time_another(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    assert [do(mailbox, SNOOZE), do(mailbox, SNOOZE)] == [["conversation.snoozed"]] * 2


def test_receiving_queueing_sending_and_holding(mailbox: Mailbox) -> None:
    assert since(mailbox, lambda: mailbox.receives(mail(message_id="q@x"))) == [
        "conversation.began",
        "message.received",
    ]
    assert since(mailbox, lambda: mailbox.answers(1)) == ["reply.queued"]
    assert since(mailbox, mailbox.delivers) == ["reply.sent"]
    mailbox.answers(1, "More", due_at=now() + LATER)
    assert do(mailbox, lambda s, box: hold_newest(s)) == ["reply.held"]
    do(mailbox, CLOSE)
    more = mail(mentions=("q@x",))
    assert since(mailbox, lambda: mailbox.receives(more)) == [
        "message.received",
        "conversation.reopened",
    ]


def test_trying_again_later_leaves_none_and_answering_a_closed_one_two(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    do(mailbox, CLOSE)
    assert since(mailbox, lambda: mailbox.answers(1)) == ["conversation.reopened", "reply.queued"]
    mailbox.source.refusal = Temporary("The server is away.")
    assert since(mailbox, mailbox.delivers) == []
    assert mailbox.look(lambda s: s.scalar(select(Reply.state))) == State.WAITING


def check(mailbox: Mailbox, act: Act, kind: str, by_agent: bool) -> None:
    """One event by whom it was, of this conversation; none when it is done again."""
    assert do(mailbox, act) == [kind]
    last = events(mailbox)[-1]
    assert (last.conversation_id, last.agent_id) == (1, mailbox.agent_id if by_agent else None)
    assert do(mailbox, act) == []


def hold_newest(session: Session) -> None:
    hold(session, session.scalars(select(Reply).order_by(Reply.message_id.desc())).first())  # type: ignore[arg-type]


def do(mailbox: Mailbox, act: Act) -> list[str]:
    """The kinds of event that an act leaves."""

    def committed() -> None:
        with mailbox.desk.writing() as session:
            act(session, mailbox)

    return since(mailbox, committed)


def since(mailbox: Mailbox, act: Callable[[], Any]) -> list[str]:
    before = len(events(mailbox))
    act()
    return [event.kind for event in events(mailbox)[before:]]


def events(mailbox: Mailbox) -> list[Event]:
    return mailbox.look(lambda s: list(s.scalars(select(Event).order_by(Event.id))))
