"""Tidying: whatever a source delivers becomes what both databases can keep and an agent can read."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from datetime import UTC, datetime

from crm.base import now
from crm.channels.contract import (
    FACTS,
    VERDICTS,
    Address,
    File,
    Incoming,
    Invitation,
    Person,
    ReadField,
    Recipient,
)

LONGEST_ID = 500
LONGEST_ADDRESS = 400
"""An address longer than this reaches nobody (RFC 5321, 4.5.3.1: 254 octets)."""
LONGEST_LINE = 500
MOST_MENTIONS = 100
_FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_DATED = range(1900, 2200)


def tidy(incoming: Incoming) -> Incoming:
    """The same message with nothing in it that a database refuses; texts are left to `prepare`."""
    return replace(
        incoming,
        remote_id=identifier(incoming.remote_id) or _by_content(incoming),
        remote_thread=identifier(incoming.remote_thread),
        message_id=identifier(incoming.message_id),
        other_ids=tuple(identifier(value) for value in incoming.other_ids[:MOST_MENTIONS]),
        far=line(incoming.far, 100),
        mentions=tuple(identifier(value) for value in incoming.mentions[:MOST_MENTIONS]),
        key=identifier(incoming.key),
        bounced=identifier(incoming.bounced),
        at=_received(incoming.at),
        dated=_dated(incoming.dated),
        sender=_person(incoming.sender),
        recipients=tuple(_recipient(one) for one in incoming.recipients),
        reply_to=_address(incoming.reply_to),
        permalink=storable(incoming.permalink),
        reference=line(incoming.reference),
        reason=line(incoming.reason),
        verdicts={
            name: line(value, 100) for name, value in incoming.verdicts.items() if name in VERDICTS
        },
        invitation=_invitation(incoming.invitation),
        raw_type=line(incoming.raw_type, 100),
        files=tuple(_file(file) for file in incoming.files),
        fields=tuple(_field(field) for field in incoming.fields),
        flags=tuple(line(flag) for flag in incoming.flags),
    )


def storable(text: str) -> str:
    """What both databases take: no NUL, no lone surrogates."""
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def line(text: str, longest: int = LONGEST_LINE) -> str:
    """A name or the like: one line that ends."""
    return " ".join(storable(text[: 4 * longest]).split())[:longest]


def identifier(value: str) -> str:
    """An id as it is; one too long or damaged by its hash, so that no two become one."""
    if len(value) <= LONGEST_ID and storable(value) == value:
        return value
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _by_content(incoming: Incoming) -> str:
    """An id for a message whose source gave none."""
    words = f"{incoming.at} {incoming.subject} {incoming.text}"
    content = incoming.raw or words.encode("utf-8", "surrogatepass")
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _received(at: datetime) -> datetime:
    """Nothing was received in the future, nor before there was anything to receive it."""
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(at, _FIRST_DAY), now())


def _dated(dated: datetime | None) -> datetime | None:
    if dated is None or dated.year not in _DATED:
        return None
    return dated if dated.tzinfo is not None else dated.replace(tzinfo=UTC)


def _person(person: Person) -> Person:
    named = (_address(one) for one in person.named)
    return Person(
        name=line(person.name),
        address=_address(person.address),
        named=tuple(one for one in named if one is not None),
        facts={name: line(value) for name, value in person.facts.items() if name in FACTS},
    )


def _address(address: Address | None) -> Address | None:
    if address is None or len(address.value) > LONGEST_ADDRESS or len(address.scope) > 200:
        return None
    return Address(address.kind, storable(address.value), storable(address.scope))


def _recipient(one: Recipient) -> Recipient:
    address = _address(one.address) or Address(one.address.kind, line(one.address.value))
    return Recipient(address, line(one.name), line(one.way, 10))


def _file(file: File) -> File:
    return replace(file, name=line(file.name), type=line(file.type, 200), cid=line(file.cid))


def _invitation(told: Invitation | None) -> Invitation | None:
    if told is None:
        return None
    return replace(
        told,
        method=line(told.method, 20),
        summary=line(told.summary),
        starts=_dated(told.starts),
        ends=_dated(told.ends),
        place=line(told.place),
        organiser=line(told.organiser),
        answer=line(told.answer, 20),
    )


def _field(field: ReadField) -> ReadField:
    box = field.box if field.box and all(math.isfinite(side) for side in field.box) else None
    confidence = field.confidence if math.isfinite(field.confidence) else 0.0
    return ReadField(line(field.name), storable(field.value), confidence, field.page, box)
