"""Suggestions on the agent's desk: shown with reasons, accepted, declined or put off."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from crm.base import now
from crm.contacts.card import Card
from crm.contacts.compare import Reason
from crm.contacts.merge import DistinctPair, Merge, declare_distinct, merge
from crm.contacts.suggestion import State, Suggestion
from crm.contacts.view import names
from crm.history.record import record

COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cards that may be one person, as the page shows them."""

    card_a: int
    card_b: int
    contact_a: int
    contact_b: int
    name_a: str
    name_b: str
    score: float
    reasons: tuple[Reason, ...]


def open_suggestions(session: Session, limit: int = 50) -> list[Pair]:
    """What waits for a decision, the likeliest first; of one pair of contacts the best."""
    return _pairs(session, _open(Suggestion.state == State.OPEN), limit)


def suggestions_of(session: Session, contact_id: int) -> list[Pair]:
    """The open suggestions of one contact, also those put off, the likeliest first."""
    one, other = Cards
    theirs = or_(one.contact_id == contact_id, other.contact_id == contact_id)
    undecided = Suggestion.state.in_((State.OPEN, State.LATER))
    return _pairs(session, _open(and_(undecided, theirs)), limit=20)


def count_open(session: Session) -> int:
    """How many pairs of contacts wait, at most 1000."""
    one, other = Cards
    waiting = (
        _open(Suggestion.state == State.OPEN)
        .with_only_columns(
            case((one.contact_id < other.contact_id, one.contact_id), else_=other.contact_id),
            case((one.contact_id < other.contact_id, other.contact_id), else_=one.contact_id),
        )
        .distinct()
        .limit(COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def accept(session: Session, a: int, b: int, *, by: int) -> Merge:
    """They are one: join them by the suggestion's evidence. Raises AlreadyOne, LookupError."""
    row = _row(session, a, b)
    edge = merge(
        session, a, b, by=by, score=row.score, reasons=row.reasons,
        weights_version=row.weights_version,
    )  # fmt: skip
    _decide(session, row, State.ACCEPTED, by)
    return edge


def decline(session: Session, a: int, b: int, *, by: int) -> None:
    """They are not one: remembered, so that nothing joins or suggests them. Raises LookupError."""
    row = _row(session, a, b)
    declare_distinct(session, a, b, by=by)
    _decide(session, row, State.DECLINED, by)


def later(session: Session, a: int, b: int, *, by: int) -> None:
    """Put it off: it leaves the queue and stays with the contacts. Raises LookupError."""
    _decide(session, _row(session, a, b), State.LATER, by)


def reconsider(session: Session, a: int, b: int, *, by: int) -> None:
    """Take a decision back: it waits again, and a standing "not the same" is retired.

    Raises LookupError; what joined them is taken apart by `unmerge`.
    """
    row = _row(session, a, b)
    pair = session.get(DistinctPair, (row.card_a, row.card_b))
    if pair is not None and pair.retired_at is None:
        pair.retired_at = now()
    _decide(session, row, State.OPEN, by)


Cards = (aliased(Card), aliased(Card))


def _open(clause: ColumnElement[bool]) -> Select[Suggestion, int, int]:
    """Suggestions between two contacts that nobody declared different, by any of their cards."""
    one, other = Cards
    near, far = aliased(Card), aliased(Card)
    declared = (
        select(DistinctPair.card_a)
        .join(near, near.id == DistinctPair.card_a)
        .join(far, far.id == DistinctPair.card_b)
        .where(
            DistinctPair.retired_at.is_(None),
            or_(
                and_(near.contact_id == one.contact_id, far.contact_id == other.contact_id),
                and_(near.contact_id == other.contact_id, far.contact_id == one.contact_id),
            ),
        )
    )
    return (
        select(Suggestion, one.contact_id, other.contact_id)
        .join(one, one.id == Suggestion.card_a)
        .join(other, other.id == Suggestion.card_b)
        .where(clause, one.contact_id != other.contact_id, ~declared.exists())
    )


def _pairs(session: Session, query: Select[Suggestion, int, int], limit: int) -> list[Pair]:
    best: dict[frozenset[int], tuple[Suggestion, int, int]] = {}
    likeliest = query.order_by(Suggestion.score.desc(), Suggestion.card_a, Suggestion.card_b)
    for row, contact_a, contact_b in session.execute(likeliest.limit(limit * MOST_ROWS_OF_A_PAIR)):
        best.setdefault(frozenset((contact_a, contact_b)), (row, contact_a, contact_b))
    rows = list(best.values())[:limit]
    called = names(session, {contact for _, *both in rows for contact in both})
    return [_pair(row, one, other, called) for row, one, other in rows]


MOST_ROWS_OF_A_PAIR = 8
"""Contacts of several cards may be suggested by several of them; so many are read for each pair."""


def _pair(row: Suggestion, one: int, other: int, called: dict[int, str]) -> Pair:
    reasons = tuple(Reason(**reason) for reason in row.reasons)
    return Pair(row.card_a, row.card_b, one, other, called[one], called[other], row.score, reasons)


def _row(session: Session, a: int, b: int) -> Suggestion:
    row = session.get(Suggestion, (min(a, b), max(a, b)))
    if row is None:
        raise LookupError(f"cards {a} and {b} are not suggested")
    return row


def _decide(session: Session, row: Suggestion, state: State, by: int) -> None:
    row.state, row.decided_by, row.decided_at = state, by, now()
    session.flush()
    record(
        session, f"suggestion.{state}", ("card", row.card_a), by=by, card_id=row.card_a,
        card_a=row.card_a, card_b=row.card_b, score=row.score,
    )  # fmt: skip
