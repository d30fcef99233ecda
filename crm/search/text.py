"""One normaliser for what is searched and what is searched for, on both databases."""

from __future__ import annotations

import re
import unicodedata

VERSION = 1
"""Stored with the index: another version means that the index is built anew."""

LONGEST = 100_000
"""Characters of a body that are searchable; a log file of megabytes is not prose."""

_LONG_VOWEL = re.compile(r"ae|oe|(?<!q)ue")
_WORD = re.compile(r"[^\W_]+")
_SHORT = {"ae": "a", "oe": "o", "ue": "u"}


def normal(text: str) -> str:
    """Case, marks, ß and the two spellings of umlauts made one; NUL taken out.

    "Größe", "Groesse" and "grosse" become one word, and so do some words that are none
    ("neue", "neu"): the same on both sides, so that it only finds a little more.
    """
    folded = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    plain = "".join(sign for sign in folded if not unicodedata.combining(sign) and sign != "\0")
    return _LONG_VOWEL.sub(lambda found: _SHORT[found[0]], plain)


def words(text: str) -> list[str]:
    """The words of a text, normalised: letters and digits, nothing else joins them."""
    return _WORD.findall(normal(text))
