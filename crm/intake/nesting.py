"""HTML put in order: whatever was written comes out strictly nested, in one pass, of bounded depth.

A parser takes quadratic time on what is nested deep or never closed, and copies what is closed
crosswise; after this there is nothing of the kind for it to read. It decides nothing about what
is harmless: that is the sanitiser's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from html import unescape
from html.entities import html5

DEEPEST = 200
MOST_ELEMENTS = 100_000
MOST_ATTRIBUTES = 50
LONGEST_VALUE = 20_000
"""Characters of an attribute's value; addresses and styles of real mails stay far below."""
MOST_AMPERSANDS = 200_000
"""A parser takes quadratic time on them, and on blanks that do not break, which it writes as
"&nbsp;"; all other characters are written as they are."""

_PLAIN_LENGTH = 1_000
_GAP = r"[ \t\n\f\r]"
_START = re.compile(r"<(?:(/?)([a-zA-Z][^ \t\n\f\r/>]*)|(!--)|[!?/])")
_PLAIN = re.compile(
    rf"(?:{_GAP}++[a-zA-Z][a-zA-Z0-9:_-]*+"
    rf"(?:=(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r\"'=<>`]++))?+)*+{_GAP}*+/?+>"
)
_REST = re.compile(rf"(?:[^>=]|={_GAP}*+(?:\"[^\"]*+\"|'[^']*+')?+)*+>")
_ATTRIBUTE = re.compile(
    rf"([^ \t\n\f\r/=>\"']++)(?:{_GAP}*+={_GAP}*+(\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r>]*+))?+"
)
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9:_-]{0,40}")
_REFERENCE = re.compile(
    r"&(?:(#[0-9]{1,7}+|#[xX][0-9a-fA-F]{1,6}+|[a-zA-Z][a-zA-Z0-9]{1,31}+)(;?))?+"
)
_COMMENT_END = re.compile(r"--!?>")
_CLOSERS = {
    name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "iframe", "noembed", "noframes", "xmp")
}
"""Elements whose content is no HTML: it goes with them."""

_VOID = frozenset(["area", "br", "col", "hr", "img", "wbr"])
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "li",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "ul",
    ]
)
_GROUPS = frozenset(["tbody", "thead", "tfoot"])
_CELLS = frozenset(["td", "th"])
_PARTS = _GROUPS | _CELLS | {"tr", "caption", "colgroup", "col"}
_WALLS = _CELLS | {"table", "caption"}
"""What is closed inside one of these closes nothing outside it."""

_LISTS = frozenset(["ul", "ol", "dl"])
_SAME = {"li": ("li",), "dt": ("dt", "dd"), "dd": ("dt", "dd"), "a": ("a",)}
_HOLDERS = {
    **dict.fromkeys(_CELLS, ("tr",)),
    "tr": ("table", *_GROUPS),
    **dict.fromkeys(_GROUPS | {"caption", "colgroup"}, ("table",)),
    "col": ("table", "colgroup"),
}


class Hostile(ValueError):
    """It has more elements, deeper ones or more escapes than anybody writes: it is there to hurt."""


def nested(html: str, known: Collection[str]) -> str:
    """The same HTML with every element closed where it must be; elements not known are taken off.

    Raises Hostile. Time is linear in the input.
    """
    return "".join(_Nest(known).pieces(html))


