"""Plain text as safe HTML: everything escaped, addresses become links that show where they go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from linkify_it import LinkifyIt
from markupsafe import Markup, escape

LONGEST = 200_000
"""Characters searched for links; what comes after is shown without them."""

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
    found = _FINDER.match(text[:LONGEST]) or []
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
    """A link to elsewhere: opened beside, told nothing of us, its host in the title."""
    host = _host(url)
    if url.startswith("mailto:"):
        return Markup('<a href="{}">{}</a>').format(url, words)
    return Markup(
        '<a href="{}" title="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>'
    ).format(url, host, words)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
