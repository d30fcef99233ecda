"""The headers of one mail: subject, addresses, ids, date and parameters, each read in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.message import Message
from email.utils import mktime_tz, parsedate_tz
from functools import cached_property
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from connectors.email.addresses import Mailbox, mailboxes
from connectors.email.charset import decode
from connectors.email.words import eight_bit, readable, unfolded

LONGEST_ID = 998
MOST_IDS = 100
"""A line's length (RFC 5322, 2.1.1), and more references than any real thread needs."""

_Told: TypeAlias = tuple[int, int, int, int, int, int, int, int, int, int | None]
_ID = re.compile(r"<([^<>]{1,2000})>")
_COMMENT = re.compile(r"\([^()]*\)")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


class Headers:
    """Readers over the raw headers of a mail or of one of its parts; none of them raises."""

    def __init__(self, message: Message) -> None:
        self._values: dict[str, list[str]] = {}
        self._places: dict[str, list[int]] = {}
        self._boxes: dict[str, list[list[Mailbox]]] = {}
        self._texts: dict[str, str] = {}
        for at, (name, value) in enumerate(message.raw_items()):
            lower = name.lower()
            self._values.setdefault(lower, []).append(str(value))
            self._places.setdefault(lower, []).append(at)

    @cached_property
    def hint(self) -> str:
        """The body's charset: raw eight-bit headers mostly have the same."""
        return _parameter(self.raw("Content-Type"), "charset", "")

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._values

    def raw(self, name: str) -> str:
        """The first header of that name on one line, undecoded; "" without one."""
        return unfolded(self._values.get(name.lower(), [""])[0])

    def placed(self, name: str) -> list[tuple[int, str]]:
        """All headers of that name on one line, and where each stands, counted from the top."""
        places = self._places.get(name.lower(), ())
        return [(at, unfolded(self._values[name.lower()][n])) for n, at in enumerate(places)]

    def text(self, name: str) -> str:
        """The first header of that name as a person reads it."""
        if name not in self._texts:
            self._texts[name] = readable(self._values.get(name.lower(), [""])[0], self.hint)
        return self._texts[name]

    def mailboxes(self, *names: str) -> list[Mailbox]:
        """The mailboxes of all headers of these names, in order."""
        return [box for name in names for boxes in self._read(name) for box in boxes]

    def first_mailboxes(self, name: str) -> list[Mailbox]:
        """Those of the first header alone: a second From is a trick or a mistake."""
        return next(iter(self._read(name)), [])

    def _read(self, name: str) -> list[list[Mailbox]]:
        """The mailboxes of each header of that name, read once."""
        if name not in self._boxes:
            values = self._values.get(name.lower(), [])
            self._boxes[name] = [mailboxes(value, self.hint) for value in values]
        return self._boxes[name]

    def ids(self, name: str) -> list[str]:
        """The message ids of a header (RFC 5322, 3.6.4) without brackets, each once."""
        values = self._values.get(name.lower(), [])
        return _each(one for value in values for one in _ids(unfolded(value), self.hint))

    def first_ids(self, name: str) -> list[str]:
        """Those of the first header of that name alone, as most programs read it."""
        return _each(_ids(self.raw(name), self.hint))

    def date(self, name: str = "Date") -> datetime | None:
        """An aware UTC time, as the mail claims it; None before 1900 (RFC 5322, 3.3) or for no time."""
        return _instant(self.raw(name))

    def value(self, name: str) -> str:
        """What stands before the parameters, in lower case: "attachment", "text/plain"."""
        return self.raw(name).partition(";")[0].strip().lower()

    def parameter(self, name: str, wanted: str) -> str:
        """A parameter's text, with its charset and its sections (RFC 2231) put together."""
        return _parameter(self.raw(name), wanted, self.hint)


def _each(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for one in found if len(one) <= LONGEST_ID))


def _ids(value: str, hint: str) -> Iterator[str]:
    bracketed = _ID.findall(value)
    if not bracketed:
        words = re.split(r"[\s,;]+", _COMMENT.sub(" ", value).strip())
        bracketed = words if len(words) == 1 else [word for word in words if "@" in word]
    for one in bracketed:
        found = re.sub(r"\s", "", readable(_COMMENT.sub("", one), hint)).strip("<>")
        if found:
            yield found


def _instant(value: str) -> datetime | None:
    """The time a Date header tells, in any of the forms seen in the wild."""
    plain = _COMMENT.sub(" ", value).strip()
    if not plain:
        return None
    try:
        told = parsedate_tz(plain)
        moment = _sane(told) if told else _iso(plain)
    except (ValueError, OverflowError, OSError, TypeError, IndexError, AttributeError):
        return None
    return moment if moment is not None and moment >= _EARLIEST else None


def _sane(told: _Told) -> datetime:
    """Raises ValueError for a 45th of March, which the standard library counts on from February."""
    datetime(*told[:5], min(told[5], 59))
    return datetime.fromtimestamp(mktime_tz(told), UTC)


def _iso(value: str) -> datetime | None:
    moment = datetime.fromisoformat(value)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parameter(value: str, wanted: str, hint: str) -> str:
    """RFC 2231 sections win over a plain value of that name, as 6266 and most readers have it."""
    if wanted not in value.lower():
        return ""
    plain = ""
    extended: dict[int, tuple[str, bool]] = {}
    for name, content in _PARAMETER.findall(value):
        section = _SECTION.fullmatch(name.lower())
        if section is None or section[1] != wanted:
            continue
        text = _unquoted(content)
        if section[2] is None and section[3] is None:
            plain = plain or readable(text, hint)
        else:
            extended.setdefault(int(section[2] or 0), (text, section[3] is not None))
    return _sections(extended, hint) or plain


def _unquoted(content: str) -> str:
    if not content.startswith('"'):
        return content.strip()
    return re.sub(r'\\(["\\])', r"\1", content[1:].removesuffix('"'))


def _sections(sections: dict[int, tuple[str, bool]], hint: str) -> str:
    """The sections in the order of their numbers; the first names the charset of all."""
    charset, joined = "", b""
    for position, (_, (text, is_percent)) in enumerate(sorted(sections.items())):
        if position == 0 and is_percent and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        joined += unquote_to_bytes(eight_bit(text)) if is_percent else eight_bit(text)
    return readable(decode(joined, charset, hint).text)
