"""Marking: where the words that were searched stand in a text."""

from __future__ import annotations

import re

from markupsafe import Markup, escape


def hits(text: str, query: str) -> Markup:
    """The text with the words of the query marked, whatever their case; escaped."""
    words = sorted(re.findall(r"\w+", query), key=len, reverse=True)
    if not words:
        return escape(text)
    found = re.compile("|".join(rf"\b{re.escape(word)}\w*" for word in words), re.IGNORECASE)
    marked, end = Markup(""), 0
    for match in found.finditer(text):
        marked += escape(text[end : match.start()])
        marked += Markup("<mark>%s</mark>") % match[0]
        end = match.end()
    return marked + escape(text[end:])
