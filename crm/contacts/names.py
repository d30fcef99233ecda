"""Comparing names: what two names have in common, and whether they can be one person's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from rapidfuzz.distance import OSA

from crm.contacts.nicknames import interchangeable
from crm.contacts.normalise import PARTICLES
from crm.contacts.weights import BITS, INITIAL_BITS, MAX_NAME_BITS, MAX_WORD_BITS, NAME_LOSS

__all__ = ["Frequency", "Parts", "compare_names", "given_names_conflict", "is_alike"]

Parts: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""Given names and surname, folded (see name_parts)."""

Frequency: TypeAlias = Callable[[str], float]
"""The share of cards that bear a word in their name, above 0."""

LIKENESS = {"same": 3, "variant": 2, "initial": 2, "similar": 1}


def compare_names(left: Parts, right: Parts, frequency: Frequency) -> tuple[str, float]:
    """The verdict on two names and its bits, in the order of words that fits best."""
    orders = [right]
    words = right[0] + right[1]
    if right[0] and len(words) > 1:
        orders.append((words[1:], words[:1]))
    return max((_compare(left, order, frequency) for order in orders), key=lambda found: found[1])


def given_names_conflict(left: Parts, right: Parts) -> bool:
    """Whether both have given names of which none can be one of the other's, in any order."""
    if not left[0] or not right[0]:
        return False
    any_agrees = any(_given(one, other) for one in left[0] for other in right[0])
    return not any_agrees and not _turned_over(left, right)


def is_alike(one: str, other: str) -> bool:
    """Whether one word may be a misspelling of the other: two edits at most, three in long ones."""
    longer = max(len(one), len(other))
    edits = 1 if longer < 6 else 2 if longer < 12 else 3
    return longer > 3 and OSA.distance(one, other, score_cutoff=edits) <= edits


def _compare(left: Parts, right: Parts, frequency: Frequency) -> tuple[str, float]:
    if not left[0] or not right[0]:
        return _compare_short(left, right, frequency)
    surname, surname_words = _surname(left[1], right[1])
    given, given_words = _best_given(left[0], right[0])
    if not surname:
        if _is_same_run_together(left, right):
            return "similar", _worth("similar", [*left[0], *left[1]], frequency)
        if given in ("same", "variant"):
            return "surname_differs", _worth("surname_differs", given_words, frequency)
        return "differs", BITS["name"]["differs"]
    if not given:
        return "given_differs", _worth("given_differs", surname_words, frequency)
    verdict = given if surname == "same" else "similar"
    extra = INITIAL_BITS if given == "initial" else 0.0
    words = surname_words if given == "initial" else [*given_words, *surname_words]
    return verdict, min(MAX_NAME_BITS, _worth(verdict, words, frequency) + extra)


def _compare_short(left: Parts, right: Parts, frequency: Frequency) -> tuple[str, float]:
    """A single word may be a surname ("Herr Meier") or a given name ("Anna")."""
    surname, words = _surname(left[1], right[1])
    if surname:
        loss = NAME_LOSS["similar"] if surname == "similar" else 0.0
        return "surname_only", _worth("surname_only", words, frequency) - loss
    given, words = _best_given(left[0] or left[1], right[0] or right[1])
    if given in ("same", "variant") and len(left[0] + left[1]) != len(right[0] + right[1]):
        return "given_only", _worth("given_only", words, frequency)
    return "differs", BITS["name"]["short_differs"]


def _surname(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, list[str]]:
    """Whether surnames agree, and the words in which; half of a double name is "similar"."""
    left, right = _core(left), _core(right)
    common = [word for word in left if word in right and len(word) > 1]
    if common:
        return ("same" if set(left) == set(right) else "similar"), common
    alike = [word for word in left if any(is_alike(word, other) for other in right)]
    return ("similar", alike) if alike else ("", [])


def _core(surname: tuple[str, ...]) -> tuple[str, ...]:
    """Without "von" and the like, which many share and some leave out."""
    return tuple(word for word in surname if word not in PARTICLES) or surname


def _best_given(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, list[str]]:
    pairs = [(_given(one, other), one) for one in left for other in right]
    verdict, word = max(pairs, key=lambda pair: LIKENESS.get(pair[0], 0), default=("", ""))
    return verdict, [word]


def _given(one: str, other: str) -> str:
    if one == other:
        return "same" if len(one) > 1 else "initial"
    if len(one) == 1 or len(other) == 1:
        return "initial" if one[0] == other[0] else ""
    if interchangeable(one, other):
        return "variant"
    return "similar" if is_alike(one, other) else ""


def _is_same_run_together(left: Parts, right: Parts) -> bool:
    """A name in which a scanner or a writer put a gap, or left one out."""
    one, other = ("".join(parts[0] + parts[1]) for parts in (left, right))
    return len(one) > 8 and is_alike(one, other)


def _turned_over(left: Parts, right: Parts) -> bool:
    """Meier Anna is Anna Meier, also misspelt."""
    return _are_akin(left[0], right[1]) and _are_akin(left[1], right[0])


def _are_akin(left: Sequence[str], right: Sequence[str]) -> bool:
    return any(one == other or is_alike(one, other) for one in left for other in right)


def _worth(verdict: str, words: Iterable[str], frequency: Frequency) -> float:
    bits = sum(min(MAX_WORD_BITS, -math.log2(frequency(word))) for word in words if len(word) > 1)
    return min(MAX_NAME_BITS, bits) - NAME_LOSS[verdict]
