"""Dates as letters write them, German, English and ISO: reading them strictly, writing them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

__all__ = ["DateFound", "dates_in", "write_date"]

MONTHS_DE = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SPELLINGS = {"jänner": 1, "feber": 2, "marz": 3, "maerz": 3, "mrz": 3, "sept": 9} | {
    spelling.casefold(): number
    for months in (MONTHS_DE, MONTHS_EN)
    for number, month in enumerate(months, 1)
    for spelling in (month, month[:3])
}
MONTH = "(?P<name>" + "|".join(sorted(map(re.escape, SPELLINGS), key=len, reverse=True)) + ")"

ISO = r"(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)"
DOTTED = r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>(?:19|20)\d\d|\d\d)"
SLASHED = r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>(?:19|20)\d\d)"
DAY_FIRST = rf"(?P<d>\d{{1,2}})(?:\.|st|nd|rd|th)?\s?(?:of\s)?{MONTH}\.?,?\s(?P<y>(?:19|20)\d\d)"
MONTH_FIRST = rf"{MONTH}\.?\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y>(?:19|20)\d\d)"
FORMS = tuple(
    re.compile(rf"(?<![\w.,/-]){form}(?![\w/]|[.,-]\d)", re.IGNORECASE)
    for form in (ISO, DOTTED, SLASHED, DAY_FIRST, MONTH_FIRST)
)


class DateFound(NamedTuple):
    """A date in a line and where it stands; `sure` is false where the order had to be guessed."""

    day: date
    start: int
    end: int
    sure: bool


def dates_in(line: str, month_first: bool = False) -> Iterator[DateFound]:
    """Every date of a line, from left to right; `month_first` is the American order of 03/04/2026."""
    found = (
        read
        for form in FORMS
        for match in form.finditer(line)
        if (read := _read(match, month_first)) is not None
    )
    return iter(sorted(found, key=lambda read: read.start))


def write_date(day: date, language: str) -> str:
    """ "24. November 2026" or "24 November 2026"."""
    if language.startswith("de"):
        return f"{day.day}. {MONTHS_DE[day.month - 1]} {day.year}"
    return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"


def _read(match: re.Match[str], month_first: bool) -> DateFound | None:
    parts = match.groupdict()
    year = int(parts["y"])
    year += 2000 if year < 100 else 0
    sure = True
    if "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        sure = first > 12 or second > 12 or first == second
        month_first = first <= 12 and (month_first or second > 12)
        day, month = (second, first) if month_first else (first, second)
    else:
        day = int(parts["d"])
        month = SPELLINGS[parts["name"].casefold()] if "name" in parts else int(parts["m"])
    try:
        return DateFound(date(year, month, day), match.start(), match.end(), sure)
    except ValueError:
        return None
