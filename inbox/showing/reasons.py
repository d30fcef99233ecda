"""Why two cards may be one person: each reason in words, its bits as a bar from a zero line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext

from crm.contacts.compare import Reason

WIDEST_BITS = 22.0
"""A bar of this many bits fills its side."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A reason as it is drawn: `start` and `width` in hundredths of the bar, zero line at 33."""

    words: str
    values: str
    bits: float
    start: float
    width: float


def bars(reasons: Iterable[Reason]) -> list[Bar]:
    """The reasons, strongest for first, strongest against last."""
    return [_bar(reason) for reason in sorted(reasons, key=lambda reason: -reason.bits)]


def total(reasons: Sequence[Reason]) -> float:
    """The sum of the bits."""
    return sum(reason.bits for reason in reasons)


def in_short(reasons: Iterable[Reason], most: int = 2) -> str:
    """The strongest reasons for, in one line."""
    strongest = sorted(reasons, key=lambda reason: -reason.bits)[:most]
    return ", ".join(_words(reason) for reason in strongest if reason.bits > 0)


def kept_in_short(reasons: Iterable[Mapping[str, Any]]) -> str:
    """The same for reasons as a merge keeps them."""
    return in_short(Reason(**reason) for reason in reasons)


ZERO = 33.0


def _bar(reason: Reason) -> Bar:
    side = 100 - ZERO if reason.bits > 0 else ZERO
    width = side * min(1.0, abs(reason.bits) / WIDEST_BITS)
    start = ZERO if reason.bits > 0 else ZERO - width
    return Bar(_words(reason), _values(reason), reason.bits, round(start, 1), round(width, 1))


def _words(reason: Reason) -> str:
    known = _WORDS.get((reason.field, reason.verdict))
    return str(known) if known else f"{reason.field}: {reason.verdict}"


def _values(reason: Reason) -> str:
    if not reason.left or not reason.right or reason.left == reason.right:
        return reason.left or reason.right
    return gettext("%(left)s and %(right)s", left=reason.left, right=reason.right)


_WORDS: dict[tuple[str, str], Any] = {
    ("name", "same"): lazy_gettext("Name equal"),
    ("name", "variant"): lazy_gettext("Name equal, first name a short form"),
    ("name", "similar"): lazy_gettext("Name similar"),
    ("name", "initial"): lazy_gettext("Surname equal, initial fits"),
    ("name", "surname_only"): lazy_gettext("Surname equal"),
    ("name", "given_differs"): lazy_gettext("First name differs"),
    ("name", "surname_differs"): lazy_gettext("Surname differs"),
    ("name", "differs"): lazy_gettext("Name differs"),
    ("email", "same"): lazy_gettext("E-mail equal"),
    ("email", "shared"): lazy_gettext("Shared e-mail equal"),
    ("email", "similar"): lazy_gettext("E-mail similar"),
    ("email", "differs"): lazy_gettext("E-mail differs"),
    ("phone", "same"): lazy_gettext("Phone equal"),
    ("phone", "near"): lazy_gettext("Phone nearly equal"),
    ("phone", "differs"): lazy_gettext("Phone differs"),
    ("handle", "same"): lazy_gettext("Handle equal"),
    ("handle", "differs"): lazy_gettext("Handle differs"),
    ("nickname", "same"): lazy_gettext("Nickname equal"),
    ("address", "same"): lazy_gettext("Address equal"),
    ("address", "near"): lazy_gettext("Address nearly equal"),
    ("address", "same_postcode"): lazy_gettext("Postcode equal"),
    ("address", "same_city"): lazy_gettext("Town equal"),
    ("address", "differs"): lazy_gettext("Address differs"),
    ("company", "same"): lazy_gettext("Company equal"),
    ("company", "similar"): lazy_gettext("Company similar"),
    ("company", "differs"): lazy_gettext("Company differs"),
    ("birth_date", "same"): lazy_gettext("Birth date equal"),
    ("birth_date", "near"): lazy_gettext("Birth date nearly equal"),
    ("birth_date", "differs"): lazy_gettext("Birth date differs"),
    ("customer_number", "same"): lazy_gettext("Customer number equal"),
    ("customer_number", "differs"): lazy_gettext("Customer number differs"),
}
