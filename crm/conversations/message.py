"""A message: one item of a conversation, whichever way it came or went."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm.base import Base, primary_key
from crm.channels.channel import Channel
from crm.channels.contract import Sort
from crm.contacts.identity import Identity
from crm.conversations.conversation import Conversation
from crm.staff.agent import Agent

MOMENTS_A_SECOND = 1024
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Direction(StrEnum):
    INCOMING = "incoming"
    OUTGOING = "outgoing"
    NOTE = "note"


class Message(Base):
    """`moment` orders the thread and is the search key (see `moment_of`).

    at              when the channel received it, or when it was queued
    dated           what the message says of its own date
    identity_id     the address it came through; `agent_id` who of us wrote it
    answer_to_id    the address that it wants answers at, when that is another
    recipients      [{"name", "kind", "value", "way"}]
    sort            contract.Sort; automatic ones change no state
    flags           what could not be read; {"offers": 1042} a reference that was not trusted;
                    {"forwards": 7} the message that it passes on, so that it answers nobody
    copy_of_id      the same mail came by another channel as that message, which alone is shown
    stopped_at      a reply that was taken back, held or failed: it answers nobody
    verdicts        what the receiving server found: contract.VERDICTS -> "pass", "fail", ...
    invitation      a calendar entry that came along (contract.Invitation), times as text
    signature       of an incoming one as it was found below its text, of a reply what it leaves with
    html            sanitised; "" where the text says it all
    letter          the fields read from a scan: [{"name", "value", "confidence", "page", "box"}]
    """

    __tablename__ = "message"

    id: Mapped[int] = primary_key()
    moment: Mapped[int] = mapped_column(BigInteger, unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey(Conversation.id))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey(Channel.id))
    remote_id: Mapped[str | None] = mapped_column(String(500))
    remote_thread: Mapped[str] = mapped_column(String(500), default="")
    message_id: Mapped[str] = mapped_column(String(1000), default="")
    direction: Mapped[str] = mapped_column(String(10))
    sort: Mapped[str] = mapped_column(String(12), default="customer")
    role: Mapped[str] = mapped_column(String(10), default="customer")
    identity_id: Mapped[int | None] = mapped_column(ForeignKey(Identity.id))
    answer_to_id: Mapped[int | None] = mapped_column(ForeignKey(Identity.id))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey(Agent.id))
    at: Mapped[datetime]
    dated: Mapped[datetime | None]
    stored_at: Mapped[datetime]
    visibility: Mapped[str] = mapped_column(String(10), default="private")
    permalink: Mapped[str] = mapped_column(Text, default="")
    raw_sha256: Mapped[str] = mapped_column(String(64), default="")
    raw_type: Mapped[str] = mapped_column(String(100), default="")
    flags: Mapped[dict[str, Any]]
    edited_at: Mapped[datetime | None]
    withheld_at: Mapped[datetime | None]
    copy_of_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    stopped_at: Mapped[datetime | None]
    sender_name: Mapped[str] = mapped_column(Text, default="")
    recipients: Mapped[list[Any]]
    letter: Mapped[list[Any]]
    verdicts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    invitation: Mapped[dict[str, Any] | None]
    subject: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    quoted: Mapped[str] = mapped_column(Text, default="")
    signature: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index("ix_message_conversation", "conversation_id", "moment"),
        Index(
            "uq_message_remote",
            "channel_id",
            "remote_id",
            unique=True,
            sqlite_where=sql("remote_id IS NOT NULL"),
            postgresql_where=sql("remote_id IS NOT NULL"),
        ),
        Index(
            "ix_message_identity",
            "identity_id",
            "moment",
            sqlite_where=sql("identity_id IS NOT NULL"),
            postgresql_where=sql("identity_id IS NOT NULL"),
        ),
    )


def newest(session: Session, conversation_id: int) -> Message | None:
    """The message that was stored last, of those that a person wrote and that still stand."""
    return session.scalar(
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.sort == Sort.CUSTOMER,
            Message.copy_of_id.is_(None),
            Message.stopped_at.is_(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )


def is_again(message: Message, direction: Direction, text: str, by: int) -> bool:
    """Whether this agent wrote exactly this as that message already."""
    return (message.direction, message.text, message.agent_id) == (direction, text, by)


def moment_of(at: datetime) -> int:
    """The first moment of a second: seconds since 2000 times 1024; the rest makes it unique."""
    return int((at - _EPOCH).total_seconds()) * MOMENTS_A_SECOND
