"""How much goes into one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

MESSAGES = 100
BYTES = 8_000_000


def portions(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """The items in order, at most 100 and 8 MB together; what is larger by itself goes alone."""
    portion: list[Item] = []
    total = 0
    for item in items:
        if portion and (len(portion) == MESSAGES or total + size(item) > BYTES):
            yield portion
            portion, total = [], 0
        portion.append(item)
        total += size(item)
    if portion:
        yield portion
