"""How else a sender can be reached: phone numbers and e-mail addresses on the paper."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.post.labels import Labelled
from connectors.post.sender import Found

__all__ = ["find_email", "find_phone"]

PHONE = re.compile(r"[+(]{0,2}\d[\d ()/.–-]{5,}\d")
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![\w-])", re.I)
BROKEN = re.compile(r"[\w.+-]+@[\w.-]*-$")
REST = re.compile(r"(?<![\w@.])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}$")
DOT = re.compile(r" ?\. ?")
NEAR = 2
"""How many lines below the rest of an address broken at its hyphen is looked for."""


def find_phone(labels: Sequence[Labelled], ours: Sequence[str]) -> Found:
    """The first number behind a label for telephones."""
    own = {_digits(line) for line in ours} - {""}
    for label in labels:
        match = PHONE.search(label.value) if label.field == "phone" else None
        if match and match.start() <= 2 and _digits(match.group()) not in own:
            return Found(match.group(), 0.85)
    return Found()


def find_email(lines: Sequence[str], labels: Sequence[Labelled], ours: Sequence[str]) -> Found:
    """The address behind its label, else the only one there is; in small letters.

    Words before the address on the labelled place mean that the scan lost a character of it.
    """
    own = {line.strip().casefold() for line in ours}
    whole = [
        found for line in lines for found in EMAIL.findall(line) if found.casefold() not in own
    ]
    broken = {
        spoiled
        for label in labels
        if label.field == "email"
        for spoiled in EMAIL.findall(label.value)
        if not label.value.startswith(spoiled)
    }
    spaced = [DOT.sub(".", label.value) for label in labels if label.field == "email"]
    whole += [value for value in spaced if EMAIL.fullmatch(value)]
    sound = list(dict.fromkeys(found.casefold() for found in whole if found not in broken))
    if sound:
        return Found(sound[0], 0.9 if len(sound) == 1 else 0.6)
    joined = _joined(lines)
    return Found(joined, 0.7) if joined and joined not in own and not broken else Found()


def _joined(lines: Sequence[str]) -> str:
    """An address broken at a hyphen, put together with the line below."""
    for number, line in enumerate(lines):
        for start in (word for word in line.split() if BROKEN.search(word)):
            below = " ".join(lines[number + 1 : number + 1 + NEAR]).split()
            rest = next((word for word in below if REST.fullmatch(word)), "")
            if rest and EMAIL.fullmatch(start + rest):
                return (start + rest).casefold()
    return ""


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
