"""Merging: two cards joined by an edge, taken apart again in any order.

Standing merges form a forest over cards, so that undoing any one splits exactly there.
`Card.contact_id` is nothing but the smallest card id of the component, written down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from crm.base import Base, now, primary_key
from crm.contacts.card import Card
from crm.history.record import record


class Merge(Base):
    """The edge between the two cards whose evidence spoke. `reasons` are those of the suggestion."""

    __tablename__ = "merge"

    id: Mapped[int] = primary_key()
    card_a: Mapped[int] = mapped_column(ForeignKey(Card.id))
    card_b: Mapped[int] = mapped_column(ForeignKey(Card.id))
    score: Mapped[float | None] = mapped_column(Float)
    reasons: Mapped[list[Any]]
    weights_version: Mapped[int | None]
    by: Mapped[int | None]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("card_a < card_b", name="ordered"),
        Index("ix_merge_card_a", "card_a"),
        Index(
            "ix_merge_card_b",
            "card_b",
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )


class DistinctPair(Base):
    """Declared not the same person; blocks automatic joins and suggestions until retired."""

    __tablename__ = "distinct_pair"

    card_a: Mapped[int] = mapped_column(ForeignKey(Card.id), primary_key=True)
    card_b: Mapped[int] = mapped_column(ForeignKey(Card.id), primary_key=True)
    by: Mapped[int | None]
    at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class AlreadyOne(ValueError):
    """Both cards already belong to one contact."""


def merge(
    session: Session,
    one: int,
    other: int,
    *,
    by: int | None,
    score: float | None = None,
    reasons: Iterable[Any] = (),
    weights_version: int | None = None,
) -> Merge:
    """Join the contacts of two cards by an edge between these two.

    A person's merge retires a standing "not the same" between these cards. Raises AlreadyOne.
    """
    _one_at_a_time(session)
    card_a, card_b = sorted((one, other))
    contact_a, contact_b = (_contact(session, card) for card in (card_a, card_b))
    if contact_a == contact_b:
        raise AlreadyOne(f"cards {card_a} and {card_b} already are one contact")
    edge = Merge(
        card_a=card_a,
        card_b=card_b,
        score=score,
        reasons=list(reasons),
        weights_version=weights_version,
        by=by,
        at=now(),
    )
    session.add(edge)
    session.execute(
        update(DistinctPair)
        .where(DistinctPair.card_a == card_a, DistinctPair.card_b == card_b)
        .values(retired_at=now())
    )
    low, high = sorted((contact_a, contact_b))
    session.execute(update(Card).where(Card.contact_id == high).values(contact_id=low))
    session.flush()
    record(
        session,
        "contact.merged",
        ("merge", edge.id),
        by=by,
        card_id=low,
        card_a=card_a,
        card_b=card_b,
        other=high,
    )
    return edge


def unmerge(session: Session, edge: Merge, *, by: int | None) -> tuple[int, int]:
    """Take apart exactly what this edge joined; returns the ids of the two contacts.

    Undoing twice changes nothing. The pair is remembered as not the same.
    """
    _one_at_a_time(session)
    session.refresh(edge)
    if edge.undone_at is None:
        contact = _contact(session, edge.card_a)
        edge.undone_at, edge.undone_by = now(), by
        session.flush()
        _relabel(session, contact)
        declare_distinct(session, edge.card_a, edge.card_b, by=by)
        record(
            session,
            "contact.unmerged",
            ("merge", edge.id),
            by=by,
            card_id=contact,
            card_a=edge.card_a,
            card_b=edge.card_b,
        )
    return _contact(session, edge.card_a), _contact(session, edge.card_b)


def _one_at_a_time(session: Session) -> None:
    """Let no other transaction merge or take apart until this one ends, else two edges could
    close a circle. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_MERGING)))


_MERGING = 0x4D52


def declare_distinct(session: Session, one: int, other: int, *, by: int | None) -> None:
    """Say that two cards are not the same person; saying it again renews it."""
    card_a, card_b = sorted((one, other))
    pair = session.get(DistinctPair, (card_a, card_b))
    if pair is None:
        session.add(DistinctPair(card_a=card_a, card_b=card_b, by=by, at=now()))
    elif pair.retired_at is not None:
        pair.retired_at, pair.by, pair.at = None, by, now()
    session.flush()


def distinct_contacts(session: Session, contacts: Iterable[int]) -> set[tuple[int, int]]:
    """Which of these contacts are declared not the same as which others; smaller id first."""
    wanted, one, other = list(contacts), aliased(Card), aliased(Card)
    pairs = session.execute(
        select(one.contact_id, other.contact_id)
        .select_from(DistinctPair)
        .join(one, one.id == DistinctPair.card_a)
        .join(other, other.id == DistinctPair.card_b)
        .where(
            DistinctPair.retired_at.is_(None),
            or_(one.contact_id.in_(wanted), other.contact_id.in_(wanted)),
        )
    )
    return {(min(pair), max(pair)) for pair in pairs}


def standing(session: Session, contact: int) -> list[Merge]:
    """The standing merges of a contact, oldest first."""
    return list(
        session.scalars(
            select(Merge)
            .join(Card, Card.id == Merge.card_a)
            .where(Card.contact_id == contact, Merge.undone_at.is_(None))
            .order_by(Merge.id)
        )
    )


def components(cards: Iterable[int], edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each card's contact: the smallest card that edges connect it with."""
    near: dict[int, list[int]] = defaultdict(list)
    for card_a, card_b in edges:
        near[card_a].append(card_b)
        near[card_b].append(card_a)
    contact: dict[int, int] = {}
    for card in sorted(cards):
        waiting = [] if card in contact else [card]
        while waiting:
            reached = waiting.pop()
            if reached not in contact:
                contact[reached] = card
                waiting += near[reached]
    return contact


def _relabel(session: Session, contact: int) -> None:
    cards = session.scalars(select(Card.id).where(Card.contact_id == contact)).all()
    edges = [(edge.card_a, edge.card_b) for edge in standing(session, contact)]
    labels = components(cards, edges)
    for label in set(labels.values()) - {contact}:
        members = [card for card in cards if labels[card] == label]
        session.execute(update(Card).where(Card.id.in_(members)).values(contact_id=label))


def _contact(session: Session, card: int) -> int:
    contact = session.scalar(select(Card.contact_id).where(Card.id == card))
    if contact is None:
        raise LookupError(f"there is no card {card}")
    return contact
