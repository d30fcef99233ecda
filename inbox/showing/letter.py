"""A letter's text with what was read from it: fields found are marked, doubtful ones as unsure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from inbox.showing.linkify import Span, compose, links

SURE = 0.8
"""A field read with less confidence than this is shown as unsure."""


FORM = frozenset({"salutation", "closing", "signature_name", "place", "body"})
"""What every letter has and nobody looks for: not marked."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A field as it was read; `box` is (left, top, width, height), parts of the page from 0 to 1."""

    name: str
    value: str
    sure: bool
    page: int
    box: tuple[float, float, float, float] | None


def marks(fields: Iterable[Mapping[str, Any]]) -> list[Mark]:
    """The fields of `Message.letter` that tell something; empty ones are left out."""
    return [
        _mark(field)
        for field in fields
        if str(field.get("value", "")).strip() and field.get("name") not in FORM
    ]


def marked(text: str, found: Iterable[Mark]) -> Markup:
    """The text, links and found values marked where they stand."""
    spans = [span for mark in found for span in _places(text, mark)]
    return compose(text, [*spans, *links(text)])


def _mark(field: Mapping[str, Any]) -> Mark:
    return Mark(
        name=str(field.get("name", "")),
        value=str(field["value"]).strip(),
        sure=float(field.get("confidence") or 0) >= SURE,
        page=int(field.get("page") or 1),
        box=_box(field.get("box")),
    )


def _box(corners: Any) -> tuple[float, float, float, float] | None:
    if not corners:
        return None
    left, top, right, bottom = (min(1.0, max(0.0, float(corner))) for corner in corners)
    return left, top, max(0.0, right - left), max(0.0, bottom - top)


def _places(text: str, mark: Mark) -> list[Span]:
    """Where the value stands in the text, its words parted by any blanks or line breaks."""
    words = mark.value.split()
    if len(mark.value) < 3:
        return []
    pattern = r"(?<!\w)" + r"[\s,]+".join(re.escape(word.strip(",")) for word in words) + r"(?!\w)"
    kind = "found" if mark.sure else "unsure"
    html = Markup('<span class="{}">{}</span>')
    return [
        Span(match.start(), match.end(), html.format(kind, match[0]))
        for match in re.finditer(pattern, text)
    ]
