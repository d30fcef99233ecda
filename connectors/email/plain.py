"""The words of an HTML body as plain text, quotations marked with ">" as in a text mail."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

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
_NESTING = re.compile(r"<(/?)(?!(?:p|li|td|tr|th|dd|dt|br|hr|img|meta|link|input)\b)([a-z]+)", re.I)
_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_RULE = "_" * 32


def words_of(source: str) -> str:
    """Readable text of an HTML body; never raises, linear in its length."""
    source = source[:LONGEST_HTML]
    if _depth(source) > DEEPEST:
        return html.unescape(_TAG.sub(" ", source)).strip()
    body = LexborHTMLParser(source).body
    return "" if body is None else _Page().read(body)


def _depth(source: str) -> int:
    """How deep the elements are nested at most, taken from their tags alone."""
    unclosed: Counter[str] = Counter()
    depth = deepest = 0
    for tag in _NESTING.finditer(source):
        name = tag[2].lower()
        if not tag[1]:
            unclosed[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif unclosed[name]:
            unclosed[name] -= 1
            depth -= 1
    return deepest


class _Page:
    """Lines as they are written while the elements open and close."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.quotes = 0
        self.preformatted = 0

    def read(self, body: LexborNode) -> str:
        for node, opens in _walk(body):
            tag = node.tag or ""
            if tag == "-text":
                self.write(node.text_content or "")
            elif opens:
                self.open(tag)
            else:
                self.close(tag)
        self.end_line()
        return "\n".join(self.lines).strip("\n").replace("\xa0", " ")

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
                self.put(_RULE)
            case "td" | "th" if self.line.strip():
                self.line += " "
            case _ if tag in _BLOCKS:
                self.end_line(tag in _SPACED)
        self.quotes += tag == "blockquote"
        self.preformatted += tag == "pre"
        if tag == "li":
            self.line = "- "

    def close(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_line()
        self.quotes -= tag == "blockquote"
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
        self.lines.append(("> " * min(self.quotes, 5) + line).rstrip())


def _walk(body: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
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
            pending.extend((child, True) for child in reversed(list(_children(node))))


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next
