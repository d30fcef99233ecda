"""Snoozing: put back until a time, or until the customer writes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.conversations.conversation import Conversation, Place, Status, take
from crm.conversations.placing import put_in_place
from crm.history.record import record


def snooze(
    session: Session,
    conversation: Conversation,
    until: datetime,
    *,
    by: int | None,
    wake_on_reply: bool = True,
) -> None:
    """Put it back until then. Raises ValueError for a time that is over."""
    if until <= now():
        raise ValueError(f"snoozed until {until.isoformat()}, which is over")
    take(session, conversation)
    conversation.status, conversation.snoozed_until = Status.SNOOZED, until
    conversation.wake_on_reply, conversation.closed_at = wake_on_reply, None
    put_in_place(session, conversation)
    record(
        session,
        "conversation.snoozed",
        ("conversation", conversation.id),
        by=by,
        conversation_id=conversation.id,
        until=until.isoformat(),
        wake_on_reply=wake_on_reply,
    )


def wake_due(session: Session) -> int:
    """Open what has slept long enough; returns how many. A status change never sends anything."""
    due = session.scalars(
        select(Conversation)
        .where(Conversation.place == Place.SNOOZED, Conversation.order_at <= now())
        .order_by(Conversation.order_at)
        .limit(500)
        .with_for_update(skip_locked=True)
    ).all()
    for conversation in due:
        conversation.status, conversation.snoozed_until = Status.OPEN, None
        put_in_place(session, conversation)
        record(
            session,
            "conversation.woken",
            ("conversation", conversation.id),
            conversation_id=conversation.id,
        )
    return len(due)
