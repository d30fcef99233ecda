"""One normaliser for what is searched and what is searched for, on both databases."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100_000
"""Characters of a body that are searchable; a log file of megabytes is not prose."""

_LONG_VOWEL = re.compile(r"ae|oe|(?<!q)ue")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_WORD = re.compile(r"[^\W_]+")
_SHORT = {"ae": "a", "oe": "o", "ue": "u"}


def normal(text: str) -> str:
    """Case, marks, ß and the two spellings of umlauts made one; NUL taken out.

    "Größe", "Groesse" and "grosse" become one word, and so do some words that are none
    ("neue", "neu"): the same on both sides, so that it only finds a little more. FTS5 takes a row
    out only by the words it was put in with: to change this is to build the index anew.
    """
    plain = text[:LONGEST].casefold().replace("\0", "")
    if not plain.isascii():
        plain = _FOREIGN.sub(_without_marks, unicodedata.normalize("NFKD", plain))
    return _LONG_VOWEL.sub(lambda found: _SHORT[found[0]], plain)


def _without_marks(found: re.Match[str]) -> str:
    return "".join(sign for sign in found[0] if not unicodedata.combining(sign))


def words(text: str) -> list[str]:
    """The words of a text, normalised: letters and digits, nothing else joins them."""
    return _WORD.findall(normal(text))
