"""Telephone numbers below what somebody wrote: labelled as theirs, never a fax, never from the body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from connectors.email.quotes import Separated

LAST_LINES = 6
"""Lines of the new text, counted from its end, that may be a signature nobody marked as one."""

MOST_NUMBERS = 3
_LONGEST_LINE = 200
_DIGITS = range(6, 16)
"""A number has at most fifteen (ITU E.164)."""

_LABEL = (
    r"(?:tel|telefon|telephone|phone|fon|mobil|mobile|mobiltelefon|handy|cell|cell ?phone)"
    r"(?:\.?[ -]?nr|nummer|[ -]number)?"
)
_LABELLED = re.compile(
    rf"(?:^|[|·•;,–—/]|\s{{2}})[\s*_]{{0,4}}{_LABEL}[.:*_\s\xa0]{{0,6}}"
    r"(?P<number>[+(]{0,2}\d[\d ()/.\-–\xa0]{4,24}\d)"
    r"(?=[\s*_.]{0,4}(?:$|[|·•;,–—/(]|\s{2}))",
    re.IGNORECASE,
)
_NO_DIGIT = re.compile(r"\D")


def phones_below(mail: Separated, our_phone: str = "") -> tuple[str, ...]:
    """The numbers as they are written; ours, which an unmarked quotation may bring, is left out."""
    ours = _digits(our_phone)
    found = {_digits(number): number for number in _labelled(mail) if _digits(number) != ours}
    return tuple(islice(found.values(), MOST_NUMBERS))


def _labelled(mail: Separated) -> Iterator[str]:
    for line in _end_of(mail):
        for hit in _LABELLED.finditer(line[:_LONGEST_LINE]):
            if len(_NO_DIGIT.sub("", hit["number"])) in _DIGITS:
                yield hit["number"].strip()


def _end_of(mail: Separated) -> list[str]:
    """The signature and the last lines of the new text; nothing where history is among them."""
    if mail.is_mixed:
        return []
    written = [line for line in mail.text.split("\n") if line.strip()]
    return [*mail.signature.split("\n"), *written[-LAST_LINES:]]


def _digits(number: str) -> str:
    """What of a number stays the same with and without the country's code."""
    return _NO_DIGIT.sub("", number.replace("(0)", ""))[-8:]
