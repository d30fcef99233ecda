"""New words, quoted history and signature of a plain text mail told apart; nothing is dropped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from connectors.email.introductions import (
    LONG_RULE,
    RULE,
    attribution_end,
    block_end,
    closing_lines,
    divider_end,
    is_desk_line,
    is_forward_line,
    is_marked,
    may_hold_desk_line,
)
from connectors.email.phrases import EXCUSE, PASSED_ON, SENT

LONGEST_LINE = 400
MOST_LINES = 20_000
"""Characters of a line, and lines, that are looked at; what comes after is as the last one was."""

_SIGNATURE = re.compile(r"\s{0,2}(?:--|[–—―]|__|- -)\s?")
_DASHED_NAME = re.compile(r"\s{0,3}[-~]{1,2}\s?[^\W\d_]\w*\.?(?:\s[^\W\d_]\w*\.?){0,2}\s*")
_OTHER_MARK = re.compile(r"\s{0,3}(?:\||[A-Z]{1,3}>)")
_FOOTER = re.compile(r"\s{0,3}_{20,}\s*")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_TORN_ADDRESS = re.compile(r"[(<]?https?://\S{3,}$")
_SIGNATURE_LINES = 12
_SURE_SIGNATURE_LINES = 40
_FOOTER_LINES = 5
_LONGEST_SENT = 120
_FULL_LINE = 62


class Kind(Enum):
    """What a line is."""

    NEW = auto()
    QUOTED = auto()
    SIGNATURE = auto()


@dataclass(frozen=True, slots=True)
class Separated:
    """The three parts of a mail; each line of it stands in exactly one of them.

    `is_mixed`: history stands in the text, because nothing new would have remained without it, or
    because it is passed on and therefore what the writer wants to show.
    """

    text: str
    quoted: str = ""
    signature: str = ""
    is_mixed: bool = False


def separate(text: str, subject: str = "") -> Separated:
    """Tell what the writer wrote this time from history and signature.

    Linear in the length of the text. Where nothing new would remain, all of it is new: an answer
    inside a quotation that nobody could tell from it. A mail that is passed on (as its own words
    say, or its `subject`: "WG: ...") is shown with what it passes on.
    """
    lines = text.split("\n")
    kinds, is_mixed = kinds_of(lines, subject)
    new, quoted, signature = (
        "\n".join(line for line, one in zip(lines, kinds, strict=True) if one is kind).strip("\n")
        for kind in Kind
    )
    return Separated(new, quoted, signature, is_mixed)


def kinds_of(lines: Sequence[str], subject: str = "") -> tuple[list[Kind], bool]:
    """What each line is, and whether history stands among the new ones."""
    seen = [line[:LONGEST_LINE] for line in lines[:MOST_LINES]]
    if _INVISIBLE.search("".join(seen)):
        seen = [_INVISIBLE.sub("", line) for line in seen]
    reading = _Reading(seen, PASSED_ON.match(subject) is not None)
    kinds = reading.kinds()
    kinds += kinds[-1:] * (len(lines) - len(kinds))
    if reading.has_new:
        return kinds, reading.is_mixed
    return [Kind.NEW] * len(lines), reading.is_mixed or Kind.QUOTED in kinds


class _Reading:
    """One pass over the lines; each step decides about some of them, or passes."""

    def __init__(self, lines: Sequence[str], is_passed_on: bool) -> None:
        self.lines = lines
        self.decided: list[Kind] = []
        self.closing = closing_lines(lines)
        self.words_after, self.next_words = _words(lines)
        self.is_passed_on = is_passed_on
        self.may_hold_desk_line = may_hold_desk_line("\n".join(lines))
        self.has_new = self.is_mixed = self.has_attribution = False

    def kinds(self) -> list[Kind]:
        steps = (self.marked, self.passed_on, self.attributed, self.divided, self.signed)
        while (at := len(self.decided)) < len(self.lines):
            if not self.lines[at].strip() or not any(step(at) for step in steps):
                self.take(at + 1, Kind.NEW)
        return self.decided

    def take(self, end: int, kind: Kind) -> bool:
        """Decide about the lines up to `end`; says that there were some."""
        at = len(self.decided)
        end = min(end, len(self.lines))
        self.decided.extend([kind] * (end - at))
        if kind is Kind.NEW and self.words_after[at] > self.words_after[end]:
            self.has_new = True
        return end > at

    def marked(self, at: int) -> bool:
        """Lines that begin with ">", the blank ones between them, and what was torn off them."""
        end = at
        while end < len(self.lines) and self.is_marked(end):
            end += 1
            if self.is_torn_off(end):
                end += 1
            end = self.next_words[end]
        return self.take(end, Kind.QUOTED)

    def is_marked(self, at: int) -> bool:
        """By ">"; below an attribution also by "|" or the writer's initials."""
        line = self.lines[at]
        return is_marked(line) or (self.has_attribution and _OTHER_MARK.match(line) is not None)

    def is_torn_off(self, at: int) -> bool:
        """The rest of a quoted line that a program broke after it had been marked."""
        if at + 1 >= len(self.lines) or not self.lines[at].strip() or is_marked(self.lines[at]):
            return False
        above, rest = self.lines[at - 1].rstrip(), self.lines[at].strip()
        if not is_marked(self.lines[at + 1]) or len(rest) > len(above):
            return False
        if _TORN_ADDRESS.search(above):
            return " " not in rest
        is_full = len(above) >= _FULL_LINE and above[-1] not in ".!?:;"
        return is_full and (rest[0].islower() or rest[0] in ".,;)")

    def passed_on(self, at: int) -> bool:
        """A mail that is passed on: it and all that follows is shown."""
        line = self.lines[at]
        if not is_forward_line(line):
            below = self.next_words[at + 1] if RULE.fullmatch(line) else at
            if not self.is_passed_on or not (self.divided_until(at) or self.block(below)):
                return False
        self.is_mixed = True
        return self.take(len(self.lines), Kind.NEW)

    def attributed(self, at: int) -> bool:
        """ "On ... wrote:", also wrapped; without ">" below it, all that follows is history."""
        end = self.attribution(at)
        if not end:
            return False
        self.has_attribution = True
        return self.history(end)

    def divided(self, at: int) -> bool:
        """A line "Original Message" or a block of headers, also below a rule."""
        below = self.next_words[at + 1] if RULE.fullmatch(self.lines[at]) else at
        end = self.divided_until(below) or self.block(below)
        if not end and below > at and below < len(self.lines) and self.attribution(below):
            return self.take(below, Kind.QUOTED)
        if not end:
            return False
        return self.history(self.block(self.next_words[end]) or end)

    def history(self, end: int) -> bool:
        """All from an introduction on, or as far as it is marked.

        With nothing new above it, it introduces what the writer shows; only what is marked is old.
        """
        below = self.next_words[end]
        if below < len(self.lines) and self.is_marked(below):
            return self.take(below, Kind.QUOTED)
        if self.has_new:
            return self.take(len(self.lines), Kind.QUOTED)
        self.is_mixed = True
        return self.take_shown(end)

    def take_shown(self, end: int) -> bool:
        """Show lines that are not new by themselves: they count only with words below them."""
        self.decided.extend([Kind.NEW] * (end - len(self.decided)))
        return True

    def signed(self, at: int) -> bool:
        """ "-- " and the few lines after it (RFC 3676, 4.3), a list's footer, a telephone's line."""
        line = self.lines[at]
        if self.sent_from(at) or self.named(at):
            return self.take(at + 1, Kind.SIGNATURE)
        is_footer = _FOOTER.fullmatch(line) is not None and line.strip() != LONG_RULE
        if not is_footer and not _SIGNATURE.fullmatch(line):
            return False
        end = self.next_history[at + 1]
        words = self.words_after[at + 1] - self.words_after[end]
        most = _FOOTER_LINES if is_footer else _SIGNATURE_LINES
        most = _SURE_SIGNATURE_LINES if line == "-- " else most
        return 0 < words <= most and self.take(end, Kind.SIGNATURE)

    def named(self, at: int) -> bool:
        """ "-Anna" as the last words; not the last point of a list."""
        if not self.has_new or not _DASHED_NAME.fullmatch(self.lines[at]):
            return False
        above = self.lines[at - 1].lstrip()
        return not above.startswith(("-", "–", "—", "*", "•")) and self.is_end(
            self.next_words[at + 1]
        )

    def sent_from(self, at: int) -> bool:
        """ "Sent from my telephone", with a blank line, another or the end below it."""
        line = self.lines[at].strip()
        if len(line) > _LONGEST_SENT or not SENT.match(line):
            return False
        _, comma, rest = line.partition(", ")
        if comma and not EXCUSE.search(rest):
            return False
        below = self.lines[at + 1].strip() if at + 1 < len(self.lines) else ""
        return not below or SENT.match(below) is not None or self.is_end(at + 1)

    def is_end(self, at: int) -> bool:
        """Whether nothing new can follow: the end, history or a signature."""
        if at >= len(self.lines) or self.next_history[at] == at:
            return True
        line = self.lines[at]
        return RULE.fullmatch(line) is not None or _SIGNATURE.fullmatch(line) is not None

    @cached_property
    def next_history(self) -> list[int]:
        """For each line, the first from there on that begins a quotation, else the end."""
        found = [len(self.lines)]
        for at in reversed(range(len(self.lines))):
            found.append(at if self.begins_history(at) else found[-1])
        return found[::-1]

    def begins_history(self, at: int) -> bool:
        line = self.lines[at]
        if not line.strip():
            return False
        if is_marked(line) or self.divided_until(at) or is_forward_line(line):
            return True
        return bool(self.attribution(at) or self.block(at))

    def attribution(self, at: int) -> int:
        """The end of an attribution that begins here, else 0."""
        below = self.next_words[at + 1]
        after = self.lines[below] if below < len(self.lines) else ""
        end = attribution_end(self.lines, at, self.closing, after)
        return end if end > at else 0

    def divided_until(self, at: int) -> int:
        if at >= len(self.lines):
            return 0
        if self.may_hold_desk_line and is_desk_line(self.lines[at]):
            return at + 1
        end = divider_end(self.lines, at, self.next_words[at + 1])
        return end if end > at else 0

    def block(self, at: int) -> int:
        end = block_end(self.lines, at)
        return end if end > at else 0


def _words(lines: Sequence[str]) -> tuple[list[int], list[int]]:
    """For each line, how many with words stand from there to the end, and which is the first."""
    counts, firsts = [0], [len(lines)]
    for at in reversed(range(len(lines))):
        has_words = bool(lines[at].strip())
        counts.append(counts[-1] + has_words)
        firsts.append(at if has_words else firsts[-1])
    return counts[::-1], firsts[::-1]
