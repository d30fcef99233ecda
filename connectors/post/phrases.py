"""The set phrases of letters, German and English: salutations, closings, and how to tell the language."""

from __future__ import annotations

import re

__all__ = ["is_closing", "is_salutation", "language_of"]

SALUTATION = re.compile(
    r"""^\W{0,3}(?:
        sehr\s+(?:geehrte|verehrte)[rns]?\b | liebe[rs]?\s+\w | hallo\b | moin\b
      | guten\s+(?:tag|morgen|abend)\b | grüß\s+gott\b | werte[rs]?\s+\w
      | an\s+alle,?\s+die\s+es\s+angeht
      | dear\s+\w | to\s+whom\s+it\s+may\s+concern | hello\b | good\s+(?:morning|afternoon)\b
      | ladies\s+and\s+gentlemen
    )""",
    re.IGNORECASE | re.VERBOSE,
)
CLOSING = re.compile(
    r"""^\W{0,3}(?:
        (?:mit\s+)?(?:(?:sehr\s+)?(?:freundliche|beste|herzliche|viele|liebe|schöne)[nm]?\s+)
            (?:gr(?:ü|u|ii|i|o)(?:ß|ss|f|h|b|8)+(?:e|en)?|empfehlung(?:en)?)
      | hochachtungsvoll | (?:es\s+)?gr(?:ü|u)(?:ß|ss)t\s+(?:sie|freundlich) | mfg
      | very\s+truly\s+yours | yours\s+(?:very\s+)?(?:sincerely|faithfully|truly) | (?:very\s+)?sincerely(?:\s+yours)?
      | (?:with\s+)?(?:kind|best|warm|many)\s+(?:personal\s+)?(?:regards|wishes|thanks)
      | regards | respectfully(?:\s+yours)? | cordially
    )\b[^\w]*(?:aus\s+\w+)?\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
GERMAN = re.compile(
    r"\b(?:und|der|die|das|ich|wir|sie|ist|nicht|mit|für|bitte|vom|ihre[rnms]?|sehr)\b",
    re.IGNORECASE,
)
ENGLISH = re.compile(
    r"\b(?:and|the|of|to|is|not|with|for|please|your|you|we|that|this|from|dear)\b", re.IGNORECASE
)

LONGEST_SALUTATION = 70
"""Characters; a longer line that begins like a salutation is a sentence."""


def is_salutation(line: str) -> bool:
    """Whether a line opens a letter ("Sehr geehrte Damen und Herren,", "Dear Sir or Madam:")."""
    return len(line) <= LONGEST_SALUTATION and SALUTATION.match(line) is not None


def is_closing(line: str) -> bool:
    """Whether a line, alone, takes leave ("Mit freundlichen Grüßen", "Yours sincerely,")."""
    return CLOSING.match(line) is not None


def language_of(text: str) -> str:
    """ "de" or "en" by the small words; "" where the text says neither."""
    german, english = len(GERMAN.findall(text)), len(ENGLISH.findall(text))
    if german == english:
        return ""
    return "de" if german > english else "en"
