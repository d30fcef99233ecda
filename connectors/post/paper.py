"""The words of a letter, sorted by where they stand: head, text, end and foot of the paper."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from textwrap import wrap

from connectors.post.dates import dates_in
from connectors.post.phrases import is_closing, is_salutation

__all__ = ["Paper", "unfold"]

STAMP = re.compile(
    r"^\W*(?:ein\s?gegangen|post\s?eingang|eingang(?:en)?|eingangsstempel|received)\b",
    re.IGNORECASE,
)
STAMP_DATE = re.compile(r"^\W*(?:(?:am|on)\b)?\W*", re.IGNORECASE)
FOOT_WORDS = re.compile(
    r"\b(?:Bankverbindung|IBAN|BIC|SWIFT|Amtsgericht|HR[AB]|USt|Steuernummer|VAT|Registered|"
    r"Geschäftsführer|Tel|Telefon|E-?Mail)\b"
)
FOOT_LINES = 12
"""How far up from the end of a page its footer is looked for."""
WIDEST = 400
"""Characters: no paper is wider, and patterns are slow on lines without end."""
PAGE_NUMBER = re.compile(r"^\W*(?:Seite|Page)\s+\d+(?:\s*(?:von|of|/)\s*\d+)?\W*$", re.IGNORECASE)
ENCLOSURES = re.compile(r"^\W*(?:Anlagen?|Encl(?:osures?|s)?\.?)\W*(?::.*)?$", re.IGNORECASE)
SPECKLE = re.compile(r"^[^\w(\[+]+|(?: [.,:;]|[^\w)\].,:;!?%€-])+$")
FAX_HEADER = re.compile(r"\d{1,2}:\d\d\b.*\b(?:VON|FROM)\b.*\b(?:SEITE|PAGE)\b")
"""What the sending machine printed: its time is not the letter's date."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The lines of a letter; an empty line stands between paragraphs.

    head        all before the salutation; of a form without one, everything
    salutation  "" where there is none
    body        between salutation and closing
    closing     "" where there is none
    end         after the closing: signature, sometimes the sender's address
    foot        the printed footer of any page
    """

    head: tuple[str, ...]
    salutation: str
    body: tuple[str, ...]
    closing: str
    end: tuple[str, ...]
    foot: tuple[str, ...]


def unfold(text: str) -> Paper:
    """Sort the lines of an OCR text; pages are apart by form feeds. Takes any text."""
    lines: list[str] = []
    foot: list[str] = []
    for page in _clean(text).split("\f"):
        kept, printed = _without_foot(_without_stamp(page.split("\n")))
        lines += [*kept, ""]
        foot += printed
    opening = next((i for i, line in enumerate(lines) if is_salutation(line)), None)
    start = len(lines) if opening is None else opening
    leaving = next((i for i, line in _backwards(lines, start) if is_closing(line)), None)
    if opening is None:
        leaving = next((i for i, line in _backwards(lines, 0) if is_closing(line)), None)
    stop = len(lines) if leaving is None else leaving
    return Paper(
        head=tuple(lines[: min(start, stop)]),
        salutation="" if opening is None else lines[opening],
        body=tuple(lines[start + 1 : stop]),
        closing="" if leaving is None else lines[leaving],
        end=tuple(lines[stop + 1 :]),
        foot=tuple(foot),
    )


def _clean(text: str) -> str:
    """One spelling of each letter, one kind of space and line end, no specks at a line's ends."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "\f".join(
        "\n".join(_clean_line(line) for line in page.split("\n")) for page in text.split("\f")
    )


def _clean_line(line: str) -> str:
    words = " ".join("".join(c if c.isprintable() else " " for c in line).split())
    return "\n".join(wrap(SPECKLE.sub("", words), WIDEST))


def _backwards(lines: list[str], start: int) -> list[tuple[int, str]]:
    return [(i, lines[i]) for i in range(len(lines) - 1, start, -1)]


def _without_stamp(lines: list[str]) -> list[str]:
    """Without a received stamp, its date and a fax header, which are never the letter's own."""
    kept: list[str] = []
    stamped = False
    for line in lines:
        if FAX_HEADER.search(line):
            continue
        if STAMP.match(line):
            stamped = True
        elif stamped and line and _is_only_a_date(line):
            stamped = False
        else:
            stamped = stamped and not line
            kept.append(line)
    return kept


def _is_only_a_date(line: str) -> bool:
    rest = STAMP_DATE.sub("", line)
    return any(found.start <= 1 and len(rest) - found.end <= 4 for found in dates_in(rest))


def _without_foot(lines: list[str]) -> tuple[list[str], list[str]]:
    """A page's lines, and its printed footer: the last lines, from one that is all columns."""
    numbered = [line for line in lines if not PAGE_NUMBER.match(line)]
    while numbered and not numbered[-1]:
        numbered.pop()
    begin = max(0, len(numbered) - FOOT_LINES)
    for index in range(begin, len(numbered)):
        if len(set(FOOT_WORDS.findall(numbered[index]))) >= 2:
            return numbered[:index], numbered[index:]
    return numbered, []


def is_enclosures(line: str) -> bool:
    """Whether a line heads the list of enclosures."""
    return ENCLOSURES.match(line) is not None
