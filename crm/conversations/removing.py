"""Spam and bin: outside all views, and back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.conversations.closing import reopen
from crm.conversations.conversation import Conversation, Place, Status, take
from crm.conversations.placing import put_in_place
from crm.history.record import record


def to_spam(session: Session, conversation: Conversation, *, by: int | None) -> None:
    """Take it out of all views as spam."""
    _take_out(session, conversation, Status.SPAM, by)


def to_bin(session: Session, conversation: Conversation, *, by: int | None) -> None:
    """Take it out of all views."""
    _take_out(session, conversation, Status.BIN, by)


def bring_back(session: Session, conversation: Conversation, *, by: int | None) -> None:
    """Open it again; what was not taken out stays as it is."""
    take(session, conversation)
    if conversation.place == Place.OUTSIDE:
        reopen(session, conversation, by=by)


def _take_out(session: Session, conversation: Conversation, status: Status, by: int | None) -> None:
    take(session, conversation)
    if conversation.status == status:
        return
    conversation.status = status
    conversation.waiting_since = conversation.snoozed_until = conversation.closed_at = None
    put_in_place(session, conversation)
    record(
        session,
        f"conversation.{status}",
        ("conversation", conversation.id),
        by=by,
        conversation_id=conversation.id,
    )
