"""New words, quoted history and signature of a plain text mail told apart; nothing is dropped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from connectors.email.phrases import DIVIDER, OPENER, ROLES, SENT, VERB

LONGEST_LINE = 400
"""Characters of a line that are looked at; what begins a quotation stands at its start."""

_MARKED = re.compile(r"\s{0,3}>")
_LABEL = re.compile(r"[*_\s]{0,8}([^\W\d_][^:*]{0,18}?)[*_\s]{0,3}:")
_SIGNATURE = re.compile(r"\s{0,2}(?:--|—|__|- -)\s?")
_RULE = re.compile(r"\s{0,3}[_-]{5,}\s*")
_DATED = re.compile(r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})\b")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\ufeff]")
_WRAPPED_END = re.compile(r">[\w\s]{0,20}:")
_FOOTER = re.compile(r"\s{0,3}_{20,}\s*")
_CLOSINGS = ":-\uff1a"
_WRAPPED_LINES = 4
_BLOCK_LINES = 8
_SIGNATURE_LINES = 12
_FOOTER_LINES = 5
_LONGEST_SENT = 120


class _Kind(Enum):
    NEW = auto()
    QUOTED = auto()
    SIGNATURE = auto()


@dataclass(frozen=True, slots=True)
class Separated:
    """The three parts of a mail; each line of it stands in exactly one of them.

    `is_mixed`: history stands in the text, because nothing new would have remained without it.
    """

    text: str
    quoted: str = ""
    signature: str = ""
    is_mixed: bool = False


def separate(text: str) -> Separated:
    """Tell what the writer wrote this time from history and signature.

    Linear in the length of the text. Where nothing new would remain, all of it is new: a forwarded
    mail, an answer inside a quotation that nobody could tell from it.
    """
    lines = text.split("\n")
    kinds = _Reading([_INVISIBLE.sub("", line[:LONGEST_LINE]) for line in lines]).kinds()
    new, quoted, signature = (
        "\n".join(line for line, one in zip(lines, kinds, strict=True) if one is kind)
        for kind in _Kind
    )
    if not new.strip():
        return Separated(text.strip("\n"), is_mixed=_Kind.QUOTED in kinds)
    return Separated(new.strip("\n"), quoted.strip("\n"), signature.strip("\n"))


class _Reading:
    """One pass over the lines; each step decides about some of them, or passes."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.decided: list[_Kind] = []
        self.words_after = _words_after(lines)

    def kinds(self) -> list[_Kind]:
        steps = (self.marked, self.attributed, self.divided, self.signed, self.sent_from)
        while (at := len(self.decided)) < len(self.lines):
            if not any(step(at) for step in steps):
                self.take(at + 1, _Kind.NEW)
        return self.decided

    def take(self, end: int, kind: _Kind) -> bool:
        """Decide about the lines up to `end`; says that there were some."""
        count = min(end, len(self.lines)) - len(self.decided)
        self.decided.extend([kind] * count)
        return count > 0

    def marked(self, at: int) -> bool:
        """Lines that begin with ">", and the blank ones between them."""
        end = at
        while end < len(self.lines) and _MARKED.match(self.lines[end]):
            end = self.next_words(end + 1)
        return self.take(end, _Kind.QUOTED)

    def attributed(self, at: int) -> bool:
        """ "On ... wrote:", also wrapped; without ">" below it, all that follows is history."""
        end = _attribution_end(self.lines, at)
        if end == at:
            return False
        below = self.next_words(end)
        is_marked = below < len(self.lines) and _MARKED.match(self.lines[below]) is not None
        return self.take(below if is_marked else len(self.lines), _Kind.QUOTED)

    def divided(self, at: int) -> bool:
        """A line "Original Message" or a block of headers: all that follows is history."""
        line = self.lines[at]
        below = self.next_words(at + 1) if _RULE.fullmatch(line) else at
        if DIVIDER.fullmatch(line) or _is_header_block(self.lines[below : below + _BLOCK_LINES]):
            return self.take(len(self.lines), _Kind.QUOTED)
        return False

    def signed(self, at: int) -> bool:
        """ "-- " and the few lines after it (RFC 3676, 4.3), or a mailing list's footer."""
        is_footer = _FOOTER.fullmatch(self.lines[at]) is not None
        if not is_footer and not _SIGNATURE.fullmatch(self.lines[at]):
            return False
        end = self.next_history[at + 1]
        words = self.words_after[at + 1] - self.words_after[end]
        most = _FOOTER_LINES if is_footer else _SIGNATURE_LINES
        return 0 < words <= most and self.take(end, _Kind.SIGNATURE)

    @cached_property
    def next_history(self) -> list[int]:
        """For each line, the first from there on that begins a quotation, else the end."""
        found = [len(self.lines)]
        for at in reversed(range(len(self.lines))):
            found.append(at if self.begins_history(at) else found[-1])
        return found[::-1]

    def begins_history(self, at: int) -> bool:
        line = self.lines[at]
        if _MARKED.match(line) or DIVIDER.fullmatch(line):
            return True
        return _attribution_end(self.lines, at) > at or _is_header_block(
            self.lines[at : at + _BLOCK_LINES]
        )

    def sent_from(self, at: int) -> bool:
        """ "Sent from my telephone", with a blank line or the end below it."""
        line = self.lines[at].strip()
        if len(line) > _LONGEST_SENT or not SENT.match(line):
            return False
        below = self.lines[at + 1].strip() if at + 1 < len(self.lines) else ""
        return (not below or SENT.match(below) is not None) and self.take(at + 1, _Kind.SIGNATURE)

    def next_words(self, at: int) -> int:
        """The first line from `at` on that is not blank."""
        while at < len(self.lines) and not self.lines[at].strip():
            at += 1
        return at


