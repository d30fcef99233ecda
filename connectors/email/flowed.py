"""The paragraphs of format=flowed put together again (RFC 3676)."""

from __future__ import annotations

_SIGNATURE = "-- "
_OWN_LINES = frozenset({_SIGNATURE, ""})


def unflowed(text: str, delsp: bool = False) -> str:
    """Text whose lines end where its paragraphs do; linear in its length.

    A line that ends in a blank goes on in the next one of the same quote depth (4.1, 4.5); one
    blank at the start only hid what stands behind it (4.4); "-- " is always a line (4.3), and so
    is an empty one, whatever was forgotten above it. `delsp`: the blank at the end was put there
    and is taken away.
    """
    paragraphs: list[list[str]] = []
    open_depth = -1
    for line in text.replace("\r\n", "\n").split("\n"):
        words = line.lstrip(">")
        depth = len(line) - len(words)
        words = words.removeprefix(" ")
        if open_depth != depth or words in _OWN_LINES:
            paragraphs.append([">" * depth + " "] if depth else [])
        is_soft = words.endswith(" ") and words != _SIGNATURE
        open_depth = depth if is_soft else -1
        paragraphs[-1].append(words[:-1] if is_soft and delsp else words)
    return "\n".join(map("".join, paragraphs))
