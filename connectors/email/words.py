"""One header value as text: encoded words (RFC 2047), and the raw eight-bit many programs send."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from itertools import groupby

from connectors.email.charset import decode, storable

LONGEST_VALUE = 200_000
"""Characters of a header that are looked at; longer ones are attacks, not addresses."""

# "=?charset*language?B?...?=": the content may wrongly hold blanks, but never a whole novel.
WORD = r"=\?[^?\s]{1,60}\?[bBqQ]\?.{0,2000}?\?="
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.{0,2000}?)\?=", re.DOTALL)
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")


def unfolded(value: str) -> str:
    """A raw header value on one line, cut to `LONGEST_VALUE`."""
    return _FOLD.sub(" ", value[:LONGEST_VALUE]).strip()


def readable(value: str, hint: str = "") -> str:
    """The value as a person reads it, white space collapsed.

    `value` is what the standard library's compat32 policy keeps: ASCII, with raw eight-bit bytes
    as surrogate escapes. `hint` is the charset to try for those.
    """
    line = unfolded(value)
    text = "".join(_pieces(line, hint)) if "=?" in line else _raw_text(line, hint)
    return storable(" ".join(text.split()))


def _pieces(line: str, hint: str) -> Iterator[str]:
    """Plain text and decoded words in turn; white space between two words does not count."""
    end = 0
    pending: list[tuple[str, bytes]] = []
    for found in _WORD.finditer(line):
        between = line[end : found.start()]
        if between.strip():
            yield from _joined(pending)
            pending = []
            yield _raw_text(between, hint)
        elif not pending:
            yield between
        pending.append(_word(*found.groups()))
        end = found.end()
    yield from _joined(pending)
    yield _raw_text(line[end:], hint)


def _joined(words: list[tuple[str, bytes]]) -> Iterator[str]:
    """Adjacent words of one charset are decoded together: some split inside a character."""
    for label, run in groupby(words, key=lambda word: word[0]):
        parts = [content for _, content in run]
        whole = decode(b"".join(parts), label)
        if whole.certain or len(parts) == 1:
            yield whole.text
        else:
            yield from (decode(part, label).text for part in parts)


def _word(label: str, encoding: str, content: str) -> tuple[str, bytes]:
    """Charset (without the language of RFC 2231) and bytes of one encoded word."""
    raw = eight_bit(content)
    charset = label.split("*")[0].lower()
    if encoding in "qQ":
        return charset, _ESCAPE.sub(lambda hit: bytes([int(hit[1], 16)]), raw.replace(b"_", b" "))
    return charset, base64_bytes(raw)


def base64_bytes(raw: bytes) -> bytes:
    """What can be had from base64 with wrong or missing padding."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    usable = len(letters) - (len(letters) % 4 == 1)
    return binascii.a2b_base64(letters[:usable] + b"=" * (-usable % 4))


def eight_bit(value: str) -> bytes:
    """The bytes that a compat32 header value stands for."""
    return value.encode("utf-8" if _is_real_text(value) else "ascii", "surrogateescape")


def _is_real_text(value: str) -> bool:
    """True for text from elsewhere that really holds letters beyond ASCII."""
    return any(ord(letter) > 127 and not "\udc80" <= letter <= "\udcff" for letter in value)


def _raw_text(value: str, hint: str) -> str:
    return value if value.isascii() else decode(eight_bit(value), "", hint).text
