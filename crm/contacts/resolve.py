"""Who is it? The address a message came through leads to its card, or begins a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, text, tuple_, update
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import Address, Person
from crm.contacts.card import Card
from crm.contacts.identity import Identity
from crm.contacts.learning import Told, learn
from crm.contacts.normalise import name_parts, normal_address

Key = tuple[str, str, str]
"""(kind, scope, value) of a normalised address."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A person as a message of this time told of them."""

    person: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Resolved:
    """The card, its contact, and the identity the message came through (None: no address)."""

    card_id: int
    contact_id: int
    identity_id: int | None
    is_new: bool = False


@dataclass(slots=True)
class _Fresh:
    """A card to be made, with everybody of this batch who turned out to be on it."""

    key: Key | None
    seen: list[Seen] = field(default_factory=list)


def resolve(
    session: Session, seen: Sequence[Seen], *, source: str, channel_id: int | None, country: str
) -> list[Resolved]:
    """A card for each person, in their order; new cards and identities are made in few statements.

    An address on several cards (a shared mailbox) leads to the one whose name agrees, else the
    oldest. What a message merely names goes on a new card only, unverified.
    """
    keys = [key_of(one.person.address, country) for one in seen]
    known = _known(session, [key for key in keys if key is not None])
    answers: list[Resolved | _Fresh] = []
    fresh: dict[Key, _Fresh] = {}
    heard: dict[int, datetime] = {}
    for one, key in zip(seen, keys, strict=True):
        holders = known.get(key, []) if key else []
        if holders:
            chosen = _choose(holders, one.person.name)
            answers.append(Resolved(chosen.card_id, chosen.contact_id, chosen.identity_id))
            heard[chosen.identity_id] = max(one.at, heard.get(chosen.identity_id, one.at))
            continue
        new = fresh.setdefault(key, _Fresh(key)) if key else _Fresh(None)
        new.seen.append(one)
        answers.append(new)
    _hear(session, heard)
    made = _make(session, answers, source=source, channel_id=channel_id, country=country)
    resolved = [made[id(one)] if isinstance(one, _Fresh) else one for one in answers]
    learn(
        session,
        [Told(to.card_id, one.person, one.at) for one, to in zip(seen, resolved, strict=True)],
        known=(one.card_id for one in resolved if not one.is_new),
    )
    return resolved


def key_of(address: Address | None, country: str) -> Key | None:
    """An address as it stands in the table; None when nothing can be reached by it."""
    if address is None:
        return None
    value = normal_address(address.kind, address.value, address.scope, country)
    return (address.kind.value, address.scope.casefold(), value) if value else None


@dataclass(frozen=True, slots=True)
class _Holder:
    identity_id: int
    card_id: int
    contact_id: int
    name: str


def _known(session: Session, keys: Sequence[Key]) -> Mapping[Key, list[_Holder]]:
    holders: dict[Key, list[_Holder]] = defaultdict(list)
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), 200):
        rows = session.execute(
            select(
                Identity.kind,
                Identity.scope,
                Identity.value,
                Identity.id,
                Identity.card_id,
                Card.contact_id,
                Card.name,
            )
            .join(Card, Card.id == Identity.card_id)
            .where(
                tuple_(Identity.kind, Identity.scope, Identity.value).in_(
                    wanted[start : start + 200]
                ),
                Identity.verified.is_(True),
            )
            .order_by(Identity.card_id)
        )
        for kind, scope, value, identity_id, card_id, contact_id, name in rows:
            holders[kind, scope, value].append(_Holder(identity_id, card_id, contact_id, name))
    return holders


def _choose(holders: Sequence[_Holder], name: str) -> _Holder:
    if len(holders) > 1:
        agreeing = [holder for holder in holders if surnames_agree(holder.name, name)]
        return agreeing[0] if agreeing else holders[0]
    return holders[0]


def surnames_agree(one: str, other: str) -> bool:
    """Whether two names share a word of their surnames; nothing agrees with nothing."""
    return bool(set(name_parts(one)[1]) & set(name_parts(other)[1]))


def _hear(session: Session, heard: Mapping[int, datetime]) -> None:
    if heard:
        session.connection().execute(
            update(Identity)
            .where(Identity.id == bindparam("number"), Identity.last_seen < bindparam("at"))
            .values(last_seen=bindparam("at")),
            [{"number": number, "at": at} for number, at in heard.items()],
        )


def _make(
    session: Session,
    answers: Sequence[Resolved | _Fresh],
    *,
    source: str,
    channel_id: int | None,
    country: str,
) -> dict[int, Resolved]:
    fresh = list({id(one): one for one in answers if isinstance(one, _Fresh)}.values())
    if not fresh:
        return {}
    cards = session.scalars(
        insert(Card).returning(Card.id, sort_by_parameter_order=True),
        [
            {
                "contact_id": 0,
                "name": _name_of(new),
                "source": source,
                "channel_id": channel_id,
                "created_at": now(),
            }
            for new in fresh
        ],
    ).all()
    session.execute(text("UPDATE card SET contact_id = id WHERE contact_id = 0"))
    identities = _identities(fresh, cards, country)
    numbers: list[int] = []
    if identities:
        numbers = list(
            session.scalars(
                insert(Identity).returning(Identity.id, sort_by_parameter_order=True), identities
            )
        )
    own = {
        row["card_id"]: number
        for row, number in zip(identities, numbers, strict=True)
        if row["verified"]
    }
    return {
        id(new): Resolved(card, card, own.get(card), is_new=True)
        for new, card in zip(fresh, cards, strict=True)
    }


def _name_of(new: _Fresh) -> str:
    names = (one.person.name or one.person.facts.get("company", "") for one in new.seen)
    return next((name for name in names if name), "")


def _identities(
    fresh: Sequence[_Fresh], cards: Sequence[int], country: str
) -> list[dict[str, Any]]:
    rows = []
    for new, card in zip(fresh, cards, strict=True):
        first, last = min(one.at for one in new.seen), max(one.at for one in new.seen)
        taken = set()
        person = new.seen[0].person
        for address in (person.address, *(named for one in new.seen for named in one.person.named)):
            key = key_of(address, country)
            if address is None or key is None or key in taken:
                continue
            taken.add(key)
            kind, scope, value = key
            rows.append(
                {
                    "card_id": card,
                    "kind": kind,
                    "scope": scope,
                    "value": value,
                    "shown": address.value,
                    "verified": key == new.key,
                    "first_seen": first,
                    "last_seen": last,
                }
            )
    return rows
