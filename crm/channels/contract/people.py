"""People and addresses, as one message tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class IdentityKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    POSTAL = "postal"
    HANDLE = "handle"


@dataclass(frozen=True, slots=True)
class Address:
    """One address as the source wrote it; `crm` normalises it. `scope` is a handle's host."""

    kind: IdentityKind
    value: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as one message tells of them.

    `address` is what the message came through and resolves at once; `named` are addresses that
    its text merely mentions (a letterhead's e-mail): they only make suggestions. `facts` has keys
    of FACTS.
    """

    name: str = ""
    address: Address | None = None
    named: tuple[Address, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


FACTS = (
    "name",
    "company",
    "street",
    "postcode",
    "city",
    "country",
    "customer_number",
    "language",
    "birth_date",
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom else a message went. `way` is "to", "cc" or "bcc"."""

    address: Address
    name: str = ""
    way: str = "to"
