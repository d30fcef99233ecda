"""Putting a conversation where its state belongs in every list, tags' lists included."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel
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


def take_back(session: Session, conversation: Conversation, message: Message) -> None:
    """A message that did not go is no longer counted."""
    message.stopped_at = now()
    session.flush()
    conversation.message_count -= 1
    last = session.scalar(
        select(func.max(Message.at)).where(
            Message.conversation_id == conversation.id,
            Message.direction != Direction.NOTE,
            Message.copy_of_id.is_(None),
            Message.stopped_at.is_(None),
        )
    )
    conversation.last_message_at = last or conversation.last_message_at


def unanswered_since(session: Session, conversation_id: int) -> datetime | None:
    """When the customer wrote first without an answer since; None when we wrote last.

    Automatic mail neither waits nor answers, a reply that was stopped and a message that was
    passed on answer nobody, and nobody waits since before the channel was connected.
    """
    answered = (
        select(func.max(Message.moment))
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.OUTGOING,
            Message.sort == Sort.CUSTOMER,
            Message.stopped_at.is_(None),
            Message.flags["forwards"].as_integer().is_(None),
        )
        .scalar_subquery()
    )
    return session.scalar(
        select(Message.at)
        .join(Channel, Channel.id == Message.channel_id)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.INCOMING,
            Message.sort == Sort.CUSTOMER,
            Message.copy_of_id.is_(None),
            Message.at >= Channel.connected_at,
            Message.moment > func.coalesce(answered, -1),
        )
        .order_by(Message.moment)
        .limit(1)
    )
