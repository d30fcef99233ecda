"""Whatever is done in whatever order, the lists follow from the states and the counts from the lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import Rejected, Role, Sort
from crm.conversations.assigning import assign
from crm.conversations.closing import close, reopen
from crm.conversations.conversation import Conversation, Place, Status, place_of
from crm.conversations.message import Message
from crm.conversations.noting import note
from crm.conversations.pending import set_pending
from crm.conversations.removing import bring_back, to_bin, to_spam
from crm.conversations.snoozing import snooze, wake_due
from crm.conversations.tagging import ConversationTag, tag, untag
from crm.conversations.tray import View, counts, page
from crm.outgoing.queue import cancel
from crm.outgoing.reply import Reply, State
from crm.outgoing.retry import it_went, retry
from tests.crm.conftest import Mailbox, mail

Step = Callable[[Mailbox, int], Any]


def on_conversation(act: Callable[[Session, Conversation], Any]) -> Step:
    def step(mailbox: Mailbox, number: int) -> None:
        with mailbox.desk.writing() as session:
            act(session, session.get_one(Conversation, number))

    return step


def on_reply(act: Callable[[Session, int], Any]) -> Step:
    """To the newest reply of the conversation, when there is one."""

    def step(mailbox: Mailbox, number: int) -> None:
        with mailbox.desk.writing() as session:
            last = session.scalar(
                select(func.max(Reply.message_id))
                .join(Message, Message.id == Reply.message_id)
                .where(Message.conversation_id == number)
            )
            if last is not None:
                act(session, last)

    return step


def writes(**more: Any) -> Step:
    return lambda box, number: box.receives(mail(mentions=(f"q{number}@x",), **more))


def sends(refusal: Exception | None = None) -> Step:
    def step(mailbox: Mailbox, number: int) -> None:
        mailbox.source.refusal = refusal
        mailbox.delivers()

    return step


def sleeps(session: Session, conversation: Conversation) -> None:
    snooze(session, conversation, now() + timedelta(days=1), by=None)


def oversleeps(session: Session, conversation: Conversation) -> None:
    if conversation.status == Status.SNOOZED:
        conversation.snoozed_until = now() - timedelta(days=1)
        conversation.arrange()
        session.flush()
        wake_due(session)


STEPS: dict[str, Step] = {
    "writes": writes(),
    "wrote before": writes(at=now() - timedelta(hours=3)),
    "wrote long before": writes(at=now() - timedelta(days=100)),
    "is away": writes(sort=Sort.AUTO_REPLY),
    "is answered elsewhere": writes(role=Role.US),
    "is answered": lambda box, number: box.answers(number, f"Hello {now()}"),
    "undo": on_reply(lambda s, reply: cancel(s, reply, by=None)),
    "retry": on_reply(lambda s, reply: retry(s, reply, by=None)),
    "it went": on_reply(lambda s, reply: it_went(s, reply, by=None)),
    "sent": sends(),
    "rejected": sends(Rejected("no")),
    "lost": sends(RuntimeError("after DATA")),
    "close": on_conversation(lambda s, c: close(s, c, by=None)),
    "reopen": on_conversation(lambda s, c: reopen(s, c, by=None)),
    "pending": on_conversation(lambda s, c: set_pending(s, c, by=None)),
    "snooze": on_conversation(sleeps),
    "wake": on_conversation(oversleeps),
    "spam": on_conversation(lambda s, c: to_spam(s, c, by=None)),
    "bin": on_conversation(lambda s, c: to_bin(s, c, by=None)),
    "bring back": on_conversation(lambda s, c: bring_back(s, c, by=None)),
    "note": on_conversation(lambda s, c: note(s, c, f"{now()}", by=1)),
    "tag": on_conversation(lambda s, c: tag(s, c, "Warranty", by=None)),
    "untag": on_conversation(lambda s, c: untag(s, c, "Warranty", by=None)),
    "mine": on_conversation(lambda s, c: assign(s, c, 1, by=None)),
    "nobody's": on_conversation(lambda s, c: assign(s, c, None, by=None)),
}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_places_and_counts_follow(mailbox: Mailbox, history: list[str]) -> None:
    number = len(mailbox.conversations()) + 1
    mailbox.receives(mail(f"c{number}@x.org", message_id=f"q{number}@x"))
    mailbox.receives(mail(f"c{number}@x.org", message_id=f"q{number}@x", text="And now?"))
    for step in history:
        STEPS[step](mailbox, number)
    mailbox.look(lambda s: check(s, s.get_one(Conversation, number)))
    counted = mailbox.look(lambda s: counts(s, 1))
    assert counted == {view: mailbox.look(lambda s, v=view: length(s, v)) for view in View}


def check(session: Session, found: Conversation) -> None:
    assert (found.place, found.order_at) == place_of(
        found.status,
        found.waiting_since,
        found.snoozed_until,
        found.closed_at,
        found.last_message_at,
    )
    assert (found.place == Place.CLOSED) == (found.closed_at is not None)
    assert (found.place == Place.SNOOZED) == (found.snoozed_until is not None)
    assert found.place != Place.CLOSED or found.waiting_since is None
    tagged = select(ConversationTag.place, ConversationTag.order_at)
    for row in session.execute(tagged.where(ConversationTag.conversation_id == found.id)):
        assert tuple(row) == (found.place, found.order_at)
    assert found.message_count == session.scalar(
        select(func.count(Message.id))
        .outerjoin(Reply, Reply.message_id == Message.id)
        .where(
            Message.conversation_id == found.id,
            func.coalesce(Reply.state, "").not_in((State.CANCELLED, State.HELD)),
        )
    )
    assert found.last_incoming_id == session.scalar(
        select(func.max(Message.id)).where(
            Message.conversation_id == found.id,
            Message.direction == "incoming",
            Message.sort == "customer",
        )
    )


def length(session: Session, view: View) -> int:
    """As long as all its pages together."""
    seen, after = 0, ""
    while True:
        found = page(session, view, 1, after=after)
        seen, after = seen + len(found.rows), found.next
        if not after:
            return min(seen, 1000)
