"""HTML from outside, made harmless in bounded time, whoever delivered it."""

from __future__ import annotations

import re
from html import escape

import nh3

from crm.intake.nesting import LONGEST_VALUE, Hostile, nested

LONGEST = 1_000_000
"""Characters; nobody reads a longer mail, and its words are shown all the same."""

_STYLES = frozenset(
    [
        "background-color",
        "border",
        "border-bottom",
        "border-bottom-color",
        "border-bottom-style",
        "border-bottom-width",
        "border-collapse",
        "border-color",
        "border-left",
        "border-left-color",
        "border-left-style",
        "border-left-width",
        "border-radius",
        "border-right",
        "border-right-color",
        "border-right-style",
        "border-right-width",
        "border-spacing",
        "border-style",
        "border-top",
        "border-top-color",
        "border-top-style",
        "border-top-width",
        "border-width",
        "caption-side",
        "clear",
        "color",
        "direction",
        "display",
        "empty-cells",
        "float",
        "font-family",
        "font-size",
        "font-style",
        "font-variant",
        "font-weight",
        "height",
        "letter-spacing",
        "line-height",
        "list-style-position",
        "list-style-type",
        "margin",
        "margin-bottom",
        "margin-left",
        "margin-right",
        "margin-top",
        "max-height",
        "max-width",
        "min-height",
        "min-width",
        "mso-hide",
        "overflow",
        "overflow-wrap",
        "padding",
        "padding-bottom",
        "padding-left",
        "padding-right",
        "padding-top",
        "table-layout",
        "text-align",
        "text-decoration",
        "text-indent",
        "text-transform",
        "unicode-bidi",
        "vertical-align",
        "visibility",
        "white-space",
        "width",
        "word-break",
        "word-spacing",
        "word-wrap",
    ]
)
"""Properties that load nothing and move nothing out of its place."""
_ATTRIBUTES = {
    "*": {"style", "dir", "lang", "align", "valign", "bgcolor", "width", "height", "title"},
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "font": {"color", "face", "size"},
    "hr": {"size"},
    "img": {"src", "alt"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap"},
    "ul": {"type"},
}
_TAGS = (nh3.ALLOWED_TAGS | {"font", "tfoot", "big"}) - {"area", "map"}
_SCHEMES = {"http", "https", "mailto", "cid"}
_LINKS = re.compile(r"\s*(https?:|mailto:|//)", re.IGNORECASE)
_SOURCES = re.compile(r"\s*(https?:|cid:|//)", re.IGNORECASE)
_LOADS = re.compile(r"\\|url\(|image|expression|element\(|/\*", re.IGNORECASE)
"""How a style may ask for something outside, also written in escapes or broken by comments."""
_GROUND = re.compile(r"\s*background\s*:\s*([a-z]+\s*(?=!|$))?", re.IGNORECASE)
_COLOUR = re.compile(
    r"(?<![\w/])#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\([\d\s.,%/]{1,60}\)", re.IGNORECASE
)

_FORM = re.compile(r"<(?:img|table|h[1-6]|ul|ol)\b")
_FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
_LINK = re.compile(r'<a(?: (?!href)[a-z-]+="[^"]*")* href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BEFORE = re.compile(r"(?:https?://|mailto:)?(?:www\.)?")


def sanitise(html: str) -> str:
    """Safe HTML; "" when there is none or when it is too deep or too long to be worth it.

    No property that takes an address survives, no scheme but http, https, mailto and cid, nothing
    relative, no name or class. Pictures from outside stay written in: the page's own policy holds
    them back. Sanitising twice changes nothing; time is linear in the input.
    """
    if not html.strip() or len(html) > LONGEST:
        return ""
    try:
        ordered = nested(html, _TAGS)
    except Hostile:
        return ""
    clean = nh3.clean(
        ordered,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter,
        filter_style_properties=_STYLES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    ).replace("\r", "\n")
    return clean if clean.strip() and len(clean) <= LONGEST else ""


def is_rich(html: str) -> bool:
    """Whether the form of a sanitised text says more than its words: tables, pictures, links."""
    if _FORM.search(html):
        return True
    return any(_hides(*link) for link in _LINK.findall(_FOLDED.sub("", html)))


def _hides(address: str, words: str) -> bool:
    """Whether the words of a link leave out where it leads."""
    plain = _TAG.sub("", words).strip()
    return bool(plain) and _bare(plain) != _bare(address)


def _bare(address: str) -> str:
    return _BEFORE.sub("", address.partition("?")[0].lower()).rstrip("/")


def _filter(tag: str, attribute: str, value: str) -> str | None:
    """An attribute's value as it may stay; None takes it off."""
    if len(escape(value)) > LONGEST_VALUE:
        return None
    match attribute:
        case "href":
            return _address(value, _LINKS)
        case "src":
            return _address(value, _SOURCES)
        case "style":
            parts = (_ground(part) for part in value.split(";"))
            return ";".join(part for part in parts if not _LOADS.search(part))
    return value


def _ground(part: str) -> str:
    """Of a background in one declaration its colour: white words would stand on nothing."""
    ground = _GROUND.match(part)
    if ground is None:
        return part
    colour = ground if ground[1] else _COLOUR.search(part)
    return f"background-color:{colour[colour.lastindex or 0].strip()}" if colour else ""


def _address(value: str, allowed: re.Pattern[str]) -> str | None:
    """With its scheme in small letters; one that goes on from our own page leads nowhere."""
    found = allowed.match(value)
    if found is None:
        return None
    rest = value[found.end() :].strip()
    scheme = "https://" if found[1] == "//" else found[1].lower()
    return scheme + rest
