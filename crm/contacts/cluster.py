"""Clusters: which rows of a list are one person, joined best evidence first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from crm.contacts.compare import Reason, compare, conflict
from crm.contacts.keys import CAPS, keys_of
from crm.contacts.names import Frequency
from crm.contacts.profile import Profile
from crm.contacts.weights import JOIN, share

__all__ = ["Member", "cluster"]


@dataclass(frozen=True, slots=True)
class Member:
    """A row's cluster, named by the place of its first row.

    `score` and `reasons` are those of the best pair that joined it, `partner` the other row of that
    pair; None for the first row of a cluster.
    """

    cluster: int
    score: float | None = None
    partner: int | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class _Join:
    score: float
    left: int
    right: int
    reasons: tuple[Reason, ...]


def cluster(profiles: Sequence[Profile], threshold: float = JOIN) -> list[Member]:
    """A member for each profile, in their order.

    Two groups are joined only if no pair across them conflicts, so one chain of half-right pairs
    cannot make one person of a household.
    """
    keys = [keys_of(profile) for profile in profiles]
    frequency = _frequency(
        Counter(key.value for row in keys for key in row if key.kind == "word"), len(profiles)
    )
    joins = []
    for left, right in _candidates(keys):
        verdict = compare(profiles[left], profiles[right], frequency, len(profiles))
        if verdict.score >= threshold and not verdict.conflict:
            joins.append(_Join(verdict.score, left, right, verdict.reasons))
    joins.sort(key=lambda join: (-join.score, join.left, join.right))
    return _members(len(profiles), _join(profiles, joins))


def _frequency(counts: Counter[str], cards: int) -> Frequency:
    return lambda word: share(counts[word], cards)


def _candidates(keys: Sequence[Sequence[tuple[str, str]]]) -> Iterator[tuple[int, int]]:
    """Pairs of rows that share a key which is not too common, each once."""
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, several in enumerate(keys):
        for key in several:
            if len(holders[key]) <= CAPS[key[0]]:
                holders[key].append(row)
    near: dict[int, set[int]] = defaultdict(set)
    for (kind, _), rows in holders.items():
        if 1 < len(rows) <= CAPS[kind]:
            for left, right in combinations(rows, 2):
                near[left].add(right)
    for left in sorted(near):
        for right in sorted(near[left]):
            yield left, right


def _join(
    profiles: Sequence[Profile], joins: Sequence[_Join]
) -> tuple[dict[int, list[int]], dict[int, _Join]]:
    """The groups after all joins that no conflict forbids, and the best join of each row."""
    group_of: dict[int, list[int]] = {}
    best: dict[int, _Join] = {}
    for join in joins:
        left = group_of.setdefault(join.left, [join.left])
        right = group_of.setdefault(join.right, [join.right])
        if left is not right:
            if any(conflict(profiles[one], profiles[other]) for one in left for other in right):
                continue
            small, large = sorted((left, right), key=len)
            large += small
            group_of.update((row, large) for row in small)
        best.setdefault(join.left, join)
        best.setdefault(join.right, join)
    return group_of, best


def _members(count: int, joined: tuple[dict[int, list[int]], dict[int, _Join]]) -> list[Member]:
    group_of, best = joined
    members = []
    for row in range(count):
        first = min(group_of.get(row, [row]))
        join = best.get(row)
        if join is None or row == first:
            members.append(Member(first))
        else:
            partner = join.left + join.right - row
            members.append(Member(first, join.score, partner, join.reasons))
    return members
