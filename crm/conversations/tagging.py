"""Tags: words that agents put on conversations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm.base import Base, primary_key
from crm.conversations.conversation import Conversation, take
from crm.database import Turn, take_turn
from crm.history.record import record


class Tag(Base):
    __tablename__ = "tag"

    id: Mapped[int] = primary_key()
    name: Mapped[str] = mapped_column(String(60), unique=True)


class ConversationTag(Base):
    """place and order_at are the conversation's, so that a rare tag's list needs no long walk."""

    __tablename__ = "conversation_tag"

    conversation_id: Mapped[int] = mapped_column(ForeignKey(Conversation.id), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger)
    order_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_conversation_tag_list", "tag_id", "place", "order_at", "conversation_id"),
    )


def tag(session: Session, conversation: Conversation, name: str, *, by: int | None) -> None:
    """Put a tag on it, made when it is new; tagging twice changes nothing."""
    name = " ".join(name.replace("\0", "").split())[:60]
    if not name:
        return
    take(session, conversation)
    word = _word(session, name)
    if session.get(ConversationTag, (conversation.id, word.id)) is None:
        session.add(
            ConversationTag(
                conversation_id=conversation.id,
                tag_id=word.id,
                place=conversation.place,
                order_at=conversation.order_at,
            )
        )
        record(
            session,
            "conversation.tagged",
            ("conversation", conversation.id),
            by=by,
            conversation_id=conversation.id,
            tag=name,
        )


def _word(session: Session, name: str) -> Tag:
    word = session.scalar(select(Tag).where(Tag.name == name))
    if word is None:
        take_turn(session, Turn.TAGS)
        word = session.scalar(select(Tag).where(Tag.name == name)) or Tag(name=name)
        session.add(word)
        session.flush()
    return word


def untag(session: Session, conversation: Conversation, name: str, *, by: int | None) -> None:
    """Take a tag off; one that is not there changes nothing."""
    take(session, conversation)
    word = session.scalar(select(Tag).where(Tag.name == name))
    if word is None or session.get(ConversationTag, (conversation.id, word.id)) is None:
        return
    session.execute(
        delete(ConversationTag).where(
            ConversationTag.conversation_id == conversation.id, ConversationTag.tag_id == word.id
        )
    )
    record(
        session,
        "conversation.untagged",
        ("conversation", conversation.id),
        by=by,
        conversation_id=conversation.id,
        tag=name,
    )


def tags_of(session: Session, conversations: list[int]) -> dict[int, list[str]]:
    """The tags of these conversations, each list in alphabetical order."""
    found: dict[int, list[str]] = {number: [] for number in conversations}
    rows = session.execute(
        select(ConversationTag.conversation_id, Tag.name)
        .join(Tag, Tag.id == ConversationTag.tag_id)
        .where(ConversationTag.conversation_id.in_(conversations))
        .order_by(Tag.name)
    )
    for number, name in rows:
        found[number].append(name)
    return found
