"""Putting a conversation where its state belongs in every list, tags' lists included."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crm.channels.contract import Sort
from crm.conversations.conversation import Conversation
from crm.conversations.message import Direction, Message
from crm.conversations.tagging import ConversationTag


def put_in_place(session: Session, *conversations: Conversation) -> None:
    """Arrange conversations after a change of their states, and their tags with them."""
    for conversation in conversations:
        conversation.arrange()
    session.flush()
    numbers = [conversation.id for conversation in conversations]
    own = select(Conversation).where(Conversation.id == ConversationTag.conversation_id)
    session.execute(
        update(ConversationTag)
        .where(ConversationTag.conversation_id.in_(numbers))
        .values(
            place=own.with_only_columns(Conversation.place).scalar_subquery(),
            order_at=own.with_only_columns(Conversation.order_at).scalar_subquery(),
        )
        .execution_options(synchronize_session=False)
    )


def unanswered_since(session: Session, conversation_id: int) -> datetime | None:
    """When the customer wrote first without an answer since; None when we wrote last.

    Automatic mail neither waits nor answers, and a reply that was stopped answers nobody.
    """
    answered = (
        select(func.max(Message.moment))
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.OUTGOING,
            Message.sort == Sort.CUSTOMER,
            Message.stopped_at.is_(None),
        )
        .scalar_subquery()
    )
    return session.scalar(
        select(Message.at)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.INCOMING,
            Message.sort == Sort.CUSTOMER,
            Message.copy_of_id.is_(None),
            Message.moment > func.coalesce(answered, -1),
        )
        .order_by(Message.moment)
        .limit(1)
    )
