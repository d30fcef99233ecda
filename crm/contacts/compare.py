"""Comparing two cards: how likely they are one person, and why; decides only, reads nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from crm.contacts.names import Frequency, compare_names, given_names_conflict, is_alike
from crm.contacts.normalise import house_number
from crm.contacts.profile import Profile, is_shared_local
from crm.contacts.weights import BITS, FEWEST_CARDS

__all__ = ["Reason", "Verdict", "compare", "conflict"]


GENERATION_YEARS = 15


@dataclass(frozen=True, slots=True)
class Reason:
    """One field's word: `verdict` a key that pages translate, the values as they were written."""

    field: str
    verdict: str
    bits: float
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` is a probability, `bits` the sum of the reasons before the prior."""

    score: float
    bits: float
    reasons: tuple[Reason, ...]
    conflict: bool


def compare(left: Profile, right: Profile, frequency: Frequency, cards: int) -> Verdict:
    """How likely two cards of a base of this many are one person's (Fellegi & Sunter 1969).

    A field that either leaves empty says nothing.
    """
    reasons = tuple(
        reason
        for reason in (
            _name(left, right, frequency),
            _email(left, right),
            _phone(left, right),
            _handle(left, right),
            _address(left, right),
            _company(left, right),
            _birth_date(left, right),
            _customer_number(left, right),
        )
        if reason is not None
    )
    bits = sum(reason.bits for reason in reasons)
    prior = -math.log2(max(cards, FEWEST_CARDS))
    score = 1 / (1 + 2 ** -max(-60.0, min(60.0, bits + prior)))
    return Verdict(score, bits, reasons, conflict(left, right))


def conflict(left: Profile, right: Profile) -> bool:
    """Whether two cards cannot be one person whatever else agrees."""
    if left.is_organisation != right.is_organisation and (
        left.called if right.is_organisation else right.called
    ):
        return True
    if _is_a_generation_apart(left.born, right.born):
        return True
    return given_names_conflict(left.parts, right.parts)


def _reason(field: str, verdict: str, left: str, right: str, bits: float | None = None) -> Reason:
    worth = BITS[field][verdict] if bits is None else bits
    return Reason(field, verdict, round(worth, 2), left, right)


def _name(left: Profile, right: Profile, frequency: Frequency) -> Reason | None:
    if not left.parts[1] or not right.parts[1]:
        return None
    verdict, bits = compare_names(left.parts, right.parts, frequency)
    return _reason("name", verdict, left.called, right.called, bits)


def _email(left: Profile, right: Profile) -> Reason | None:
    """The same address, a misspelt one, or (less) the same name before the @ elsewhere."""
    if not left.emails or not right.emails:
        return _nickname(left, right)
    for mail in left.emails:
        if mail in right.emails:
            shared = is_shared_local(mail.partition("@")[0])
            return _reason("email", "shared" if shared else "same", mail, mail)
    for mail in left.emails:
        for other in right.emails:
            if OSA.distance(mail, other, score_cutoff=3) <= max(1, min(len(mail), 30) // 15):
                return _reason("email", "similar", mail, other)
    return _nickname(left, right) or _reason("email", "differs", left.emails[0], right.emails[0])


def _nickname(left: Profile, right: Profile) -> Reason | None:
    """The same word before the @ or as a handle, at two places."""
    common = sorted(left.nicks & right.nicks)
    return _reason("nickname", "same", common[0], common[0]) if common else None


def _phone(left: Profile, right: Profile) -> Reason | None:
    if not left.phones or not right.phones:
        return None
    for number in left.phones:
        for other in right.phones:
            if number[-9:] == other[-9:]:
                return _reason("phone", "same", number, other)
    for number in left.phones:
        for other in right.phones:
            if len(number) > 8 and OSA.distance(number, other, score_cutoff=1) <= 1:
                return _reason("phone", "near", number, other)
    return _reason("phone", "differs", left.phones[0], right.phones[0])


def _handle(left: Profile, right: Profile) -> Reason | None:
    """Handles of different communities say nothing about each other."""
    hosts = {scope for scope, _ in left.handles} & {scope for scope, _ in right.handles}
    if not hosts:
        return None
    for scope, handle in left.handles:
        if (scope, handle) in right.handles:
            return _reason("handle", "same", handle, handle)
    one, other = (
        next(handle for scope, handle in side.handles if scope in hosts) for side in (left, right)
    )
    return _reason("handle", "differs", one, other)


def _address(left: Profile, right: Profile) -> Reason | None:
    """One verdict for street, postcode and town together, so that they are not counted thrice."""
    if not (left.street_key or left.code or left.town) or not (
        right.street_key or right.code or right.town
    ):
        return None
    verdict = _address_verdict(left, right)
    return _reason("address", verdict, _line(left), _line(right)) if verdict else None


def _address_verdict(left: Profile, right: Profile) -> str:
    same_code = bool(left.code) and left.code == right.code
    same_town = bool(left.town) and (left.town == right.town or is_alike(left.town, right.town))
    if left.street_key and right.street_key and (same_code or same_town or _near_code(left, right)):
        if left.street_key == right.street_key:
            return "same" if same_code or same_town else "near"
        numbers = {house_number(left.street), house_number(right.street)}
        if fuzz.ratio(left.street_key, right.street_key) >= 85 and len(numbers) == 1:
            return "near"
    if same_code:
        return "same_postcode"
    if same_town:
        return "same_city"
    if (left.code and right.code) or (left.town and right.town):
        return "differs"
    return ""


def _near_code(left: Profile, right: Profile) -> bool:
    return bool(left.code and right.code) and OSA.distance(left.code, right.code) <= 1


def _line(profile: Profile) -> str:
    town = f"{profile.postcode} {profile.city}".strip()
    return ", ".join(part for part in (profile.street.strip(), town) if part)


def _company(left: Profile, right: Profile) -> Reason | None:
    if not left.firm or not right.firm:
        return None
    likeness = fuzz.token_sort_ratio(left.firm, right.firm)
    verdict = "same" if likeness >= 99 else "similar" if likeness >= 85 else "differs"
    return _reason("company", verdict, left.company or left.name, right.company or right.name)


def _birth_date(left: Profile, right: Profile) -> Reason | None:
    verdict = _birth_verdict(left.born, right.born)
    if not verdict:
        return None
    return _reason("birth_date", verdict, left.birth_date, right.birth_date)


def _birth_verdict(one: str, other: str) -> str:
    """ "near": one digit mistyped, or day and month exchanged; "close": two digits."""
    if not one or not other:
        return ""
    if one == other:
        return "same"
    edits = OSA.distance(one, other, score_cutoff=2)
    if edits == 1 or _exchanged(one) == other:
        return "near"
    return "close" if edits == 2 else "differs"


def _is_a_generation_apart(one: str, other: str) -> bool:
    """Father and son of one name; nearer dates may be mistyped."""
    if _birth_verdict(one, other) != "differs":
        return False
    return abs(int(one[:4]) - int(other[:4])) >= GENERATION_YEARS


def _exchanged(born: str) -> str:
    return born[:4] + born[6:8] + born[4:6]


def _customer_number(left: Profile, right: Profile) -> Reason | None:
    one, other = left.customer_number.strip(), right.customer_number.strip()
    if not one or not other:
        return None
    return _reason("customer_number", "same" if one == other else "differs", one, other)
