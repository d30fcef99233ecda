"""Plain text as safe HTML: everything escaped, addresses become links that show where they go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from linkify_it import LinkifyIt
from markupsafe import Markup, escape

from inbox.showing.leading import elsewhere, host_of

LONGEST = 200_000
"""Characters searched for links; what comes after is shown without them."""
_ENDLESS = re.compile(r"\S{2001,}")
"""The finder takes quadratic time on a word; one of these is shown without links."""

_FINDER = LinkifyIt()
_SCHEMES = ("http:", "https:", "mailto:", "")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text and the HTML that stands for it."""

    start: int
    end: int
    html: Markup


def linkify(text: str) -> Markup:
    """The text with its links; line breaks stay and are kept by the style sheet."""
    return compose(text, links(text))


def links(text: str) -> list[Span]:
    """Where web and mail addresses stand; a bare "www.example.org" counts as one."""
    text = _ENDLESS.sub(lambda word: " " * len(word[0]), text[:LONGEST])
    found = _FINDER.match(text) or []
    return [
        Span(match.index, match.last_index, _link(match.url, match.raw))
        for match in found
        if match.schema in _SCHEMES
    ]


def compose(text: str, spans: Iterable[Span]) -> Markup:
    """The text escaped, with the spans in their places; of two that overlap the first wins."""
    parts, here = [], 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.start >= here:
            parts += [escape(text[here : span.start]), span.html]
            here = span.end
    parts.append(escape(text[here:]))
    return Markup("").join(parts)


def _link(url: str, words: str) -> Markup:
    """A link to elsewhere: opened beside, told nothing of us, its host where it could deceive."""
    host = host_of(url)
    if url.startswith("mailto:"):
        return Markup('<a href="{}">{}</a>').format(url, words)
    shown = Markup(
        '<a href="{}" title="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>'
    ).format(url, host, words)
    true = elsewhere(words, url)
    return (
        shown + Markup(' <span class="leads">\N{RIGHTWARDS ARROW} {}</span>').format(true)
        if true
        else shown
    )
