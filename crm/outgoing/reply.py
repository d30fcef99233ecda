"""A reply on its way out: the row that is claimed, sent and written back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base
from crm.channels.channel import Channel
from crm.contacts.identity import Identity
from crm.conversations.message import Message


class State(StrEnum):
    """`unknown`: the sender died between sending and writing back, and nobody can tell."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Reply(Base):
    """
    key                made when queued; for mail it is the Message-ID
    due_at             not before; gives undo and send-later
    seen_incoming_id   the newest incoming message its writer had seen; a newer one holds it
    regardless         the agent said: send anyway
    waiting_before     the conversation's waiting_since, given back on undo, hold and failure
    attempts           how often it was claimed
    from_address       which address of ours it leaves from; "" for the channel's first
    forwards_id        the message that it passes on, instead of answering
    """

    __tablename__ = "outgoing"

    message_id: Mapped[int] = mapped_column(ForeignKey(Message.id), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey(Channel.id))
    to_identity_id: Mapped[int] = mapped_column(ForeignKey(Identity.id))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey(Message.id))
    from_address: Mapped[str] = mapped_column(String(320), default="")
    forwards_id: Mapped[int | None] = mapped_column(ForeignKey(Message.id))
    key: Mapped[str] = mapped_column(String(255), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime]
    seen_incoming_id: Mapped[int | None]
    regardless: Mapped[bool] = mapped_column(default=False)
    waiting_before: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    error_words: Mapped[str] = mapped_column(Text, default="")
    remedy: Mapped[str] = mapped_column(Text, default="")
    receipt: Mapped[dict[str, Any] | None]

    __table_args__ = (
        Index(
            "ix_outgoing_due",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_outgoing_unsettled",
            "channel_id",
            "state",
            sqlite_where=text("state IN ('sending', 'unknown', 'failed')"),
            postgresql_where=text("state IN ('sending', 'unknown', 'failed')"),
        ),
    )
