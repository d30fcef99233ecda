"""An identity: one address a card is known by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base, primary_key
from crm.contacts.card import Card


class Identity(Base):
    """`value` is normalised, `shown` as it was written.

    It may stand on several cards (a shared mailbox), so value alone is not unique. `verified`:
    a message came through it; otherwise a text merely named it. `pictures_at`: since when
    an agent lets pictures from outside be loaded in what this sender writes.
    """

    __tablename__ = "identity"

    id: Mapped[int] = primary_key()
    card_id: Mapped[int] = mapped_column(ForeignKey(Card.id), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(200), default="")
    value: Mapped[str] = mapped_column(String(500))
    shown: Mapped[str] = mapped_column(Text)
    verified: Mapped[bool] = mapped_column(default=False)
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    pictures_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("kind", "scope", "value", "card_id"),)
