"""Internal notes: for colleagues only; they change nothing about who waits."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from crm.base import now
from crm.conversations.conversation import Conversation, take
from crm.conversations.message import Direction, Message, is_again, newest
from crm.conversations.moments import give_moments
from crm.history.record import record

TWICE = timedelta(seconds=10)
"""Within this time the same words are the same note, posted twice."""


def note(session: Session, conversation: Conversation, text: str, *, by: int) -> Message:
    """Add a note; the same once more is the first one. Raises ValueError when it is empty."""
    text = text.replace("\0", "").strip()
    if not text:
        raise ValueError("an empty note")
    take(session, conversation)
    at = now()
    last = newest(session, conversation.id)
    if last is not None and last.at > at - TWICE and is_again(last, Direction.NOTE, text, by):
        return last
    message = Message(
        moment=give_moments(session, [at])[0],
        conversation_id=conversation.id,
        direction=Direction.NOTE,
        agent_id=by,
        role="us",
        at=at,
        stored_at=at,
        flags={},
        recipients=[],
        letter=[],
        text=text,
    )
    session.add(message)
    conversation.message_count += 1
    session.flush()
    record(
        session,
        "message.noted",
        ("message", message.id),
        by=by,
        conversation_id=conversation.id,
    )
    return message
