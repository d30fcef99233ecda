"""Two contacts field by field: what is equal stays quiet, what differs is marked and chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm.contacts.compare import Reason
from crm.contacts.view import Contact
from inbox.showing.fields import FIELDS


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of both; `chooses` where both have a value and it is not the same."""

    name: str
    left: str
    right: str
    equal: bool
    chooses: bool


def compared(left: Contact, right: Contact, reasons: Sequence[Reason]) -> list[Compared]:
    """The fields that either has, those that differ first."""
    same = {reason.field for reason in reasons if reason.verdict == "same"}
    sides = _values(left), _values(right)
    fields = _values(left).keys() | _values(right).keys()
    facts = {field.name for person in (left, right) for field in person.fields}
    rows = []
    for name in (name for name in FIELDS if name in fields):
        one, other = (side.get(name, "") for side in sides)
        equal = one.casefold() == other.casefold() or (name in same and bool(one and other))
        rows.append(
            Compared(name, one, other, equal, name in facts and bool(one and other) and not equal)
        )
    return sorted(rows, key=lambda row: (not row.chooses, row.equal is False))


def _values(person: Contact) -> dict[str, str]:
    values = {field.name: field.value for field in person.fields}
    values.setdefault("name", person.name)
    for known in person.identities:
        shown = ", ".join(known.shown.replace("|", "\n").splitlines())
        before = values.get(known.kind, "")
        values[known.kind] = f"{before}, {shown}" if before else shown
    return values
