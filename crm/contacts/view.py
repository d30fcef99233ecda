"""Viewing a contact: one person's values over all their cards, copied nowhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import FACTS, Family
from crm.contacts.card import Card
from crm.contacts.fact import Choice, Fact
from crm.contacts.identity import Identity
from crm.contacts.merge import DistinctPair, Merge
from crm.contacts.normalise import name_tokens
from crm.history.record import record


@dataclass(frozen=True, slots=True)
class Field:
    """The value that stands, the sources that gave it, and what else was told."""

    name: str
    value: str
    sources: tuple[str, ...]
    chosen: bool
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """An identity with the source of its card; `value` is normalised, `shown` as written."""

    id: int
    kind: str
    scope: str
    shown: str
    verified: bool
    first_seen: datetime
    last_seen: datetime
    source: str
    card_id: int
    value: str


@dataclass(frozen=True, slots=True)
class Contact:
    """`apart`: the standing "not the same" of any of its cards."""

    id: int
    name: str
    company: str
    fields: tuple[Field, ...]
    identities: tuple[KnownAddress, ...]
    cards: tuple[Card, ...]
    merges: tuple[Merge, ...]
    apart: tuple[DistinctPair, ...]

    def value(self, field: str) -> str:
        """What stands for a field, or ""."""
        return next((one.value for one in self.fields if one.name == field), "")


def contact(session: Session, any_card_id: int) -> Contact:
    """The contact that a card belongs to, whichever of its cards is asked for. Raises LookupError."""
    number = session.scalar(select(Card.contact_id).where(Card.id == any_card_id))
    if number is None:
        raise LookupError(f"there is no contact {any_card_id}")
    return contacts(session, [number])[number]


def contacts(session: Session, numbers: Sequence[int]) -> dict[int, Contact]:
    """Several contacts by their ids, in a number of queries that does not grow with theirs."""
    cards: dict[int, list[Card]] = defaultdict(list)
    for card in session.scalars(select(Card).where(Card.contact_id.in_(numbers)).order_by(Card.id)):
        cards[card.contact_id].append(card)
    told = _told(session, numbers)
    addresses = _addresses(session, numbers)
    merges = _merges(session, numbers)
    apart = _apart(session, numbers)
    return {
        number: _contact(
            number, several, told[number], addresses[number], merges[number], apart[number]
        )
        for number, several in cards.items()
    }


def names(session: Session, contact_ids: Iterable[int]) -> dict[int, str]:
    """What to call these contacts: name, else company, else an address; in three queries."""
    numbers = sorted(set(contact_ids))
    told = _told(session, numbers, ("name", "company"))
    found = {number: _called(told[number]) for number in numbers}
    nameless = [number for number, name in found.items() if not name]
    if nameless:
        for number, shown in session.execute(
            select(Card.contact_id, Identity.shown)
            .join(Card, Card.id == Identity.card_id)
            .where(Card.contact_id.in_(nameless))
            .order_by(Identity.verified, Identity.id.desc())
        ):
            found[number] = shown
    return found


def choose(session: Session, card_id: int, field: str, value: str, *, by: int) -> None:
    """An agent's word on a field: it stands before all other values and stays on this card."""
    if field not in FACTS:
        raise ValueError(f"{field} is no field of a contact; fields are {', '.join(FACTS)}")
    choice = session.get(Choice, (card_id, field))
    if choice is None:
        choice = Choice(card_id=card_id, field=field)
        session.add(choice)
    choice.value, choice.agent_id, choice.at = value.strip(), by, now()
    session.flush()
    record(
        session, "contact.field_chosen", ("card", card_id), by=by, card_id=card_id,
        field=field, value=choice.value,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Word:
    """One card's word on a field; `rank` says how much it counts."""

    value: str
    source: str
    chosen: bool
    verified: bool
    from_letter: bool
    at: datetime


_Told = dict[str, list[_Word]]


def _told(
    session: Session, numbers: Sequence[int], fields: Sequence[str] = FACTS
) -> dict[int, _Told]:
    """All words on these fields by contact; a card's own name speaks where no fact does."""
    told: dict[int, _Told] = defaultdict(lambda: defaultdict(list))
    for number, source, family, at, name, fact in session.execute(
        select(Card.contact_id, Card.source, Channel.family, Card.created_at, Card.name, Fact)
        .outerjoin(Channel, Channel.id == Card.channel_id)
        .outerjoin(Fact, (Fact.card_id == Card.id) & Fact.field.in_(fields))
        .where(Card.contact_id.in_(numbers))
        .order_by(Card.id)
    ):
        letter = family == Family.POST
        if fact is not None:
            word = _Word(fact.value, source, False, fact.verified, letter, fact.last_seen)
            told[number][fact.field].append(word)
        elif name and "name" in fields:
            told[number]["name"].append(_Word(name, source, False, False, letter, at))
    for number, choice in session.execute(
        select(Card.contact_id, Choice)
        .join(Card, Card.id == Choice.card_id)
        .where(Card.contact_id.in_(numbers), Choice.field.in_(fields))
        .order_by(Choice.at)
    ):
        word = _Word(choice.value, "agent", True, True, False, choice.at)
        told[number][choice.field].append(word)
    return told


def _ranked(words: Iterable[_Word], fullness: Callable[[str], int]) -> list[str]:
    """Values, the best first: chosen, verified, fullest, not from a letter, newest, commonest."""
    words = list(words)
    counts = Counter(word.value for word in words)
    words.sort(
        key=lambda word: (
            word.chosen, word.verified, fullness(word.value), not word.from_letter, word.at,
            counts[word.value],
        ),
        reverse=True,
    )  # fmt: skip
    return list(dict.fromkeys(word.value for word in words))


@lru_cache(10_000)
def _fullness(name: str) -> int:
    """How many words of a name are written out: "A. Brandt" says less than "Anna Brandt"."""
    return sum(len(word) > 1 for word in name_tokens(name))


def _even(_value: str) -> int:
    return 0


FULLNESS = {"name": _fullness}


def _called(told: Mapping[str, list[_Word]]) -> str:
    ranked = [
        _ranked(told.get(field, ()), FULLNESS.get(field, _even)) for field in ("name", "company")
    ]
    return next((value for values in ranked for value in values if value), "")


def _field(name: str, words: Sequence[_Word]) -> Field:
    value, *others = _ranked(words, FULLNESS.get(name, _even))
    sources = dict.fromkeys(word.source for word in words if word.value == value)
    chosen = any(word.chosen and word.value == value for word in words)
    return Field(name, value, tuple(sources), chosen, tuple(others))


def _contact(
    number: int,
    cards: Sequence[Card],
    told: Mapping[str, list[_Word]],
    addresses: Sequence[KnownAddress],
    merges: Sequence[Merge],
    apart: Sequence[DistinctPair],
) -> Contact:
    fields = tuple(_field(field, told[field]) for field in FACTS if told.get(field))
    company = next((field.value for field in fields if field.name == "company"), "")
    shown = next((address.shown for address in addresses if address.verified), "")
    return Contact(
        number, _called(told) or shown, company, fields, tuple(addresses), tuple(cards),
        tuple(merges), tuple(apart),
    )  # fmt: skip


def _addresses(session: Session, numbers: Sequence[int]) -> dict[int, list[KnownAddress]]:
    """Verified ones first, then as they came."""
    found: dict[int, list[KnownAddress]] = defaultdict(list)
    for number, source, row in session.execute(
        select(Card.contact_id, Card.source, Identity)
        .join(Identity, Identity.card_id == Card.id)
        .where(Card.contact_id.in_(numbers))
        .order_by(Identity.verified.desc(), Identity.id)
    ):
        seen = (row.verified, row.first_seen, row.last_seen)
        whence = (source, row.card_id, row.value)
        address = KnownAddress(row.id, row.kind, row.scope, row.shown, *seen, *whence)
        found[number].append(address)
    return found


def _merges(session: Session, numbers: Sequence[int]) -> dict[int, list[Merge]]:
    found: dict[int, list[Merge]] = defaultdict(list)
    for number, row in session.execute(
        select(Card.contact_id, Merge)
        .join(Card, Card.id == Merge.card_a)
        .where(Card.contact_id.in_(numbers), Merge.undone_at.is_(None))
        .order_by(Merge.id)
    ):
        found[number].append(row)
    return found


def _apart(session: Session, numbers: Sequence[int]) -> dict[int, list[DistinctPair]]:
    found: dict[int, list[DistinctPair]] = defaultdict(list)
    for number, row in session.execute(
        select(Card.contact_id, DistinctPair)
        .join(Card, or_(Card.id == DistinctPair.card_a, Card.id == DistinctPair.card_b))
        .where(Card.contact_id.in_(numbers), DistinctPair.retired_at.is_(None))
        .order_by(DistinctPair.card_a, DistinctPair.card_b)
    ):
        if row not in found[number]:
            found[number].append(row)
    return found
