"""A feed's document, RSS or Atom, read into messages."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import feedparser

from connectors.community.plain import plain_text, readable
from crm.channels.contract import Address, IdentityKind, Incoming, Person, Visibility

NUMBERED_CHARACTER = re.compile(rb"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)
LAST_TAG = re.compile(rb"</(\w+:)?(rss|feed|rdf)\s*>", re.IGNORECASE)
ALTERNATE = re.compile(rb"<link[^>]{0,500}application/(?:rss|atom)\+xml[^>]{0,500}>", re.IGNORECASE)
LONGEST_ID = 400


class NotAFeed(Exception):
    """The document is something else; says what."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as a message; `fingerprint` tells its content from any other, whatever the dates say."""

    message: Incoming
    link: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a feed holds now; not `complete` where it was cut off, its half last entry left out."""

    entries: tuple[Entry, ...]
    complete: bool


def read_feed(body: bytes, scope: str, now: datetime, type: str = "", url: str = "") -> Document:
    """Every entry of the document, in its order; `scope` is the host of the authors' names.

    `type` is the Content-Type header, whose charset wins (RFC 7303), `url` the base of relative
    links. Raises NotAFeed.
    """
    parsed = _parse(body, {"content-type": type or "application/xml", "content-location": url})
    found = list(parsed.entries)
    if not found and not parsed.get("version"):
        raise NotAFeed(_what_else(body))
    complete = not (parsed.get("bozo") and not LAST_TAG.search(body.replace(b"\0", b"")))
    kept = found if complete else found[:-1]
    read = {
        remote_id: _entry(entry, remote_id, scope, now)
        for entry, remote_id in zip(kept, _identities(kept), strict=True)
    }
    return Document(tuple(read.values()), complete)


def _parse(body: bytes, headers: Mapping[str, str]) -> Any:
    """By feedparser, behind a guard: it raises on some documents, and bytes it takes for a path."""
    for attempt in (body, _defused(body)):
        try:
            return feedparser.parse(
                BytesIO(attempt), response_headers=dict(headers), sanitize_html=False
            )
        except Exception as error:
            failure = error
    raise NotAFeed(f"unreadable XML ({type(failure).__name__})")


def _defused(body: bytes) -> bytes:
    """Without what feedparser stumbles over: entities of its own, characters that there are not."""
    return NUMBERED_CHARACTER.sub(_possible, DOCTYPE.sub(b"", body, count=1))


def _possible(reference: re.Match[bytes]) -> bytes:
    hexadecimal, decimal = reference.groups()
    digits = (hexadecimal or decimal).lstrip(b"0")[:9]
    number = int(digits or b"0", 16 if hexadecimal else 10)
    there_is = 0 < number < 0xD800 or 0xDFFF < number < 0x110000
    return reference.group() if there_is else b"&#xFFFD;"


def _what_else(body: bytes) -> str:
    start = body.lstrip()[:500].lower()
    if not start:
        return "an empty answer"
    if start.startswith((b"{", b"[")):
        return "JSON"
    if b"<html" in start or b"<!doctype html" in start:
        better = ALTERNATE.search(body[:200_000])
        target = re.search(rb"""href\s*=\s*["']?([^"'\s>]+)""", better.group()) if better else None
        named = f"; its feed may be {target.group(1).decode('utf-8', 'replace')}" if target else ""
        return "a page of HTML" + named
    return "neither RSS nor Atom"


def _identities(entries: list[Any]) -> Iterator[str]:
    """Of each entry its guid, else its link, else a hash of its content.

    Where one document repeats an identity, more is added until it is one again. This rule may
    never change: every stored message would come once more.
    """
    ladders = [_ladder(entry) for entry in entries]
    counts = [Counter(ladder[step] for ladder in ladders) for step in range(3)]
    for ladder in ladders:
        alone = (ladder[step] for step in range(3) if counts[step][ladder[step]] == 1)
        identity = next(alone, ladder[2])
        yield identity if len(identity) <= LONGEST_ID else _hash(identity)


def _ladder(entry: Any) -> tuple[str, str, str]:
    guid, link = _text(entry, "id").strip(), _link(entry)
    content = _hash(_text(entry, "title"), *_body(entry))
    first = guid or link or content
    return first, f"{first} {link}", f"{first} {link} {content}"


def _entry(entry: Any, remote_id: str, scope: str, now: datetime) -> Entry:
    dated = _dated(entry)
    html, text = _body(entry)
    title = _title(entry)
    author = _author(entry)
    message = Incoming(
        remote_id=remote_id,
        remote_thread=remote_id,
        at=min(dated or now, now),
        dated=dated,
        sender=Person(author, Address(IdentityKind.HANDLE, author, scope) if author else None),
        visibility=Visibility.PUBLIC,
        permalink=_link(entry),
        subject=title,
        text=text or plain_text(html),
        html=html,
        raw=json.dumps(entry, default=str).encode(),
        raw_type="application/json",
        flags=() if dated and dated <= now else ("date",),
    )
    return Entry(message, message.permalink, _hash(title, html, text))


def _body(entry: Any) -> tuple[str, str]:
    """HTML and text, one of them empty: the whole content before its summary."""
    parts = [*(entry.get("content") or []), entry.get("summary_detail") or {}]
    told = [part for part in parts if str(part.get("value") or "").strip()]
    if not told:
        return "", ""
    best = next((part for part in told if "html" in str(part.get("type"))), told[0])
    value = readable(str(best["value"]))
    return (value, "") if "html" in str(best.get("type")) else ("", value)


def _title(entry: Any) -> str:
    title = _text(entry, "title")
    kind = str((entry.get("title_detail") or {}).get("type"))
    return re.sub(r"[ \t\r\n]+", " ", plain_text(title) if "html" in kind else title).strip()


def _author(entry: Any) -> str:
    detail = entry.get("author_detail") or {}
    return " ".join(readable(str(detail.get("name") or _text(entry, "author"))).split())


def _link(entry: Any) -> str:
    link = _text(entry, "link").strip()
    return link if link.startswith(("http://", "https://")) else ""


def _dated(entry: Any) -> datetime | None:
    """When it was published, else changed; None where no date can be read."""
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        read = dict.get(entry, name)  # past feedparser's own fallbacks, which warn
        try:
            if read:
                year, month, day, hour, minute, second = read[:6]
                return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def _text(entry: Any, name: str) -> str:
    return readable(str(entry.get(name) or ""))


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:32]
