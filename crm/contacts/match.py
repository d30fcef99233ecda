"""Matching: new cards looked up by their keys, compared, and suggested where they may be one.

It runs after a pull's commit in transactions of its own, so that no pull waits for it, and joins
nothing by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from sqlalchemy import delete, func, insert, literal, or_, select, union_all, update
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.lock import hold
from crm.contacts.card import Card
from crm.contacts.compare import Reason, Verdict, compare
from crm.contacts.fact import Fact
from crm.contacts.identity import Identity
from crm.contacts.keys import CAPS, Key, keys_of
from crm.contacts.merge import distinct_contacts
from crm.contacts.names import Frequency
from crm.contacts.profile import Profile
from crm.contacts.suggestion import MatchKey, State, Suggestion
from crm.contacts.weights import SUGGEST, VERSION, share
from crm.desk import Desk

BATCH = 25
MAX_CANDIDATES = 200
MAX_COUNTED = 5000
ALL_CHANNELS = 0


def match_new(desk: Desk, limit: int = 500) -> int:
    """Match the cards that nobody looked at yet, at most `limit`; returns how many.

    0 as well where another process is at it.
    """
    done = 0
    with hold(desk.engine, desk.locks, ALL_CHANNELS, "match") as is_ours:
        while is_ours and done < limit:
            with desk.writing() as session:
                matched = _match_batch(session, min(BATCH, limit - done))
            if not matched:
                break
            done += matched
    return done


@dataclass(frozen=True, slots=True)
class Known:
    """A card as the matcher sees it."""

    contact_id: int
    profile: Profile


def read_cards(session: Session, cards: Sequence[int]) -> dict[int, Known]:
    """What these cards say, in three queries; of several values of a field the newest."""
    found = {
        card: Known(contact, Profile(name=name))
        for card, contact, name in session.execute(
            select(Card.id, Card.contact_id, Card.name).where(Card.id.in_(cards)).order_by(Card.id)
        )
    }
    facts: dict[int, dict[str, str]] = defaultdict(dict)
    for card, field, value in session.execute(
        select(Fact.card_id, Fact.field, Fact.value)
        .where(Fact.card_id.in_(cards), Fact.field.in_(FIELDS))
        .order_by(Fact.last_seen, Fact.id)
    ):
        facts[card][field] = value
    addresses: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for card, kind, scope, value in session.execute(
        select(Identity.card_id, Identity.kind, Identity.scope, Identity.value)
        .where(Identity.card_id.in_(cards))
        .order_by(Identity.id)
    ):
        addresses[card][kind].append((scope, value) if kind == "handle" else value)
    return {
        card: Known(known.contact_id, _profile(known.profile.name, facts[card], addresses[card]))
        for card, known in found.items()
    }


FIELDS = ("name", "company", "street", "postcode", "city", "birth_date", "customer_number")


def _profile(name: str, facts: Mapping[str, str], addresses: Mapping[str, list[Any]]) -> Profile:
    return Profile(
        **{"name": name, **facts},
        emails=tuple(addresses.get("email", ())),
        phones=tuple(addresses.get("phone", ())),
        handles=tuple(addresses.get("handle", ())),
    )


def _match_batch(session: Session, size: int) -> int:
    """The oldest unmatched cards; one that a pull is just changing is left for later."""
    cards = session.scalars(
        select(Card.id)
        .where(Card.matched_at.is_(None))
        .order_by(Card.id)
        .limit(size)
        .with_for_update(skip_locked=True)
    ).all()
    if cards:
        known = read_cards(session, cards)
        keys = {card: keys_of(known[card].profile) for card in cards}
        _write_keys(session, keys)
        _suggest(session, cards, _likely_pairs(session, known, keys))
        session.execute(update(Card).where(Card.id.in_(cards)).values(matched_at=now()))
    return len(cards)


def _write_keys(session: Session, keys: Mapping[int, Sequence[Key]]) -> None:
    session.execute(delete(MatchKey).where(MatchKey.card_id.in_(list(keys))))
    rows = sorted((key.kind, key.value, card) for card, several in keys.items() for key in several)
    if rows:
        session.execute(
            insert(MatchKey),
            [{"kind": kind, "value": value, "card_id": card} for kind, value, card in rows],
        )


def _likely_pairs(
    session: Session, known: Mapping[int, Known], keys: Mapping[int, Sequence[Key]]
) -> dict[tuple[int, int], Verdict]:
    """Pairs (smaller card first) that may be one person and are not known to be two, or one."""
    cards = session.scalar(select(func.max(Card.id))) or 1
    frequency = _frequency(session, cards)
    apart = distinct_contacts(session, {one.contact_id for one in known.values()})
    pairs: dict[tuple[int, int], Verdict] = {}
    for card, one in known.items():
        others = read_cards(session, _candidates(session, card, keys[card]))
        for other, near in others.items():
            contacts = sorted((one.contact_id, near.contact_id))
            if contacts[0] == contacts[1] or tuple(contacts) in apart:
                continue
            verdict = compare(one.profile, near.profile, frequency, cards)
            if verdict.score >= SUGGEST and not verdict.conflict:
                low, high = sorted((card, other))
                pairs[low, high] = verdict if card == low else _turned(verdict)
    return pairs


def _candidates(session: Session, card: int, keys: Sequence[Key]) -> list[int]:
    """Cards that share a key which is not too common, those that share most first."""
    if not keys:
        return []
    sharing = [
        select(
            select(literal(number).label("number"), MatchKey.card_id)
            .where(MatchKey.kind == key.kind, MatchKey.value == key.value)
            .order_by(MatchKey.card_id)
            .limit(CAPS[key.kind] + 1)
            .subquery()
        )
        for number, key in enumerate(keys)
    ]
    holders: dict[int, list[int]] = defaultdict(list)
    for number, other in session.execute(union_all(*sharing)):
        holders[number].append(other)
    shared = Counter(
        other
        for number, others in holders.items()
        if len(others) <= CAPS[keys[number].kind]
        for other in others
        if other != card
    )
    return [other for other, _ in shared.most_common(MAX_CANDIDATES)]


def _frequency(session: Session, cards: int) -> Frequency:
    """How frequent a word is among the names of this base, asked once for each word."""

    @cache
    def frequency(word: str) -> float:
        bearers = (
            select(MatchKey.card_id)
            .where(MatchKey.kind == "word", MatchKey.value == word)
            .limit(MAX_COUNTED)
            .subquery()
        )
        return share(session.scalar(select(func.count()).select_from(bearers)) or 0, cards)

    return frequency


def _turned(verdict: Verdict) -> Verdict:
    reasons = tuple(
        Reason(one.field, one.verdict, one.bits, one.right, one.left) for one in verdict.reasons
    )
    return Verdict(verdict.score, verdict.bits, reasons, verdict.conflict)


def _suggest(
    session: Session, cards: Iterable[int], pairs: Mapping[tuple[int, int], Verdict]
) -> None:
    """Write the pairs down; an agent's decision stands, and what is no longer likely goes."""
    cards = list(cards)
    written = {
        (row.card_a, row.card_b): row
        for row in session.scalars(
            select(Suggestion).where(
                or_(Suggestion.card_a.in_(cards), Suggestion.card_b.in_(cards))
            )
        )
    }
    for pair, row in written.items():
        if row.state == State.OPEN and pair not in pairs:
            session.delete(row)
    for pair, verdict in sorted(pairs.items()):
        row = written.get(pair) or Suggestion(
            card_a=pair[0], card_b=pair[1], state=State.OPEN, at=now()
        )
        if row.state in (State.OPEN, State.LATER):
            row.score, row.weights_version = verdict.score, VERSION
            row.reasons = [asdict(reason) for reason in verdict.reasons]
            session.add(row)