def _words_after(lines: Sequence[str]) -> list[int]:
    """For each line, how many lines that are not blank stand from there to the end."""
    counts = [0]
    for line in reversed(lines):
        counts.append(counts[-1] + bool(line.strip()))
    return counts[::-1]


def _attribution_end(lines: Sequence[str], at: int) -> int:
    """Where the line that introduces a quotation ends, if one begins here; else `at`."""
    first = lines[at].strip()
    is_opened = OPENER.match(first.lstrip("-* ")) is not None
    if not is_opened and "@" not in first and not _DATED.match(first):
        stands_alone = first[-1:] in _CLOSINGS and VERB.search(first)
        if not first or not stands_alone:
            return at
    may_wrap = is_opened or _DATED.match(first) or ("@" in first and VERB.search(first))
    joined = first
    for end in range(at + 1, min(at + (_WRAPPED_LINES if may_wrap else 1), len(lines)) + 1):
        if _is_attribution(joined[:LONGEST_LINE]):
            return end
        line = lines[end].strip() if end < len(lines) else ""
        if not line or (_MARKED.match(line) and not _WRAPPED_END.fullmatch(line)):
            return at
        if line[0].isupper() and OPENER.match(line) and any(map(str.isdigit, line)):
            return at
        joined = f"{joined} {line}"
    return at


def _is_attribution(line: str) -> bool:
    """A date or an address, and a verb of writing before the closing colon."""
    if not line or line[-1] not in _CLOSINGS:
        return False
    has_date = any(letter.isdigit() for letter in line)
    if _DATED.match(line) and "@" in line:
        return True
    if not VERB.search(line):
        return line[-1] == ":" and has_date and "@" in line and OPENER.match(line) is not None
    is_opened = OPENER.match(line.lstrip("-* ")) is not None
    return (is_opened and has_date) or "@" in line or line.startswith("---")


def _is_header_block(lines: Sequence[str]) -> bool:
    """From with two more of date, to and subject, one below the other."""
    roles: list[str] = []
    for line in lines:
        label = _LABEL.match(line)
        role = ROLES.get(label[1].strip().lower()) if label else None
        if role is None and (not roles or not line.strip()):
            break
        if role is not None:
            roles.append(role)
    return bool(roles) and roles[0] in {"from", "date"} and "from" in roles and len(set(roles)) >= 3
