"""The elements of an HTML mail in which mail programs put the history."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from connectors.email.introductions import introduces

_HINTS = ("<blockquote", "rplyfwdmsg", "appendonsend")
_CONTAINER_HINTS = (
    "_quote",
    "messagereplysection",
    "reference-message",
    "isreplycontent",
    "zmail_extra",
    "front-blockquote",
    "hs_reply",
    "olk_src_body",
    'name="quote',
    'id="quoted',
)
"""In small letters; without any of them only the words can tell that history begins."""

_CLASSES = frozenset(
    [
        "gmail_quote",
        "gmail_quote_container",
        "yahoo_quoted",
        "protonmail_quote",
        "zmail_extra",
        "freshdesk_quote",
        "front-blockquote",
        "tutanota_quote",
        "missive_quote",
        "hs_reply",
    ]
)
_NAMES = frozenset(
    [
        "mail-editor-reference-message-container",
        "olk_src_body_section",
        "isreplycontent",
        "messagereplysection",
        "quotedreply",
        "quote",
        "quoted-content",
    ]
)
"""Classes, and ids or names, of the elements that hold nothing but history."""

_FIRST_WORDS = 400
_INDENT = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)|margin\s*:\s*0[^;]*40px", re.IGNORECASE)
_BAR = re.compile(r"border(?:-left)?(?:-style|-color|-width)?\s*:\s*(?!none|0\b)", re.IGNORECASE)


def has_hint(source: str) -> bool:
    """Whether the form of an HTML mail gives reason to look for history in it."""
    lowered = source.lower()
    return any(hint in lowered for hint in _HINTS + _CONTAINER_HINTS)


def may_hold_containers(source: str) -> bool:
    """Whether elements other than <blockquote> can be marked as history."""
    lowered = source.lower()
    return any(hint in lowered for hint in _CONTAINER_HINTS)


def is_indent(node: LexborNode) -> bool:
    """Whether a <blockquote> only moves a paragraph to the right, as Gmail and Apple Mail do.

    Then it has neither a bar nor a mark.
    """
    marks = node.attributes
    if "cite" in marks or (marks.get("type") or "").lower() == "cite":
        return False
    if "quote" in (marks.get("class") or "").lower().replace("blockquote", ""):
        return False
    style = marks.get("style") or ""
    return _INDENT.search(style) is not None and not _BAR.search(style)


def is_container(node: LexborNode) -> bool | None:
    """Whether an element holds history that nothing but its mark tells of; None without a mark.

    Where its own words introduce what it holds, or parts of it are quoted, those decide: it may
    be a mail that is passed on, or hold answers between the quotations.
    """
    marks = node.attributes
    names = {(marks.get(name) or "").lower() for name in ("id", "name")}
    if names.isdisjoint(_NAMES) and _CLASSES.isdisjoint((marks.get("class") or "").lower().split()):
        return None
    if node.css_first("blockquote") is not None:
        return False
    words = (node.text(deep=True, separator="\n") or "")[:_FIRST_WORDS]
    lines = [line.strip() for line in words.split("\n") if line.strip()]
    return bool(lines) and not introduces(lines)
