"""Facts: what a card says of its person, field by field, and which value an agent chose."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base, primary_key
from crm.contacts.card import Card
from crm.staff.agent import Agent


class Fact(Base):
    """One value of one field (a key of contract.FACTS)."""

    __tablename__ = "fact"

    id: Mapped[int] = primary_key()
    card_id: Mapped[int] = mapped_column(ForeignKey(Card.id))
    field: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(String(500))
    verified: Mapped[bool] = mapped_column(default=False)
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("card_id", "field", "value"),
        Index("ix_fact_field_value", "field", "value"),
    )


class Choice(Base):
    """The agent's word on a field; it stays on the card where it was given."""

    __tablename__ = "choice"

    card_id: Mapped[int] = mapped_column(ForeignKey(Card.id), primary_key=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    agent_id: Mapped[int] = mapped_column(ForeignKey(Agent.id))
    at: Mapped[datetime]
