"""Transfer encodings undone (RFC 2045, 6), and whether what came out can be what was sent."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from connectors.email.words import base64_bytes


class Undone(NamedTuple):
    """A part's bytes; `damaged` where its encoding could not be undone, and these are as they came."""

    content: bytes
    damaged: bool = False


_WORD = re.compile(r"[^\s;,(]+")
_PLAIN = re.compile(r"(?:7|8)bits?|binary|none|plain|text.*|utf.*|usascii|ascii|iso.*|windows.*|")
"""Nothing to undo; charsets and the like stand there by mistake."""

_UUENCODED = frozenset({"xuuencode", "uuencode", "uue", "xuue"})
_BASE64_LINE = re.compile(rb"[ \t]*[A-Za-z0-9+/]*(={0,2})[ \t]*")
_CHUNK = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_STRANGE = re.compile(rb"[A-Za-z0-9+/=]+")
_STRANGE_SHARE = 10
_SHORT_WORD = 20
_ESCAPE = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t]*\r?(?:\n|\Z))?")
_CONTROLS = bytes({*range(9), *range(14, 27), *range(28, 32)})
_READABLE_SHARE = 100
_MOST_WRONG = 1000
_FOOTER = re.compile(rb"\s*(?:[-_=*]{2}|[^\s]{1,40} [^\s])")


def undone(raw: bytes, encoding: str, is_text: bool) -> Undone:
    """Bytes without their transfer encoding, whatever the header calls it; never raises.

    Where they are none of it, a text stays as it came if it can be read so; all else is damaged.
    """
    match known(encoding):
        case "base64":
            content = _from_base64(raw)
        case "quotedprintable":
            content = _from_quoted_printable(raw, is_text)
        case "uuencode":
            content = from_uuencode(raw) or None
        case "":
            return Undone(raw)
        case _:
            content = None
    if content is not None or not raw.strip():
        return Undone(content or b"")
    return Undone(raw, not (is_text and is_readable(raw)))


def known(encoding: str) -> str:
    """One of "base64", "quotedprintable", "uuencode", "" for none, or what nobody knows."""
    found = _WORD.search(encoding)
    name = re.sub(r"[^a-z0-9]", "", found[0].lower()) if found else ""
    if _PLAIN.fullmatch(name):
        return ""
    return "uuencode" if name in _UUENCODED else name


def is_readable(raw: bytes) -> bool:
    """Whether a person could read it as text: hardly a control character in it."""
    return (len(raw) - len(raw.translate(None, _CONTROLS))) * _READABLE_SHARE <= len(raw)


def _from_base64(raw: bytes) -> bytes | None:
    """None where nothing, or too little of it, is base64.

    Lines count up to the first that is none; a footer in clear follows there, as mailing lists
    append it, or else strange characters are passed over (RFC 2045, 6.8).
    """
    compact = raw.translate(None, b"\r\n\t ")
    if _is_prose(raw):
        return None
    with suppress(binascii.Error):
        return binascii.a2b_base64(compact, strict_mode=True)
    lines = list(_base64_lines(raw))
    rest = raw[sum(map(len, lines)) :]
    head = b"".join(lines).translate(None, b"\r\n\t ")
    is_whole = head.endswith(b"=") or (len(head) % 4 == 0 and _FOOTER.match(rest))
    if head and (is_whole or not rest.strip()):
        return b"".join(map(base64_bytes, _CHUNK.findall(head)))
    strange = len(_STRANGE.sub(b"", compact))
    is_other = strange * _STRANGE_SHARE > len(compact) or _is_prose(rest)
    return None if is_other else base64_bytes(compact)


def _is_prose(raw: bytes) -> bool:
    """Blanks between short words in the first line: encoders write none, people do."""
    first = raw[:2000].strip().partition(b"\n")[0].strip()
    words = first.split()
    return len(words) > 1 and sum(map(len, words)) < _SHORT_WORD * len(words)


def _base64_lines(raw: bytes) -> Iterator[bytes]:
    """Up to the first line that is none; after padding only what looks like a further piece."""
    is_padded = False
    for line in raw.splitlines(keepends=True):
        found = _BASE64_LINE.fullmatch(line.rstrip(b"\r\n"))
        if found is None or (is_padded and (not line.strip() or len(line.strip()) % 4)):
            return
        yield line
        is_padded = bool(found[1])


def _from_quoted_printable(raw: bytes, is_text: bool) -> bytes | None:
    """None for a file most of whose "=" begin nothing: it was never encoded."""
    if not is_text and b"=" in raw:
        wrong = right = 0
        for found in _ESCAPE.finditer(raw):
            wrong, right = wrong + (len(found[0]) == 1), right + (len(found[0]) > 1)
        if wrong > right:
            return None
    return quopri.decodestring(raw)


def from_uuencode(raw: bytes) -> bytes:
    """The content between "begin" and "end"; lines that are none are passed over."""
    content = bytearray()
    wrong = 0
    for line in raw.splitlines():
        if wrong > _MOST_WRONG:
            break
        if line.startswith(b"begin ") or not line:
            continue
        if line == b"end":
            break
        try:
            content += binascii.a2b_uu(line)
        except binascii.Error:
            wrong += 1
            length = (((line[0] - 32) & 63) * 4 + 5) // 3
            content += _from_wrong_uu(line[:length])
    return bytes(content)


def _from_wrong_uu(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
