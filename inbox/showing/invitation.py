"""An invitation to a meeting, ready for its card: what, when in the reader's zone, where, who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_date
from flask_babel import get_locale, get_timezone, gettext, lazy_gettext

from crm.conversations.message import Message
from inbox.times import clock

_KINDS: dict[str, Any] = {
    "cancel": lazy_gettext("Meeting cancelled"),
    "accepted": lazy_gettext("Invitation accepted"),
    "declined": lazy_gettext("Invitation declined"),
    "tentative": lazy_gettext("Invitation accepted provisionally"),
    "reply": lazy_gettext("Answer to an invitation"),
    "counter": lazy_gettext("Another time proposed"),
    "publish": lazy_gettext("Calendar entry"),
}
"""By the answer of a reply, else by its method (RFC 5546, 1.4)."""


@dataclass(frozen=True, slots=True)
class ShownInvitation:
    """`kind` says what it is, `when` is "" where the entry tells no time."""

    kind: str
    summary: str
    when: str
    place: str
    organiser: str
    repeats: bool
    is_off: bool


def invitation(message: Message) -> ShownInvitation | None:
    """The calendar entry that a message brought, None without one."""
    told = message.invitation
    if not told:
        return None
    method, answer = str(told.get("method", "")).lower(), str(told.get("answer", "")).lower()
    kind = _KINDS.get(answer) or _KINDS.get(method) or gettext("Invitation")
    return ShownInvitation(
        kind=str(kind),
        summary=told.get("summary") or gettext("No subject"),
        when=_when(_time(told.get("starts")), _time(told.get("ends")), told.get("all_day")),
        place=told.get("place", ""),
        organiser=told.get("organiser", ""),
        repeats=bool(told.get("repeats")),
        is_off=method == "cancel" or answer == "declined",
    )


def _time(written: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(written) if written else None
    except ValueError:
        return None


def _when(starts: datetime | None, ends: datetime | None, all_day: bool | None) -> str:
    if starts is None:
        return ""
    if all_day:
        return _days(starts.date(), ends.date() if ends else None)
    zone = get_timezone()
    begins = f"{_day(starts.astimezone(zone))}, {clock(starts)}"
    if ends is None or ends <= starts:
        return f"{begins} ({zone})"
    if ends.astimezone(zone).date() == starts.astimezone(zone).date():
        return f"{begins}\N{EN DASH}{clock(ends)} ({zone})"
    return f"{begins} \N{EN DASH} {_day(ends.astimezone(zone))}, {clock(ends)} ({zone})"


def _days(first: date, ends: date | None) -> str:
    """Whole days, as they are called where it takes place; the end is the day after (RFC 5545)."""
    last = ends - timedelta(days=1) if ends and ends > first else first
    if last == first:
        return _day(first)
    return f"{_day(first)} \N{EN DASH} {_day(last)}"


def _day(at: date) -> str:
    """Thu, 26 Nov 2026."""
    locale = get_locale() or Locale("en")
    pattern = "ccc, d. MMM y" if locale.language == "de" else "ccc, d MMM y"
    return str(format_date(at, pattern, locale=locale))
