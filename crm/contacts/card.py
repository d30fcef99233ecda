"""A card: what one source once told about one person; never deleted, never re-parented."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base, primary_key
from crm.channels.channel import Channel


class Card(Base):
    """`contact_id` is the smallest card id of its component of standing merges: the contact's id."""

    __tablename__ = "card"

    id: Mapped[int] = primary_key()
    contact_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(50))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey(Channel.id))
    external_id: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    matched_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_card_unmatched",
            "id",
            sqlite_where=text("matched_at IS NULL"),
            postgresql_where=text("matched_at IS NULL"),
        ),
    )
