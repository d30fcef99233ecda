"""Times and numbers in the agent's words: 29 Std, Mo 08:12, 24. Nov., 94 %."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from flask_babel import get_locale, get_timezone, gettext

from crm.base import now

SOON = timedelta(hours=4)
LATE = timedelta(hours=24)
NARROW = "\u202f"

_DAY = {"de": "d. MMM", "en": "d MMM"}
_DAY_OF_YEAR = {"de": "d. MMM y", "en": "d MMM y"}


@dataclass(frozen=True, slots=True)
class Waited:
    """How long somebody has waited: in words, as a state, and as part of a whole ring (0..100)."""

    text: str
    state: str
    percent: int


def waited(since: datetime) -> Waited:
    """Amber after four hours, late after a day; the ring is full then."""
    span = max(now() - since, timedelta())
    state = "late" if span >= LATE else "soon" if span >= SOON else "fresh"
    return Waited(duration(span), state, max(6, min(100, round(100 * (span / LATE)))))


def duration(span: timedelta) -> str:
    """One unit: minutes up to two hours, hours up to two days, then days."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return gettext("%(count)s min", count=minutes)
    if minutes < 2 * 24 * 60:
        return gettext("%(count)s h", count=minutes // 60)
    return gettext("%(count)s d", count=minutes // (24 * 60))


def moment(at: datetime) -> str:
    """Day and time: today 11:30, Mo 08:12 within a week, else 24 Nov 14:02."""
    local, today = _local(at), _local(now())
    days = (today.date() - local.date()).days
    if local.year != today.year:
        return day(at)
    if days == 0:
        return gettext("today %(time)s", time=clock(at))
    if 0 < days < 7 or days == -1:
        return f"{_format(local, 'ccc')} {clock(at)}"
    return f"{day(at)} {clock(at)}"


def day(at: datetime) -> str:
    """24. Nov. or 24 Nov; with its year when it is another one."""
    local = _local(at)
    patterns = _DAY if local.year == _local(now()).year else _DAY_OF_YEAR
    return _format(local, patterns.get(_language(), patterns["en"]))


def brief(at: datetime) -> str:
    """The time when it is today, else the day: for lists."""
    return clock(at) if is_today(at) else day(at)


def clock(at: datetime) -> str:
    """14:02."""
    return _format(_local(at), "HH:mm")


def is_today(at: datetime) -> bool:
    return _local(at).date() == _local(now()).date()


def number(value: float) -> str:
    """1.204 or 1,204."""
    return str(format_decimal(value, locale=get_locale()))


def percent(value: float) -> str:
    """0.94 as 94 % (with a narrow space) or 94%."""
    return str(format_percent(value, locale=get_locale())).replace("\xa0", NARROW)


def size(count: int) -> str:
    """The size of a file: 412 B, 41 kB, 1,8 MB."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count // 1000} kB"
    return f"{format_decimal(round(count / 1_000_000, 1), locale=get_locale())} MB"


def initials(name: str) -> str:
    """MF for Mara Feldkamp, KE for kettenblatt_88; titles do not count."""
    words = [
        word for word in name.replace("@", " ").split() if word[0].isalpha() and word[-1] != "."
    ]
    if not words:
        return name[:2].upper() or "?"
    return (words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]).upper()


def hue(name: str) -> int:
    """Which of the five colours a colleague's disc has; the same one always."""
    return crc32(name.encode()) % 5


def _local(at: datetime) -> datetime:
    return at.astimezone(get_timezone())


def _format(local: datetime, pattern: str) -> str:
    return str(format_datetime(local, pattern, locale=get_locale()))


def _language() -> str:
    return str(get_locale() or "en").partition("_")[0]


FILTERS: dict[str, Any] = {
    "waited": waited,
    "duration": duration,
    "moment": moment,
    "day": day,
    "brief": brief,
    "clock": clock,
    "number": number,
    "percent": percent,
    "size": size,
    "initials": initials,
    "hue": hue,
}
