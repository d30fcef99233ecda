"""HTML from outside, made harmless in bounded time, whoever delivered it."""

from __future__ import annotations

import re

import nh3

DEEPEST = 200
LONGEST = 1_000_000
"""nh3 takes quadratic time on deep nesting, so both are measured before it is asked."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_FLAT = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "colgroup",
        "option",
    ]
)
"""Elements that hold nothing, or that the next of their kind closes: they make no depth."""
_STYLES = frozenset(
    [
        "color",
        "background-color",
        "font-size",
        "font-weight",
        "font-style",
        "font-family",
        "text-align",
        "text-decoration",
        "line-height",
        "margin",
        "margin-top",
        "margin-right",
        "margin-bottom",
        "margin-left",
        "padding",
        "padding-top",
        "padding-right",
        "padding-bottom",
        "padding-left",
        "border",
        "border-top",
        "border-right",
        "border-bottom",
        "border-left",
        "border-color",
        "border-style",
        "border-width",
        "border-collapse",
        "border-spacing",
        "width",
        "height",
        "max-width",
        "min-width",
        "vertical-align",
        "white-space",
        "direction",
    ]
)
_ATTRIBUTES = {
    name: set(attributes)
    for name, attributes in {
        **nh3.ALLOWED_ATTRIBUTES,
        "*": {"style", "dir", "lang", "align", "valign", "bgcolor", "width", "height", "title"},
        "img": {"src", "alt", "width", "height"},
        "a": {"href"},
        "font": {"color", "face", "size"},
        "table": {"border", "cellpadding", "cellspacing"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
    }.items()
}
_TAGS = nh3.ALLOWED_TAGS | {"font", "center", "u", "s"}
_SCHEMES = {"http", "https", "mailto", "cid"}


def sanitise(html: str) -> str:
    """Safe HTML; "" when there is none or when it is too deep or too long to be worth it.

    No property that takes an address survives, no scheme but http, https, mailto and cid, no
    relative picture. Pictures from outside stay written in: the page's own policy holds them back.
    """
    if not html.strip() or len(html) > LONGEST or _depth(html) > DEEPEST:
        return ""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter,
        clean_content_tags={"script", "style", "title"},
        filter_style_properties=_STYLES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def is_rich(html: str) -> bool:
    """Whether the form of a sanitised text says more than its words (tables, pictures)."""
    return re.search(r"<(img|table|h[1-6]|ul|ol)\b", html) is not None


def _depth(html: str) -> int:
    """How deep elements nest at most, in one pass; unclosed ones count as open."""
    deepest = depth = 0
    for match in _TAG.finditer(html):
        if match[2].lower() in _FLAT:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src" and not re.match(r"(?i)\s*(https?:|cid:)", value):
        return None
    if attribute == "style" and re.search(r"(?i)url\s*\(|expression|\\", value):
        return None
    return value
