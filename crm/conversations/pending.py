"""Pending: we wait for somebody, usually the customer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.conversations.conversation import Conversation, Status, take
from crm.conversations.placing import put_in_place
from crm.history.record import record


def set_pending(session: Session, conversation: Conversation, *, by: int | None) -> None:
    """Wait for somebody; the customer's next message opens it again."""
    take(session, conversation)
    if conversation.status == Status.PENDING:
        return
    conversation.status = Status.PENDING
    conversation.closed_at = conversation.snoozed_until = None
    put_in_place(session, conversation)
    record(
        session,
        "conversation.pending",
        ("conversation", conversation.id),
        by=by,
        conversation_id=conversation.id,
    )
