"""What the HTML of a post says in plain words."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

UNSEEN = frozenset({"script", "style", "head", "template", "noscript", "svg"})
PARAGRAPHS = frozenset(
    {"p", "blockquote", "ul", "ol", "pre", "table", *(f"h{n}" for n in range(7))}
)
LINES = frozenset({"div", "li", "tr", "br", "dt", "dd", "hr", "section", "article", "figure"})
DEEPEST = 5_000


def plain_text(html: str) -> str:
    """The words with their paragraphs and list items; any text at all is accepted.

    Scripts and styles say nothing. Nesting beyond reason, over which a parser would brood for
    hours, is only freed of its tags.
    """
    html = readable(html)
    if html.count("<") - 2 * html.count("</") > DEEPEST:
        return _tidy(re.sub(r"<[^<>]*>", " ", html))
    body = LexborHTMLParser(html).body
    if body is None:
        return ""
    for node in body.css(", ".join(sorted(UNSEEN))):
        node.decompose()
    return _tidy("".join(_words(node) for node in body.traverse(include_text=True)))


def readable(text: str) -> str:
    """The text without what no database takes: NUL and halves of surrogate pairs."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "")


def _words(node: LexborNode) -> str:
    match node.tag:
        case "-text":
            text = node.text_content or ""
            parent, before = node.parent, node.prev
            if parent is None or parent.tag not in ("pre", "code"):
                text = re.sub(r"\s+", " ", text)
            return ("" if before is None or before.tag == "br" else _break(before.tag)) + text
        case "li":
            return "\n- "
        case "img":
            return (node.attributes or {}).get("alt") or ""
    return _break(node.tag)


def _break(tag: str | None) -> str:
    if tag in PARAGRAPHS:
        return "\n\n"
    return "\n" if tag in LINES else ""


def _tidy(text: str) -> str:
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()
