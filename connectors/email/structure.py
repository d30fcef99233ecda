"""A mail taken apart (MIME, RFC 2045-2049): its parts and their bytes; no text is decoded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import MissingHeaderBodySeparatorDefect
from email.feedparser import FeedParser
from email.message import Message
from functools import cached_property
from typing import Any, cast

from connectors.email.headers import Headers
from connectors.email.transfer import Undone, undone

DEEPEST = 12
"""Multiparts within each other; what lies deeper is shown as it came. Real mails have
five, and the parser asks at each line whether one of them ends."""

MOST_PARTS = 2000
"""Boundary lines that are heeded; the parser takes seconds over a hundred thousand empty parts."""

_LONGEST_BOUNDARY = 1000
"""Fourteen times what is allowed (RFC 2046, 5.1.1)."""

_ENDS = re.compile(r"[\r\n]+")
_BLANK = re.compile(rb"((?:\r?\n){2})")
_HEADER = re.compile(rb"[!-9;-~]+:|[ \t]|From ")
_SPACED_NAME = re.compile(rb"^([!-9;-~]+)[ \t]+:")
_KNOWN_HEADER = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]{2,30}|reply-to):", re.I
)
_BOUNDARY = re.compile(rb"boundary\s*=\s*(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.I)
_RUN = re.compile(
    r"(?<=\n)[A-Za-z0-9+/=]{40,998}+(?=\r?\n)(?:\r?\n[A-Za-z0-9+/=]{40,998}+(?=\r?\n|\Z)){8,}+"
)
_STAND_IN = "\x02run "
_STOOD_IN = re.compile(_STAND_IN + r"(\d+);")


class Part(Message):
    """One part of a mail.

    The parser is told that enclosed mails (message/rfc822 and its kind) are opaque: so they keep
    their exact bytes as files, and a thousand mails within each other cost nothing.
    """

    depth = 0

    @property
    def declared_type(self) -> str:
        """The media type as the mail states it, in lower case."""
        return super().get_content_type()

    def get_content_type(self) -> str:
        """What the parser sees."""
        kind = self.declared_type
        is_opaque = kind.startswith("message/") or self.depth > DEEPEST
        return "application/octet-stream" if is_opaque else kind

    @cached_property
    def headers(self) -> Headers:
        return Headers(self)

    @cached_property
    def file_name(self) -> str:
        """The name it has as a file, "" without one."""
        named = self.headers.parameter("Content-Disposition", "filename")
        return named or self.headers.parameter("Content-Type", "name")

    @property
    def children(self) -> list[Part]:
        """The parts of a multipart; [] for a leaf."""
        if not self.is_multipart():
            return []
        payload: object = self.get_payload()
        assert isinstance(payload, list)
        return [part for part in payload if isinstance(part, Part)]

    @property
    def content(self) -> bytes:
        """The leaf's bytes, its transfer encoding undone as far as it makes sense."""
        return self.decoded.content

    @cached_property
    def decoded(self) -> Undone:
        """The leaf's bytes, and whether they are merely what came."""
        payload: object = self._payload  # type: ignore[attr-defined]
        if not isinstance(payload, str):
            return Undone(b"")
        raw = _bytes(payload)
        is_text = self.declared_type.startswith(("text/", "multipart/", "message/"))
        return undone(raw, self.headers.raw("Content-Transfer-Encoding"), is_text)

    def get_boundary(self, failobj: Any = None) -> Any:
        """The boundary in one line: some programs fold within it (RFC 5322, 2.2.3)."""
        found = super().get_boundary(failobj)
        if not isinstance(found, str):
            return found
        return _ENDS.sub("", found) if len(found) <= _LONGEST_BOUNDARY else failobj


def _bytes(payload: str) -> bytes:
    """What came; it is real text only where the parser decoded it itself."""
    try:
        return payload.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return payload.encode("utf-8", "surrogateescape")


class _Parser(FeedParser):
    """The standard parser, which tells each part how deep it lies."""

    def _new_message(self) -> None:
        super()._new_message()  # type: ignore[misc]
        self._cur.depth = len(self._msgstack)  # type: ignore[attr-defined]


def take_apart(raw: bytes) -> Part:
    """The tree of a mail's parts, nested and numbered within reason."""
    message = _parsed(_bounded(raw))
    if _ended_early(message):
        message = _parsed(mended(raw))
    for part in leaves(message):
        if _ended_early(part):
            _mend(part)
    return message


def _parsed(raw: bytes) -> Part:
    """The parser reads line by line; long runs of base64, which end no part, are kept from it."""
    text = raw.decode("ascii", "surrogateescape")
    runs: list[str] = []
    if _STAND_IN not in text:
        text = _RUN.sub(lambda run: f"{_STAND_IN}{_put(runs, run[0])};", text)
    parser = _Parser(Part)
    parser.feed(text)
    message = cast(Part, parser.close())
    for part in leaves(message) if runs else ():
        payload: object = part.get_payload()
        if isinstance(payload, str) and _STAND_IN in payload:
            part.set_payload(_STOOD_IN.sub(lambda found: runs[int(found[1])], payload))
    return message


def _put(runs: list[str], run: str) -> int:
    """Keep it, and tell where."""
    runs.append(run)
    return len(runs) - 1


def _bounded(raw: bytes) -> bytes:
    """The mail without what follows the last boundary line that is heeded."""
    if raw.count(b"\n--") + raw.count(b"\r--") <= MOST_PARTS:
        return raw
    told = {(found[1] or found[2]).strip() for found in _BOUNDARY.finditer(raw)}
    names = sorted(told, key=len, reverse=True)[:DEEPEST]
    lines = re.compile(rb"[\r\n]--(?:" + b"|".join(map(re.escape, names or [b"\n"])) + rb")")
    for number, found in enumerate(lines.finditer(raw)):
        if number == MOST_PARTS:
            return raw[: found.start()]
    return raw


def _ended_early(part: Part) -> bool:
    """A line among the headers that is none ended them for the parser."""
    return any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in part.defects)


def _mend(part: Part) -> None:
    """Give a part the headers that stand behind a strange line, where MIME's own are among them."""
    payload: object = part.get_payload()
    if not isinstance(payload, str):
        return
    head = "".join(f"{name}: {value}\n" for name, value in part.raw_items())
    whole = mended(_bytes(head + payload))
    again = _parsed(whole)
    if len(again.keys()) > len(part.keys()) and not again.is_multipart():
        part._headers = again._headers  # type: ignore[attr-defined]
        part.set_payload(again.get_payload())


def mended(raw: bytes) -> bytes:
    """The mail with strange lines among its headers hidden in the header above them.

    The parser ends the headers at the first line that is none, and shows the rest as text.
    """
    head, blank, body = _BLANK.split(raw, maxsplit=1) if _BLANK.search(raw) else (raw, b"", b"")
    lines = [_SPACED_NAME.sub(rb"\1:", line) for line in head.splitlines(keepends=True)]
    last = max((i for i, line in enumerate(lines) if _KNOWN_HEADER.match(line)), default=-1)
    hidden = [
        line if _HEADER.match(line) or number > last else b" " + line
        for number, line in enumerate(lines)
    ]
    return b"".join(hidden) + blank + body


def leaves(part: Part) -> Iterator[Part]:
    """All parts that hold something, in order."""
    if not part.is_multipart():
        yield part
    for child in part.children:
        yield from leaves(child)
