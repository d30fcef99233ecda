"""Mails in portions that fit into memory: so many at most, and so many bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

MOST_MAILS = 100
MOST_BYTES = 8_000_000
TOO_LARGE = 50_000_000
"""Bytes of one mail beyond which only its headers are read."""


def bounded(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """The items in order, in lists of at most `MOST_MAILS` and `MOST_BYTES`; a large one alone."""
    batch: list[Item] = []
    total = 0
    for item in items:
        if batch and (len(batch) == MOST_MAILS or total + size(item) > MOST_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += size(item)
    if batch:
        yield batch
