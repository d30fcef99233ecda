"""One line of the history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, FetchedValue, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base, primary_key


class Event(Base):
    """What happened to a thing. No foreign keys: it outlives what it tells of.

    `tx` is the transaction that wrote it (PostgreSQL fills it, SQLite has one writer and needs
    none): a reader may pass only events of transactions that can no longer be overtaken.
    """

    __tablename__ = "event"

    id: Mapped[int] = primary_key()
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    agent_id: Mapped[int | None]
    subject_kind: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    conversation_id: Mapped[int | None]
    card_id: Mapped[int | None]
    data: Mapped[dict[str, Any]]
    tx: Mapped[int | None] = mapped_column(BigInteger, FetchedValue())

    __table_args__ = (
        Index("ix_event_conversation_id_id", "conversation_id", "id"),
        Index("ix_event_card_id_id", "card_id", "id"),
    )
