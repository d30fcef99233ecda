"""Recipients: who an answer goes to, which of our addresses it leaves from, what agents type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm.channels.contract import Address, IdentityKind, Recipient
from crm.contacts.normalise import normal_address

MOST = 100
"""Recipients of one message; more is a mailing, and no answer."""

WAYS = ("to", "cc", "bcc")
_LONGEST_TYPED = 20_000
_APART = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^<>]*>|[,;\n]')
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>\s*")
_ADDRESS = re.compile(
    r"[^\s@<>()\[\],;:\"\\\x00-\x20\x7f]{1,64}"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])?\.?"
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What an agent typed into a field of recipients: who it names, and what is no address."""

    recipients: tuple[Recipient, ...] = ()
    wrong: tuple[str, ...] = ()


def typed(text: str, way: str) -> Typed:
    """Addresses as people type them: apart by commas, semicolons or lines, with names or without.

    `Anna Berg <anna@example.org>` and `anna@example.org` are one recipient each (RFC 5322, 3.4).
    """
    found: dict[str, Recipient] = {}
    wrong = []
    for piece in _pieces(text[:_LONGEST_TYPED]):
        match = _NAMED.fullmatch(piece)
        name, value = (match["name"], match["address"].strip()) if match else ("", piece)
        value = value.removeprefix("mailto:")
        if is_mail_address(value):
            address = Address(IdentityKind.EMAIL, value)
            found.setdefault(key(value), Recipient(address, _bare(name), way))
        else:
            wrong.append(piece)
    return Typed(tuple(found.values()), tuple(wrong))


def is_mail_address(value: str) -> bool:
    """Whether mail can be sent there, by its form: one @, a host with a dot."""
    usable = _ADDRESS.fullmatch(value) is not None and ".." not in value.rpartition("@")[2]
    return usable and bool(normal_address("email", value))


def everybody(
    recipients: Iterable[Mapping[str, Any]], answered: Recipient, ours: Iterable[str]
) -> tuple[Recipient, ...]:
    """Who else an answer to all goes to, as copies: those whom the message went to, without us.

    `recipients` as Message has them; blind copies of others and the one answered stay out, each
    address stands once.
    """
    own = tuple(ours)
    found: dict[str, Recipient] = {}
    for one in from_rows(recipients):
        value = one.address.value
        if one.way == "bcc" or one.address.kind is not IdentityKind.EMAIL:
            continue
        if is_ours(value, own) or key(value) == key(answered.address.value):
            continue
        found.setdefault(key(value), replace(one, way="cc"))
    return tuple(found.values())[:MOST]


def is_ours(address: str, ours: Iterable[str]) -> bool:
    """Whether mail to this address comes to us: in any case, with a sub-address or signed."""
    plain = {key(one) for one in ours if one}
    return not plain.isdisjoint(_with_and_without_tags(key(address)))


def written_to(recipients: Iterable[Mapping[str, Any]], ours: Sequence[str]) -> str:
    """Which of our addresses a message was written to, as it is configured; else our first, or ""."""
    rows = sorted(from_rows(recipients), key=lambda one: WAYS.index(one.way))
    for one in rows:
        for own in ours:
            if is_ours(one.address.value, [own]):
                return own
    return ours[0] if ours else ""


def each_once(recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Nobody gets it twice: the more visible way of an address stands."""
    found: dict[tuple[str, str], Recipient] = {}
    for one in sorted(recipients, key=lambda one: WAYS.index(one.way)):
        found.setdefault((one.address.kind.value, key(one.address.value)), one)
    return tuple(found.values())


def to_rows(recipients: Iterable[Recipient]) -> list[dict[str, str]]:
    """As Message and Draft keep them."""
    return [
        {
            "name": one.name,
            "kind": one.address.kind.value,
            "value": one.address.value,
            "way": one.way,
        }
        for one in recipients
    ]


def from_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Recipient, ...]:
    """What `to_rows` made, or intake; a row of a kind that is not known is left out."""
    return tuple(
        Recipient(
            Address(IdentityKind(row["kind"]), row["value"]),
            row.get("name", ""),
            row["way"] if row.get("way") in WAYS else "to",
        )
        for row in rows
        if row.get("kind") in set(IdentityKind) and row.get("value")
    )


def key(address: str) -> str:
    """The form in which addresses are compared; what cannot be normalised stands for itself."""
    return normal_address("email", address) or address.strip().casefold()


def _with_and_without_tags(address: str) -> Iterator[str]:
    """support+de+7@x is support+de@x and support@x as well (RFC 5233)."""
    local, _, host = address.rpartition("@")
    parts = local.split("+")
    return (f"{'+'.join(parts[:count])}@{host}" for count in range(1, len(parts) + 1))


def _pieces(text: str) -> Iterator[str]:
    """What stands between commas that are in no quotation marks and no angle brackets."""
    start = 0
    for mark in _APART.finditer(text):
        if mark[0] in ",;\n":
            yield from _worded(text[start : mark.start()])
            start = mark.end()
    yield from _worded(text[start:])


def _worded(piece: str) -> Iterator[str]:
    words = " ".join(piece.split())
    if words:
        yield words


def _bare(name: str) -> str:
    return " ".join(name.replace('"', " ").replace("\\", "").split()).strip("'")[:200]
