"""The words of an HTML body as plain text, quotations marked with ">" as in a text mail."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.email.introductions import LONG_RULE
from connectors.email.markers import is_container, is_indent, may_hold_containers

LONGEST_HTML = 2_000_000
DEEPEST = 400
"""Characters read, and nesting beyond which tags are merely removed: parsers turn quadratic."""

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "blockquote"})
_SILENT = frozenset({"head", "script", "style", "title", "template", "noscript", "object", "svg"})
_NESTING = re.compile(r"<(/?)(?!(?:br|hr|img|meta|link|input)\b)([a-z]+)", re.I)
_FLAT = frozenset(["p", "li", "td", "tr", "th", "dd", "dt"])
_FORMATS = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)  # fmt: skip
_MOST_REOPENED = 300_000
_MOST_ELEMENTS = 100_000
_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_CONTAINERS = frozenset({"div", "span", "section"})
_MOST_CONTAINERS = 20


def words_of(source: str) -> str:
    """Readable text of an HTML body; never raises, linear in its length."""
    source = source[:LONGEST_HTML]
    if is_tangled(source, DEEPEST):
        return html.unescape(_TAG.sub(" ", source)).strip()
    body = LexborHTMLParser(source).body
    if body is None:
        return ""
    page = Page(may_hold_containers(source))
    page.read(body)
    return "\n".join(page.lines).strip("\n").replace("\xa0", " ")


def is_tangled(source: str, deepest: int) -> bool:
    """Whether elements are nested deeper than `deepest`, or a parser would make too many of them.

    Taken from the tags alone. Formats that nobody closed are opened again in each new element.
    """
    unclosed: Counter[str] = Counter()
    depth = formats = reopened = opened = 0
    for tag in _NESTING.finditer(source):
        name = tag[2].lower()
        if not tag[1]:
            opened += 1
            reopened += formats
            if depth > deepest or opened > _MOST_ELEMENTS or reopened > _MOST_REOPENED:
                return True
            if name not in _FLAT:
                unclosed[name] += 1
                depth += 1
                formats += name in _FORMATS
        elif unclosed[name]:
            unclosed[name] -= 1
            depth -= 1
            formats -= name in _FORMATS
    return depth > deepest


class Page:
    """Lines as they are written while the elements open and close; `node` is the one at hand."""

    def __init__(self, has_containers: bool = False) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.quoting: list[int] = []
        self.preformatted = 0
        self.containers = _MOST_CONTAINERS if has_containers else 0

    def read(self, body: LexborNode) -> None:
        """Write all that stands in an element."""
        for self.node, opens in walk(body):
            tag = self.node.tag or ""
            if tag == "-text":
                self.write(self.node.text_content or "")
            elif opens:
                self.open(tag)
            else:
                self.close(tag)
        self.end_line()

    def write(self, text: str) -> None:
        if self.preformatted:
            *whole, self.line = (self.line + text).split("\n")
            for line in whole:
                self.put(line)
            return
        text = _SPACE.sub(" ", text)
        at_start = not self.line or self.line.endswith(" ")
        self.line += text.lstrip(" ") if at_start else text

    def open(self, tag: str) -> None:
        match tag:
            case "br":
                self.put(self.line)
                self.line = ""
            case "hr":
                self.end_line()
                self.put(LONG_RULE)
            case "td" | "th" if self.line.strip():
                self.line += " "
            case _ if tag in _BLOCKS:
                self.end_line(tag in _SPACED)
        if self.quotes(tag):
            self.end_line()
            self.quoting.append(self.node.mem_id)
        self.preformatted += tag == "pre"
        if tag == "li":
            self.line = "- "

    def quotes(self, tag: str) -> bool:
        """Whether the element at hand holds history and nothing else."""
        if tag == "blockquote":
            return not is_indent(self.node)
        if tag not in _CONTAINERS or not self.containers or self.quoting:
            return False
        found = is_container(self.node)
        self.containers -= found is not None
        return found is True

    def close(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_line()
        if self.quoting and self.quoting[-1] == self.node.mem_id:
            self.end_line()
            self.quoting.pop()
        self.preformatted -= tag == "pre"
        if tag in _SPACED:
            self.end_line(blank=True)

    def end_line(self, blank: bool = False) -> None:
        if self.line.strip():
            self.put(self.line)
        self.line = ""
        if blank and self.lines and self.lines[-1].strip("> "):
            self.put("")

    def put(self, line: str) -> None:
        self.lines.append(("> " * min(len(self.quoting), 5) + line).rstrip())


def walk(body: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Each node below, when it opens and (elements only) when it closes; no recursion."""
    pending: list[tuple[LexborNode, bool]] = [(body, True)]
    while pending:
        node, opens = pending.pop()
        tag = node.tag or ""
        if tag in _SILENT or tag == "-comment":
            continue
        yield node, opens
        if opens and tag != "-text":
            pending.append((node, False))
            pending.extend((child, True) for child in reversed(list(children(node))))


def children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next
