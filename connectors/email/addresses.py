"""The addresses of From, To and their kind (RFC 5322, 3.4), as real programs write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from connectors.email.words import WORD, readable, unfolded


class Mailbox(NamedTuple):
    """A name and an address as the mail has them; either may be ""."""

    name: str
    address: str


_SIMPLE = re.compile(r'\s*("?)([^"\'\\,;:<>()@=]*)\1\s*<([^\s<>,;:"()\\@]+@[^\s<>,;:"()\\@]+)>\s*')
_TOKEN = re.compile(
    rf'(?P<word>{WORD})|(?P<quoted>"(?:[^"\\]|\\.)*"?)|(?P<angle><[^<>]*>?)'
    r'|(?P<escape>\\.)|(?P<mark>[,;:()])|(?P<space>\s+)|(?P<atom>[^\s",;:()<>]+|.)',
    re.DOTALL,
)
_QUOTES = re.compile(r'\\.|"', re.DOTALL)
_BARE = re.compile(r"[^\s<>,;:\"()\[\]]{1,250}@[^\s<>,;:\"()\[\]@]{1,250}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SPACED = re.compile(r"\s*([.@])\s*")
_COMMENT = re.compile(r"\([^()]*\)")
_BACKSLASH = re.compile(r"\\(.)")
_WRAPPED = re.compile(r"""'[^']*'|"[^"]*"|'"[^'"]*"'""")
_VALID = re.compile(
    r'(?:"[^"\x00-\x1f\x7f]{1,64}"|[^\s<>,;:"()\[\]@\x00-\x1f\x7f]{1,128})'
    r'@[^\s<>,;:"()\[\]@/\\\x00-\x1f\x7f]{1,253}'
)


def is_address(value: str) -> bool:
    """Whether mail could be sent there, by its form."""
    return _VALID.fullmatch(value) is not None and ".." not in value.rpartition("@")[2]


def mailboxes(value: str, hint: str = "") -> list[Mailbox]:
    """The mailboxes of a raw header value in order; groups are opened, empty ones give none."""
    simple = _SIMPLE.fullmatch(value) if value.isascii() and value.isprintable() else None
    if simple is not None:
        return [Mailbox(" ".join(simple[2].split()), simple[3])]
    line = _balanced(unfolded(value))
    found = list(_parse(line, hint))
    if not found and "@" in line:
        return [Mailbox("", readable(hit[0], hint)) for hit in _BARE.finditer(line)]
    return found


def _balanced(line: str) -> str:
    """Without the last quotation mark where their number is odd: it would swallow the rest."""
    marks = [hit.start() for hit in _QUOTES.finditer(line) if hit[0] == '"']
    if len(marks) % 2:
        return line[: marks[-1]] + " " + line[marks[-1] + 1 :]
    return line


@dataclass(slots=True)
class _Piece:
    """What has been read of one mailbox, between two commas."""

    phrase: str = ""
    comment: str = ""
    angle: str = ""

    def mailboxes(self, hint: str) -> Iterator[Mailbox]:
        """The mailbox this makes, if it makes one."""
        phrase, comment = self.phrase.strip(), readable(self.comment, hint)
        if self.angle:
            name, address = phrase, _address(self.angle, hint)
        else:
            name, address = _told_apart(phrase, hint)
        if not phrase and not self.angle:
            return
        mailbox = Mailbox(_name(name, hint) or comment, address)
        if any(mailbox):
            yield mailbox


def _told_apart(phrase: str, hint: str) -> tuple[str, str]:
    """Name and address of a mailbox without angle brackets."""
    compact = _SPACED.sub(r"\1", phrase)
    if _VALID.fullmatch(compact):
        return "", readable(compact, hint)
    name, _, address = phrase.rpartition(" ")
    return (name, _address(address, hint)) if "@" in address else (phrase, "")


def _parse(line: str, hint: str) -> Iterator[Mailbox]:
    piece = _Piece()
    depth = 0
    for token in _TOKEN.finditer(line):
        kind, value = token.lastgroup, token[0]
        if value == "(":
            depth += 1
        elif value == ")" and depth:
            depth -= 1
        elif depth:
            piece.comment += value
        elif value in {",", ";"} or (kind == "angle" and piece.angle):
            yield from piece.mailboxes(hint)
            piece = _Piece(angle=value if kind == "angle" else "")
        elif value == ":" and "@" not in piece.phrase:
            piece = _Piece()
        elif kind == "angle":
            piece.angle = value
        else:
            piece.phrase += value
    yield from piece.mailboxes(hint)


def _address(value: str, hint: str) -> str:
    """An address without brackets, source route, "mailto:" and comments.

    Blanks around its dots and its "@" are obsolete syntax (RFC 5322, 4.4); others make it none.
    """
    bare = readable(value.strip("<> \t'"), hint).removeprefix("mailto:")
    if bare.startswith("@") and ":" in bare:
        bare = bare.partition(":")[2]
    return bare if '"' in bare else _SPACED.sub(r"\1", _COMMENT.sub("", bare)).strip()


def _name(phrase: str, hint: str) -> str:
    """A display name without its quotation marks."""
    plain = _QUOTED.sub(lambda hit: _BACKSLASH.sub(r"\1", hit[1]), phrase)
    name = readable(plain, hint)
    return name[1:-1].strip() if _WRAPPED.fullmatch(name) else name
