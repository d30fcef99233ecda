"""The HTML of an answer: made from plain text alone, so that nothing in it can run or load."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

import css_inline
from linkify_it import LinkifyIt

from connectors.email.history import Quotation

LONGEST_WORD = 2_000
"""Characters of a word that is searched for addresses: the finder is quadratic in it."""

DEEPEST = 5
"""Quotations within each other; what is deeper stands in the innermost."""

# No colours of text or paper: programs in dark mode turn those that are not named.
_SHEET = """
body > div { font-family: Arial, Helvetica, sans-serif; font-size: 15px; line-height: 1.5 }
p { margin: 0 0 1em }
p.introduction { margin: 0 0 0.4em }
ul { margin: 0 0 1em; padding-left: 1.5em }
blockquote { margin: 0 0 1em; padding-left: 0.9em; border-left: 2px solid #a0a0a0 }
img { max-width: 100%; height: auto; border: 0 }
div.signature { margin: 0 0 1em; opacity: 0.8 }
"""
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=_SHEET)
_FINDER = LinkifyIt()
_SAFE = ("http://", "https://", "mailto:")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n?")
_ITEM = re.compile(r"([-*•])[ \t]+(?=\S)")
_MARK = re.compile(r"> ?")
_TOKEN = re.compile(r"\s+|\S+")


class Image(NamedTuple):
    """A picture of the mail by its Content-ID; `width` in pixels, 0 for its own."""

    cid: str
    width: int = 0


def write_page(
    text: str,
    signature: str = "",
    quotations: Sequence[Quotation] = (),
    language: str = "en",
    images: Mapping[str, Image] | None = None,
) -> str:
    """A whole HTML document with its style sheet written into the elements.

    "[image: NAME]" in the text becomes the picture of that name; elsewhere it stays.
    """
    body = [*_Text(images or {}).blocks(text)]
    if signature.strip():
        lines = "<br>".join(map(_words, _lines(signature)))
        body.append(f'<div class="signature">-- <br>{lines}</div>')
    body += map(_earlier, quotations)
    told = language.replace("_", "-")
    shown = told if _LANGUAGE.fullmatch(told) else "en"
    return _INLINER.inline(
        f'<!DOCTYPE html><html lang="{shown}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><title></title></head>'
        f'<body><div lang="{shown}" dir="auto">{"".join(body)}</div></body></html>'
    )


def _earlier(quotation: Quotation) -> str:
    head = "<br>".join(map(_words, quotation.head.split("\n")))
    text = "".join(_Text({}).blocks(quotation.text))
    if quotation.is_passed_on:
        return f"<p>{head}</p>{text}"
    return f'<p class="introduction">{head}</p><blockquote type="cite">{text}</blockquote>'


class _Text:
    """Paragraphs, lists and quotations of a plain text."""

    def __init__(self, images: Mapping[str, Image]) -> None:
        self.images = {f"[image: {name}]": image for name, image in images.items()}
        mentions = map(re.escape, sorted(self.images, key=len, reverse=True))
        self.mention = re.compile(f"({'|'.join(mentions)})") if images else None

    def blocks(self, text: str, depth: int = 0) -> Iterator[str]:
        lines = _lines(text)
        for kind, group in groupby(zip(_kinds(lines), lines, strict=True), key=lambda one: one[0]):
            run = [line for _, line in group]
            match kind:
                case "":
                    continue
                case ">" if depth < DEEPEST:
                    inner = "\n".join(_MARK.sub("", line, count=1) for line in run)
                    quoted = "".join(self.blocks(inner, depth + 1))
                    yield f'<blockquote type="cite">{quoted}</blockquote>'
                case "-" | "*" | "•":
                    items = (self.line(_ITEM.sub("", line, count=1)) for line in run)
                    yield "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
                case _:
                    yield "<p>" + "<br>".join(map(self.line, run)) + "</p>"

    def line(self, line: str) -> str:
        """One line as HTML, with the pictures it mentions."""
        if self.mention is None:
            return _words(line)
        return "".join(
            _picture(piece, self.images[piece]) if piece in self.images else _words(piece, number)
            for number, piece in enumerate(self.mention.split(line))
        )


def _picture(mention: str, image: Image) -> str:
    width = f' width="{image.width}"' if image.width else ""
    name = escape(mention.removeprefix("[image: ").removesuffix("]"))
    return f'<img src="cid:{escape(image.cid)}" alt="{name}"{width}>'


def _lines(text: str) -> list[str]:
    return _CONTROL.sub("", _LINE_END.sub("\n", text)).split("\n")


def _kinds(lines: Sequence[str]) -> list[str]:
    """For each line "" (blank), ">" (quoted), the mark of a list's item, or "words".

    A single "- Anna" is no list: it takes two items, one below the other.
    """
    kinds = [_kind(line) for line in lines]
    around = ["", *kinds, ""]
    return [
        "words" if kind in {"-", "*", "•"} and kind not in (around[at], around[at + 2]) else kind
        for at, kind in enumerate(kinds)
    ]


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if line.startswith(">"):
        return ">"
    item = _ITEM.match(line)
    return item[1] if item else "words"


def _words(line: str, after: int = 0) -> str:
    """Escaped, with its links and all of its blanks; `after` so many other pieces of its line."""
    return "".join(
        _blanks(token[0], after + token.start() == 0) if token[0].isspace() else _linked(token[0])
        for token in _TOKEN.finditer(line)
    )


def _blanks(blanks: str, is_first: bool) -> str:
    count = len(blanks.expandtabs(4))
    return "&nbsp;" * count if is_first else "&nbsp;" * (count - 1) + " "


def _linked(word: str) -> str:
    """The word, and what in it is an address as a link to there."""
    if len(word) > LONGEST_WORD or not ("." in word or "://" in word):
        return escape(word)
    parts, here = [], 0
    for found in _FINDER.match(word) or []:
        if found.url.startswith(_SAFE) and (found.schema or _is_meant(found.raw)):
            link = f'<a href="{escape(found.url)}">{escape(found.raw)}</a>'
            parts += [escape(word[here : found.index]), link]
            here = found.last_index
    return "".join([*parts, escape(word[here:])])


def _is_meant(bare: str) -> bool:
    """A host without "http://", and no missing blank between two sentences ("morgen.Am")."""
    host = bare.partition("/")[0]
    return host.islower() or host.lower().startswith("www.")
