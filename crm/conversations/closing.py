"""Closing a conversation and opening it again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.base import now
from crm.conversations.conversation import Conversation, Status, take
from crm.conversations.placing import put_in_place, unanswered_since
from crm.history.record import record


def close(session: Session, conversation: Conversation, *, by: int | None) -> None:
    """Close it: nobody waits any more. Closing twice changes nothing."""
    take(session, conversation)
    if conversation.status == Status.CLOSED:
        return
    conversation.status, conversation.closed_at = Status.CLOSED, now()
    conversation.waiting_since = conversation.snoozed_until = None
    put_in_place(session, conversation)
    record(
        session,
        "conversation.closed",
        ("conversation", conversation.id),
        by=by,
        conversation_id=conversation.id,
    )


def reopen(session: Session, conversation: Conversation, *, by: int | None) -> None:
    """Open it, from whichever state; a customer without an answer waits again since then."""
    take(session, conversation)
    if conversation.status == Status.OPEN:
        return
    before, conversation.status = conversation.status, Status.OPEN
    conversation.closed_at = conversation.snoozed_until = None
    conversation.waiting_since = unanswered_since(session, conversation.id)
    put_in_place(session, conversation)
    record(
        session,
        "conversation.reopened",
        ("conversation", conversation.id),
        by=by,
        conversation_id=conversation.id,
        before=before,
    )
