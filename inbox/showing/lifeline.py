"""A contact's life with us on one line: a row per channel, a dot per message, a mark per year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ROW = 22
MARGIN = 1.0
LEAST = timedelta(days=90)
"""A short acquaintance is not stretched over the whole line."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One channel family; `dots` in hundredths of the width, `y` the middle of its row."""

    family: str
    y: int
    dots: list[float]


@dataclass(frozen=True, slots=True)
class Year:
    """Where a year begins."""

    year: int
    x: float


@dataclass(frozen=True, slots=True)
class Lifeline:
    height: int
    lanes: list[Lane]
    years: list[Year]


def lifeline(messages: Sequence[tuple[datetime, str]], now: datetime) -> Lifeline:
    """The drawing for messages given as (time, family)."""
    begin = min((at for at, _ in messages), default=now)
    begin = min(begin, now - LEAST)
    families = list(dict.fromkeys(family for _, family in messages if family))
    lanes = [
        Lane(
            family,
            row * ROW + ROW // 2,
            _apart(_x(at, begin, now) for at, of in messages if of == family),
        )
        for row, family in enumerate(families)
    ]
    return Lifeline(len(lanes) * ROW, lanes, _years(begin, now))


def _x(at: datetime, begin: datetime, end: datetime) -> float:
    part = (min(at, end) - begin) / (end - begin)
    return round(MARGIN + part * (100 - 2 * MARGIN), 1)


def _apart(places: Iterable[float]) -> list[float]:
    """Dots that would cover each other are one."""
    return sorted(set(places))


def _years(begin: datetime, end: datetime) -> list[Year]:
    starts = [
        begin.replace(year=year, month=1, day=1, hour=0, minute=0, second=0)
        for year in range(begin.year + 1, end.year + 1)
    ]
    return [Year(start.year, _x(start, begin, end)) for start in starts]
