"""Learning: what a message tells of its sender becomes facts on the card, each value once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from crm.channels.contract import Person
from crm.contacts.card import Card
from crm.contacts.fact import Fact

LONGEST = 500
MOST_VALUES = 20
"""Of one field on one card: behind a shared mailbox there may be a hundred names."""

FactKey = tuple[int, str, str]
"""(card, field, value)"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a message of this time told of the person on a card."""

    card_id: int
    person: Person
    at: datetime


def learn(session: Session, told: Sequence[Told], known: Iterable[int]) -> None:
    """Write the facts down; `known` are the cards that may have some already.

    A known card that learns something new is looked at again by the matcher.
    """
    seen, known = _seen(told), set(known)
    there = _there(session, sorted(known))
    counts = Counter((card, field) for card, field, _ in there)
    fresh = []
    for key, times in seen.items():
        card, field, _ = key
        if key not in there and counts[card, field] < MOST_VALUES:
            counts[card, field] += 1
            fresh.append(_row(key, times))
    if fresh:
        session.execute(insert(Fact), fresh)
    _renew(session, [(there[key], times[1]) for key, times in seen.items() if key in there])
    _look_again(session, {row["card_id"] for row in fresh} & known)


def _seen(told: Sequence[Told]) -> dict[FactKey, tuple[datetime, datetime]]:
    """Each value with the first and last time it was told."""
    seen: dict[FactKey, tuple[datetime, datetime]] = {}
    for one in told:
        for field, value in {"name": one.person.name, **one.person.facts}.items():
            if value := value.strip()[:LONGEST]:
                first, last = seen.get((one.card_id, field, value), (one.at, one.at))
                seen[one.card_id, field, value] = min(first, one.at), max(last, one.at)
    return seen


def _there(session: Session, cards: Sequence[int]) -> dict[FactKey, int]:
    there: dict[FactKey, int] = {}
    for start in range(0, len(cards), 400):
        rows = session.execute(
            select(Fact.card_id, Fact.field, Fact.value, Fact.id).where(
                Fact.card_id.in_(cards[start : start + 400])
            )
        )
        there |= {(card, field, value): number for card, field, value, number in rows}
    return there


def _row(key: FactKey, times: tuple[datetime, datetime]) -> dict[str, Any]:
    card, field, value = key
    return {
        "card_id": card,
        "field": field,
        "value": value,
        "verified": False,
        "first_seen": times[0],
        "last_seen": times[1],
    }


def _renew(session: Session, again: Sequence[tuple[int, datetime]]) -> None:
    if again:
        session.connection().execute(
            update(Fact)
            .where(Fact.id == bindparam("number"), Fact.last_seen < bindparam("at"))
            .values(last_seen=bindparam("at")),
            [{"number": number, "at": at} for number, at in again],
        )


def _look_again(session: Session, cards: set[int]) -> None:
    if cards:
        session.execute(update(Card).where(Card.id.in_(cards)).values(matched_at=None))
