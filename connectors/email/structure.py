"""A mail taken apart (MIME, RFC 2045-2049): its parts and their bytes; no text is decoded."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MissingHeaderBodySeparatorDefect
from email.message import Message
from functools import cached_property

from connectors.email.headers import Headers
from connectors.email.words import base64_bytes

_BASE64_LINE = re.compile(rb"[ \t]*[A-Za-z0-9+/]*(={0,2})[ \t]*")
_WHOLE_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_BLANK = re.compile(rb"((?:\r?\n){2})")
_HEADER = re.compile(rb"[!-9;-~]+:|[ \t]|From ")
_SPACED_NAME = re.compile(rb"^([!-9;-~]+)[ \t]+:")
_KNOWN_HEADER = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|mime-version|content-type|reply-to):", re.IGNORECASE
)
_UUENCODED = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})


class Part(Message):
    """One part of a mail.

    The parser is told that enclosed mails (message/rfc822 and its kind) are opaque: so they keep
    their exact bytes as files, and a thousand mails within each other cost nothing.
    """

    @property
    def declared_type(self) -> str:
        """The media type as the mail states it, in lower case."""
        return super().get_content_type()

    def get_content_type(self) -> str:
        """What the parser sees."""
        kind = self.declared_type
        return "application/octet-stream" if kind.startswith("message/") else kind

    @cached_property
    def headers(self) -> Headers:
        return Headers(self)

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
        payload: object = self._payload  # type: ignore[attr-defined]
        if not isinstance(payload, str):
            return b""
        raw = payload.encode("utf-8" if _has_letters(payload) else "ascii", "surrogateescape")
        return undone(raw, self.headers.value("Content-Transfer-Encoding"))


def _has_letters(payload: str) -> bool:
    """Only where the parser decoded text itself; bytes come as surrogate escapes."""
    try:
        payload.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return True
    return False


def take_apart(raw: bytes) -> Part:
    """The tree of a mail's parts. Raises RecursionError where it is nested beyond reason."""
    message = message_from_bytes(raw, _class=Part)
    if any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in message.defects):
        return message_from_bytes(mended(raw), _class=Part)
    return message


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


def undone(raw: bytes, encoding: str) -> bytes:
    """Bytes without their transfer encoding; an unknown one is taken for none."""
    match encoding:
        case "base64":
            return _from_base64(raw)
        case "quoted-printable":
            return quopri.decodestring(raw)
        case _ if encoding in _UUENCODED:
            return from_uuencode(raw)
    return raw


def _from_base64(raw: bytes) -> bytes:
    compact = raw.translate(None, b"\r\n\t ")
    if len(compact) % 4 == 0 and _WHOLE_BASE64.fullmatch(compact):
        return binascii.a2b_base64(compact)
    return base64_bytes(b"".join(_base64_lines(raw)) or raw)


def _base64_lines(raw: bytes) -> Iterator[bytes]:
    """Up to the padding or the first line that is none: mailing lists append a footer in clear."""
    for line in raw.splitlines():
        found = _BASE64_LINE.fullmatch(line)
        if found is None:
            return
        yield line
        if found[1]:
            return


def from_uuencode(raw: bytes) -> bytes:
    """The content between "begin" and "end"; lines that are none are passed over."""
    content = bytearray()
    for line in raw.splitlines():
        if line.startswith(b"begin ") or not line:
            continue
        if line == b"end":
            break
        try:
            content += binascii.a2b_uu(line)
        except binascii.Error:
            length = (((line[0] - 32) & 63) * 4 + 5) // 3
            content += _from_wrong_uu(line[:length])
    return bytes(content)


def _from_wrong_uu(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
