"""What holds for any bytes whatever: nothing raises, nothing takes long, nothing harmful comes out."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from selectolax.lexbor import LexborHTMLParser

from connectors.email.folding import fold
from connectors.email.quotes import separate
from connectors.email.read import read_mail
from crm.channels.contract import Incoming
from crm.intake.sanitise import sanitise
from inbox.showing.leading import with_addresses
from inbox.showing.linkify import linkify
from inbox.showing.pictures import with_pictures

AT = datetime(2026, 1, 2, tzinfo=UTC)
Made = TypeVar("Made")
MOST_SECONDS = 2.0
"""Of CPU, for up to a megabyte."""
HARMFUL = "script,iframe,frame,object,embed,form,input,link,meta,base,style,svg,math,video,audio"
LOADING = "[srcset],[poster],[background],[data],[action],[formaction]"


def a_mail(data: bytes) -> None:
    """It is read, its original kept, and what it shows is harmless."""
    read = _in_time(lambda: read_mail(data, "1:1", AT))
    assert isinstance(read, Incoming)
    assert read.raw == data
    assert "unparsable" not in read.flags or read.text or not data.strip()
    _page(read.html)


def a_page(data: bytes) -> None:
    """HTML of any kind comes out without script and loads nothing."""
    html = data.decode("utf-8", "replace")
    _page(html)
    _page(_in_time(lambda: fold(html)))


def a_reply(data: bytes) -> None:
    """No line is lost, none is doubled."""
    text = data.decode("utf-8", "replace")
    parts = _in_time(lambda: separate(text))
    _in_time(lambda: linkify(text))
    kept = "\n".join((parts.text, parts.quoted, parts.signature))
    assert sorted(_words(kept)) == sorted(_words(text))


PROMISES: dict[str, Callable[[bytes], None]] = {"mail": a_mail, "page": a_page, "reply": a_reply}


def _page(html: str) -> None:
    clean = _in_time(lambda: sanitise(html))
    assert _in_time(lambda: sanitise(clean)) == clean
    _harmless(_in_time(lambda: with_pictures(clean, _no_file, outside=False)), "data:")
    allowed = _in_time(lambda: with_pictures(clean, _no_file, outside=True))
    _harmless(_in_time(lambda: with_addresses(allowed)), ("data:", "http:", "https:"))


def _no_file(cid: str) -> str:
    return ""


def _harmless(html: str, pictures: str | tuple[str, ...]) -> None:
    shown = LexborHTMLParser(html)
    assert not shown.css(HARMFUL)
    assert not shown.css(LOADING)
    for node in shown.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on"), node.html
            assert name != "src" or (value or "").lower().startswith(pictures), node.html
            assert name != "style" or "url" not in (value or "").lower(), node.html
            assert name != "href" or not _runs(value or ""), node.html


def _runs(address: str) -> bool:
    plain = "".join(address.split()).lower()
    return plain.startswith(("javascript:", "data:", "vbscript:", "file:"))


def _words(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _in_time(act: Callable[[], Made]) -> Made:
    before = time.process_time()
    result = act()
    assert time.process_time() - before < MOST_SECONDS
    return result
