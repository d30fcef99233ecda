"""Where a link leads: its host as a browser takes it, shown where its words name another."""

from __future__ import annotations

import re
import unicodedata
from html import escape, unescape
from urllib.parse import unquote

_WEB = re.compile(r"(?:https?:)?[/\\]*([^/\\?#]*)", re.IGNORECASE)
_PORT = re.compile(r":\d*$")
_WORD = re.compile(r"[^\s<>()\[\]{}\"',;*|\u2018-\u201f\u2039\u203a\u00ab\u00bb\u2190-\u21ff]+")
_DOTS = str.maketrans("\u3002\uff61", "..")
_HIDES = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide"
    r"|font-size\s*:\s*(?:[01]?(?:\.\d{1,9})?\s*(?:px|pt)?|0(?:\.0{1,9})?\s*[a-z%]{1,4})\s*[;\"!]",
    re.IGNORECASE,
)
"""Styles by which words of a link are there and are not read."""

_NAMES_HOST = re.compile(
    r"(?:https?:[/\\]+|(?=www\.))([^/\\?#]+)|([\w-]+(?:\.[\w-]+)+)(?:[:/?#].*)?", re.IGNORECASE
)
_HOST = re.compile(r"[^\s:@]+\.(?:xn--[a-z0-9-]+|[^\W\d_]{2,24})", re.IGNORECASE)
_LINK = re.compile(r'<a((?: [a-z-]+="[^"]*")*)>(.*?)</a>', re.DOTALL)
_HREF = re.compile(r' href="([^"]*)"')
_TITLE = re.compile(r' title="[^"]*"')
_TAG = re.compile(r"<[^>]*>")
_LONGEST_WORDS = 2_000


def host_of(url: str) -> str:
    """The host that a browser would ask, in the letters of the wire ("xn--..."); "" for none.

    As the URL standard reads it, not RFC 3986: a backslash is a slash, any number of them is two,
    tabs and line ends are nothing, what stands before an @ is no host.
    """
    url = re.sub(r"[\t\r\n]", "", url).strip()
    if url[:7].lower() == "mailto:":
        return _wire(unquote(url[7:].partition("?")[0]).rpartition("@")[2])
    found = _WEB.match(url)
    return _wire(_PORT.sub("", unquote(found[1]).rpartition("@")[2])) if found else ""


def elsewhere(words: str, url: str) -> str:
    """The host of a link whose words name another one, or name it in letters that deceive.

    A host below the named one is the named one's; "" where nothing is to be said.
    """
    host = host_of(url)
    named = _named(words[:_LONGEST_WORDS])
    return "" if all(_belongs(_bare(host), _bare(one)) for one in named) else host


def with_addresses(html: str) -> str:
    """Sanitised HTML with each link's address in its title, and its host where words mislead."""
    return _LINK.sub(_told, html)


def _told(link: re.Match[str]) -> str:
    href = _HREF.search(link[1])
    if href is None:
        return link[0]
    url = unescape(href[1])
    words = " ".join(unescape(_TAG.sub("", link[2])).split())
    host = elsewhere(words, url)
    if not host and _HIDES.search(link[2]) and _named(words[:_LONGEST_WORDS]):
        host = host_of(url)
    aside = ' target="_blank"' if url[:4].lower() == "http" else ""
    shown = f'<span class="leads">\N{RIGHTWARDS ARROW} {escape(host)}</span>' if host else ""
    attributes = f'{_TITLE.sub("", link[1])} title="{escape(_readable(url))}"{aside}'
    return f"<a{attributes}>{link[2]}</a>{shown}"


def _readable(url: str) -> str:
    """The address with its host in the letters of the wire."""
    host = host_of(url)
    found = _WEB.match(url)
    if not found or url.isascii() or not host or url[:7].lower() == "mailto:":
        return url
    return url[: found.start(1)] + host + url[found.end(1) :]


def _named(words: str) -> list[str]:
    """The hosts that a text names, as they are read; of a mail address what follows the @.

    Letters that nobody sees are none, and what looks like a dot is one.
    """
    named = []
    seen = (letter for letter in words if unicodedata.category(letter) != "Cf")
    plain = unicodedata.normalize("NFKC", "".join(seen).translate(_DOTS))
    for word in _WORD.findall(plain):
        is_url = "//" in word or "\\\\" in word
        found = _NAMES_HOST.match(word if is_url else word.rpartition("@")[2].rstrip(".:!"))
        hosts = (found[1] or found[2]).split("@") if found else []
        named += [host for one in hosts if _HOST.fullmatch(host := _PORT.sub("", one))]
    return named


def _belongs(host: str, named: str) -> bool:
    return host == named or host.endswith(f".{named}")


def _bare(host: str) -> str:
    return host.lower().rstrip(".").removeprefix("www.")


def _wire(host: str) -> str:
    host = host.strip().rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host.encode("punycode").decode()
