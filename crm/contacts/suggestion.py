"""Suggestions: two cards may be one person, with the reasons; accepted, declined or put off."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base
from crm.contacts.card import Card


class State(StrEnum):
    OPEN = "open"
    LATER = "later"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Suggestion(Base):
    """`score` is a probability; `reasons` a list of {"field", "verdict", "bits", "left", "right"}."""

    __tablename__ = "suggestion"

    card_a: Mapped[int] = mapped_column(ForeignKey(Card.id), primary_key=True)
    card_b: Mapped[int] = mapped_column(ForeignKey(Card.id), primary_key=True)
    score: Mapped[float] = mapped_column(Float)
    reasons: Mapped[list[Any]]
    weights_version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(12), default=State.OPEN)
    at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_suggestion_state_score", "state", "score"),)


class MatchKey(Base):
    """Where a card can be found by what it shares with others: (kind, value) -> card."""

    __tablename__ = "match_key"

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey(Card.id), primary_key=True)

    __table_args__ = (Index("ix_match_key_card_id", "card_id"),)
