"""Headers as they go out: ASCII, folded and within the length of a line (RFC 5322, 2047, 2231).

The library folds long names beyond ASCII so that recipients get lost; so it is given whole values.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from email.headerregistry import Address as HeaderAddress
from email.policy import Policy
from urllib.parse import quote

from connectors.email.charset import storable

LONGEST_NAME = 180
"""Characters of a person's or a file's name."""

_FOLD = "\r\n "
_LINE = 76
_LONGEST_TOKEN = 900
_WORD_BYTES, _SECTION_BYTES, _SHORT_NAME = 42, 16, 50
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_PLAIN = re.compile(rb"[A-Za-z0-9!*+/-]")


class Written(str):
    """A header's value with its line breaks; the library takes it as it is, for its `name`."""

    name: str

    def __new__(cls, name: str, value: str) -> Written:
        written = super().__new__(cls, value)
        written.name = name
        return written

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def one_line(value: str) -> str:
    """Header text without control characters, and without what would be read as encoded word."""
    return " ".join(_CONTROL.sub(" ", storable(value)).replace("=?", "= ?").split())


def text(value: str) -> str:
    """The value of a header of words, such as a subject."""
    tokens = value.split(" ")
    if value.isascii() and max(map(len, tokens)) <= _LONGEST_TOKEN:
        return _folded(tokens)
    return _FOLD.join(_words(value))


def mailbox(name: str, address: str) -> str:
    """A name and an address, as `write.wire_address` gives it."""
    local, _, domain = address.rpartition("@")
    spec = HeaderAddress("", local.strip('"'), domain).addr_spec
    name = name[:LONGEST_NAME].strip()
    if not name:
        return spec
    if not name.isascii():
        return _FOLD.join([*_words(name), f"<{spec}>"])
    phrase = name if _PHRASE.fullmatch(name) else _quoted(name)
    space = " " if len(phrase) + len(spec) < _LINE else _FOLD
    return f"{phrase}{space}<{spec}>"


def listed(values: Iterable[str], separator: str = "") -> str:
    """Mailboxes or ids, each on a line of its own."""
    return f"{separator}{_FOLD}".join(values)


def described(value: str, parameters: Iterable[str]) -> str:
    """A media type or a disposition with its parameters."""
    return f";{_FOLD}".join([value, *parameters])


def file_names(name: str) -> tuple[list[str], list[str]]:
    """The parameters of Content-Type and of Content-Disposition that name a file.

    A name beyond ASCII stands in `filename` by RFC 2231, and in `name` as encoded words (RFC
    2047), which are not allowed there and which Outlook and many others need.
    """
    if not name:
        return [], []
    if name.isascii():
        return [f"name={_quoted(name)}"], [f"filename={_quoted(name)}"]
    old = f'name="{_FOLD.join(_words(name))}"'
    whole = quote(name, safe="")
    if len(whole) <= _SHORT_NAME:
        return [old], [f"filename*=utf-8''{whole}"]
    sections = [quote(piece, safe="") for piece in _pieces(name, _SECTION_BYTES)]
    sections[0] = f"utf-8''{sections[0]}"
    return [old], [f"filename*{number}*={section}" for number, section in enumerate(sections)]


def _folded(tokens: Iterable[str]) -> str:
    lines: list[str] = []
    for token in tokens:
        if lines and len(lines[-1]) + len(token) < _LINE - len("Subject: "):
            lines[-1] += f" {token}"
        else:
            lines.append(token)
    return _FOLD.join(lines)


def _words(value: str) -> Iterator[str]:
    """Encoded words (RFC 2047, 2), whole characters in each; white space between them is none."""
    for piece in _pieces(value, _WORD_BYTES):
        raw = piece.encode()
        legible = _PLAIN.sub(b"", raw.replace(b" ", b""))
        if 2 * len(legible) <= len(raw) / 3:
            yield f"=?utf-8?q?{''.join(map(_letter, raw))}?="
        else:
            yield f"=?utf-8?b?{b64encode(raw).decode()}?="


def _letter(byte: int) -> str:
    if byte == 0x20:
        return "_"
    return chr(byte) if _PLAIN.match(bytes([byte])) else f"={byte:02X}"


def _pieces(value: str, most_bytes: int) -> Iterator[str]:
    """The text in pieces of so many bytes in UTF-8, never within a character."""
    piece, size = "", 0
    for letter in value:
        length = len(letter.encode())
        if size + length > most_bytes:
            yield piece
            piece, size = "", 0
        piece, size = piece + letter, size + length
    yield piece


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