class _Nest:
    """The elements that are open, and what is written of them."""

    def __init__(self, known: Collection[str]) -> None:
        self.known = known
        self.open: list[str] = []
        self.walls: list[int] = []
        self.places: defaultdict[str, list[int]] = defaultdict(list)
        self.ampersands = self.elements = 0
        self.written: list[str] = []

    def pieces(self, html: str) -> list[str]:
        here = 0
        while found := _START.search(html, here):
            self._text(html[here : found.start()])
            here = self._markup(html, found)
        self._text(html[here:])
        self._close_to(0)
        return self.written

    def _markup(self, html: str, found: re.Match[str]) -> int:
        """Take in a tag or a comment; tells where it ends. One without an end takes the rest."""
        if found[3]:
            ends = _COMMENT_END.search(html, found.start() + 2)
            return ends.end() if ends else len(html)
        if not found[2]:
            ends_at = html.find(">", found.end())
            return ends_at + 1 if ends_at >= 0 else len(html)
        tag, attributes = _PLAIN.match(html, found.end()), ""
        if tag and tag.end() - tag.start() < _PLAIN_LENGTH:
            attributes = tag[0][:-1]
        else:
            tag = _REST.match(html, found.end())
            if tag is None:
                return len(html)
            attributes = "" if found[1] else "".join(_attributes(tag[0][:-1]))
        name = found[2].lower()
        if name in _CLOSERS and not found[1]:
            closed = _CLOSERS[name].search(html, tag.end())
            return closed.start() if closed else len(html)
        if name in self.known:
            if found[1]:
                self._end(name)
            else:
                self._begin(name, attributes)
        return tag.end()

    def _text(self, text: str) -> None:
        if not text:
            return
        if text.strip(" \t\n\f\r"):
            self._inside_a_cell()
        if "&" in text:
            text = _REFERENCE.sub(_reference, text)
        self.ampersands += text.count("&") + text.count("\N{NO-BREAK SPACE}")
        if self.ampersands > MOST_AMPERSANDS:
            raise Hostile
        self.written.append(text.replace("<", "&lt;"))

    def _begin(self, name: str, attributes: str) -> None:
        if name in _PARTS:
            if not self._make_room_in_table(name):
                return
        else:
            self._inside_a_cell()
            self._close_before(name)
        self._write(name, attributes)
        if name not in _VOID:
            self._push(name)
        if name == "pre":
            self.written.append("\n")

    def _write(self, name: str, attributes: str = "") -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise Hostile
        self.written.append(f"<{name}{attributes}>")

    def _push(self, name: str) -> None:
        if len(self.open) >= DEEPEST:
            raise Hostile
        if name in _WALLS:
            self.walls.append(len(self.open))
        self.places[name].append(len(self.open))
        self.open.append(name)

    def _end(self, name: str) -> None:
        """Close the nearest one of that name, and all in it; where none is open, nothing."""
        if name in _VOID:
            return
        since = self._table() if name in _PARTS or name == "table" else self._wall()
        at = self._last((name,), since)
        if at >= 0:
            self._close_to(at)

    def _close_before(self, name: str) -> None:
        """What ends by itself where this begins: a paragraph before a block, an entry, a link."""
        since = self._wall()
        if name in _SAME:
            lists = self._last(_LISTS, since) if name != "a" else -1
            at = self._last(_SAME[name], max(since, lists))
            if at >= 0:
                self._close_to(at)
        if name in _BLOCKS:
            at = self._last(("p",), since)
            if at >= 0:
                self._close_to(at)

    def _make_room_in_table(self, name: str) -> bool:
        """Close down to where this part of a table belongs; False where there is no table."""
        table = self._table()
        if table == 0 and self.open[:1] != ["table"]:
            return False
        at = self._last(_HOLDERS[name], table)
        if at < 0:
            self._make_room_in_table("tr")
            self._write_open("tr")
        else:
            self._close_to(at + 1)
        return True

    def _inside_a_cell(self) -> None:
        """What stands between the cells of a table goes into one of its own."""
        if not self.open:
            return
        if self.open[-1] == "colgroup":
            self._close_to(len(self.open) - 1)
        if self.open[-1] == "table" or self.open[-1] in _GROUPS:
            self._write_open("tr")
        if self.open[-1] == "tr":
            self._write_open("td")

    def _write_open(self, name: str) -> None:
        self._write(name)
        self._push(name)

    def _close_to(self, depth: int) -> None:
        while len(self.open) > depth:
            name = self.open.pop()
            self.places[name].pop()
            self.written.append(f"</{name}>")
        while self.walls and self.walls[-1] >= depth:
            self.walls.pop()

    def _wall(self) -> int:
        return self.walls[-1] if self.walls else 0

    def _table(self) -> int:
        """Where the innermost table begins; 0 as well when there is none."""
        return self.places["table"][-1] if self.places["table"] else 0

    def _last(self, names: Collection[str], since: int) -> int:
        """Where the innermost of these stands, not outside `since`; -1 for nowhere."""
        at = max((self.places[name][-1] for name in names if self.places[name]), default=-1)
        return at if at >= since else -1


def _reference(found: re.Match[str]) -> str:
    """The character of a name or a number; what means none is an ampersand and what follows."""
    name, ends = found[1] or "", found[2]
    if name[:1] == "#":
        character = unescape(f"&{name};")
    else:
        character = html5.get(f"{name};", "") if ends or name in html5 else ""
    if not character:
        return f"&amp;{found[0][1:]}"
    return character.replace("&", "&amp;")


def _attributes(tag: str) -> Iterator[str]:
    """The attributes of a tag that is long or odd, quoted; no more and none longer than any real."""
    for number, found in enumerate(_ATTRIBUTE.finditer(tag)):
        if number >= MOST_ATTRIBUTES:
            return
        value = found[2] or ""
        if value[:1] in "\"'" and value[:1] == value[-1:] and len(value) > 1:
            value = value[1:-1]
        if _NAME.fullmatch(found[1]) and len(value) <= LONGEST_VALUE:
            yield f' {found[1]}="{value.replace(chr(34), "&quot;")}"'
