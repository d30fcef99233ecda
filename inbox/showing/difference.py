"""What two values have in common and where they differ, letter by letter."""

from __future__ import annotations

from difflib import SequenceMatcher

from markupsafe import Markup, escape

LONGEST = 200


def differing(value: str, other: str) -> Markup:
    """`value` escaped, with what `other` does not have marked."""
    if len(value) > LONGEST or len(other) > LONGEST or not other:
        return escape(value)
    parts = []
    for kind, start, end, _, _ in SequenceMatcher(None, value, other, False).get_opcodes():
        piece = value[start:end]
        parts.append(escape(piece) if kind == "equal" else _marked(piece))
    return Markup("").join(parts)


def _marked(piece: str) -> Markup:
    return Markup('<span class="differs">{}</span>').format(piece) if piece else Markup("")
