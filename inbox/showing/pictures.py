"""Pictures in foreign HTML: which came along, which lie outside, which are there to spy."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import unquote

from crm.contacts.identity import Identity
from crm.contacts.pictures import are_allowed
from crm.conversations.message import Message
from inbox.showing.verdicts import is_doubtful

_IMAGE = re.compile(r'<img(?: [a-z-]+="[^"]*")*>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_NO_SIZE = re.compile(r"\s*0*[01](?:\.\d*)?\s*(?:px)?\s*")
_UNSEEN = re.compile(
    r"(?:^|[;\s])(?:(?:max-)?(?:width|height)\s*:\s*[01](?:px)?|display\s*:\s*none"
    r"|visibility\s*:\s*hidden)\s*(?:!|;|$)",
    re.IGNORECASE,
)


def are_outside(html: str) -> bool:
    """Whether sanitised HTML has pictures to hold back; those that nobody can see are none."""
    return any(
        tag.get("src", "").startswith("http") and not _is_pixel(tag)
        for tag in map(_attributes, _IMAGE.findall(html))
    )


def stand(message: Message, identity: Identity | None, *, in_spam: bool) -> bool:
    """Whether the standing permission of its sender holds for this message.

    It never does for what may not be of the sender, nor for spam.
    """
    return are_allowed(identity) and not in_spam and not is_doubtful(message)


def with_pictures(html: str, along: Callable[[str], str], *, outside: bool) -> str:
    """Sanitised HTML with its pictures: those that came along as `along` tells by their cid.

    Those from outside stay where they are allowed, else they lose their address. Pixels that only
    tell who read the mail go altogether, also then.
    """

    def picture(found: re.Match[str]) -> str:
        tag = _attributes(found[0])
        source = tag.get("src", "")
        if source.startswith("cid:"):
            return found[0].replace(_written(found[0]), along(unquote(source[4:])), 1)
        if not source.startswith("http"):
            return found[0]
        if _is_pixel(tag):
            return ""
        return found[0] if outside else found[0].replace(_written(found[0]), "", 1)

    return _IMAGE.sub(picture, html)


def _is_pixel(tag: dict[str, str]) -> bool:
    """One of a pixel or none: it shows nothing, so it is there to be asked for."""
    sizes = (tag.get("width"), tag.get("height"))
    if any(size is not None and _NO_SIZE.fullmatch(size) for size in sizes):
        return True
    return _UNSEEN.search(tag.get("style", "")) is not None


def _attributes(tag: str) -> dict[str, str]:
    return {found[1]: unescape(found[2]) for found in _ATTRIBUTE.finditer(tag)}


def _written(tag: str) -> str:
    """Its source as it is written: ` src="..."`."""
    return next(found[0] for found in _ATTRIBUTE.finditer(tag) if found[1] == "src")
