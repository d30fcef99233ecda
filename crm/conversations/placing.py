"""Putting a conversation where its state belongs in every list, tags' lists included."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crm.channels.contract import Sort
from crm.conversations.conversation import Conversation
from crm.conversations.message import Direction, Message
from crm.conversations.tagging import ConversationTag


def put_in_place(session: Session, conversation: Conversation) -> None:
    """Arrange the conversation after a change of its state, and its tags with it."""
    conversation.arrange()
    session.flush()
    session.execute(
        update(ConversationTag)
        .where(ConversationTag.conversation_id == conversation.id)
        .values(place=conversation.place, order_at=conversation.order_at)
    )


def unanswered_since(session: Session, conversation_id: int) -> datetime | None:
    """When the customer wrote first without an answer since; None when we wrote last.

    Automatic mail neither waits nor answers.
    """
    answered = (
        select(func.max(Message.moment))
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.OUTGOING,
        )
        .scalar_subquery()
    )
    return session.scalar(
        select(Message.at)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.INCOMING,
            Message.sort == Sort.CUSTOMER,
            Message.moment > func.coalesce(answered, 0),
        )
        .order_by(Message.moment)
        .limit(1)
    )
