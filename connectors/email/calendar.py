"""An invitation in a mail (iCalendar, RFC 5545; iTIP, RFC 5546): what agents want to know of it.

icalendar stands behind this room alone. It is given only the few lines that matter of the first
entry, and a time zone's rules apart, because it keeps every home-made zone for ever under the
name it bears, and follows a rule that recurs each second to its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any

from icalendar import Component, Event, Timezone
from icalendar.timezone import tzp

from connectors.email.charset import decode, storable
from crm.channels.contract import File, Invitation

KIND = "text/calendar"
_KINDS = frozenset({KIND, "application/ics"})
_LARGEST = 1_000_000
_MOST_LINES = 20_000
_LONGEST_LINE = 4_000
_MOST_ATTENDEES = 200
_MOST_RULES = 100
_FOLD = re.compile(r"\r?\n[ \t]|\r(?!\n)")
_NAME = re.compile(r"[A-Za-z-]{1,40}")
_WANTED = frozenset(
    {
        "SUMMARY",
        "DTSTART",
        "DTEND",
        "DURATION",
        "LOCATION",
        "ORGANIZER",
        "ATTENDEE",
        "RRULE",
        "RDATE",
    }
)
_ENTRIES = frozenset({"VEVENT", "VTODO"})
_YEARLY = re.compile(
    r"RRULE:(?:FREQ=YEARLY|BYMONTH=\d+|BYDAY=-?\d?[A-Z]{2}|BYMONTHDAY=[-\d,]{1,40}|INTERVAL=1"
    r"|UNTIL=\w+|WKST=[A-Z]{2}|;)+",
    re.IGNORECASE,
)
"""How clocks change; a rule for each second would be followed to its end."""

_ZONE_LINES = frozenset({"BEGIN", "END", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME"})


def invitation_in(files: Sequence[File]) -> Invitation | None:
    """The first invitation among the files of a mail; None without one, or where it is broken."""
    for file in files:
        if file.type in _KINDS or file.name.casefold().endswith(".ics"):
            found = read_invitation(file.content, "publish" if file.type == KIND else "")
            if found is not None:
                return found
    return None


def read_invitation(content: bytes, method: str = "") -> Invitation | None:
    """What a calendar file invites to; `method` is taken where it names none. Never raises."""
    if len(content) > _LARGEST:
        return None
    try:
        calendar = _cut(islice(_lines(decode(content).text), _MOST_LINES))
        method = calendar.method or method
        return _invitation(calendar, method) if calendar.entry and method else None
    except Exception:
        # A parser of foreign files: whatever it stumbles over, the file stays what it was.
        return None


@dataclass(slots=True)
class _Calendar:
    """The lines that matter: of the first entry, and of each zone under its name."""

    method: str = ""
    zone: str = ""
    entry: list[str] = field(default_factory=list)
    zones: dict[str, list[str]] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    attendees: int = 0

    def take(self, name: str, line: str, within: Sequence[str]) -> None:
        """Keep a line if it matters where it stands."""
        value = line.partition(":")[2].strip()
        match [*within, name]:
            case [_, "VTIMEZONE", "BEGIN"]:
                self.rules = []
            case [_, "VTIMEZONE", "END"]:
                pass
            case [_, "VTIMEZONE", "TZID"]:
                self.zones[value] = self.rules
            case [_, "VTIMEZONE", *_]:
                if (name in _ZONE_LINES or _YEARLY.fullmatch(line)) and len(
                    self.rules
                ) < _MOST_RULES:
                    self.rules.append(line)
            case [_, "VEVENT" | "VTODO", _] if name in _WANTED:
                self.attendees += name == "ATTENDEE"
                if name != "ATTENDEE" or self.attendees <= _MOST_ATTENDEES:
                    self.entry.append(line)
            case [_, "METHOD"]:
                self.method = storable(value).lower()[:20]
            case [_, "X-WR-TIMEZONE"]:
                self.zone = value


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Unfolded lines and their names in capitals."""
    for line in _FOLD.sub("", text).splitlines():
        name = _NAME.match(line)
        if name:
            yield name[0].upper(), line[:_LONGEST_LINE]


def _cut(lines: Iterable[tuple[str, str]]) -> _Calendar:
    """What matters, up to the end of the first entry."""
    calendar = _Calendar()
    within: list[str] = []
    for name, line in lines:
        if name == "BEGIN":
            within.append(line.partition(":")[2].strip().upper())
        calendar.take(name, line, within[:3])
        if name == "END" and within and within.pop() in _ENTRIES and calendar.entry:
            break
    return calendar


def _invitation(calendar: _Calendar, method: str) -> Invitation:
    entry = _component(Event, "VEVENT", calendar.entry)
    starts, ends = _times(entry, calendar)
    told = {"RRULE", "RDATE"} & set(entry)
    return Invitation(
        method=method,
        summary=_text(entry.get("SUMMARY")),
        starts=starts[0] if starts else None,
        ends=ends,
        all_day=bool(starts and starts[1]),
        place=_text(entry.get("LOCATION")),
        organiser=_person(entry.get("ORGANIZER")),
        answer=_answer(entry) if method == "reply" else "",
        repeats=bool(told),
    )


def _component(kind: type[Component], name: str, lines: list[str]) -> Any:
    return kind.from_ical("\r\n".join([f"BEGIN:{name}", *lines, f"END:{name}"]))


def _times(entry: Any, calendar: _Calendar) -> tuple[tuple[datetime, bool] | None, datetime | None]:
    """The start and whether it is a day, and the end, which may be told as a duration."""
    starts = _moment(entry.get("DTSTART"), calendar)
    ends = _moment(entry.get("DTEND"), calendar)
    length = getattr(entry.get("DURATION"), "dt", None)
    if starts and not ends and isinstance(length, timedelta):
        return starts, starts[0] + length
    return starts, ends[0] if ends else None


def _moment(told: Any, calendar: _Calendar) -> tuple[datetime, bool] | None:
    """A time in UTC and whether it is a whole day; one without any zone is taken for UTC."""
    value = getattr(told, "dt", None)
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value.astimezone(UTC), False
        zone = _zone(str(told.params.get("TZID", "") or calendar.zone), calendar)
        return value.replace(tzinfo=zone or UTC).astimezone(UTC), False
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC), True
    return None


def _zone(name: str, calendar: _Calendar) -> tzinfo | None:
    """A zone everybody knows by its name (also Windows's), else as the calendar itself tells it."""
    known = tzp.timezone(name) if name else None
    if known is not None or not calendar.zones.get(name):
        return known
    rules = _component(Timezone, "VTIMEZONE", calendar.zones[name])
    rules["TZID"] = name
    return tzp.create_timezone(rules)


def _text(value: Any) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return " ".join(storable(str(first or "")).split())


def _person(value: Any) -> str:
    """The name of who invites, or else the address."""
    first = value[0] if isinstance(value, list) and value else value
    if first is None:
        return ""
    address = _text(first)
    bare = address[7:] if address.lower().startswith("mailto:") else address
    return _text(first.params.get("CN")) or bare


def _answer(entry: Any) -> str:
    """What the one who replies says: there is one attendee in a reply (RFC 5546, 3.2.3)."""
    told = entry.get("ATTENDEE")
    first = told[0] if isinstance(told, list) and told else told
    return _text(first.params.get("PARTSTAT")).lower() if first is not None else ""
