"""How the posts of a saved document would be read: a feed, or JSON of a Discourse forum."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.community.discourse.post import Forum, Post, is_deleted, read_post
from connectors.community.feed_document import NotAFeed, read_feed
from crm.channels.contract import Change, Incoming

SCOPE = "inspected"
ELSEWHERE = Forum("https://forum.invalid", SCOPE, "")


def inspect_posts(path: Path) -> Iterator[dict[str, Any]]:
    """Each post as it would be read, ready for JSON; a document that is none gives its `error`.

    Raises OSError where the file cannot be read.
    """
    body = path.read_bytes()
    now = datetime.now(UTC)
    try:
        messages = (
            _of_forum(body, now) if body.lstrip()[:1] in (b"{", b"[") else _of_feed(body, now)
        )
    except NotAFeed as error:
        yield {"path": str(path), "error": str(error)}
        return
    for message in messages:
        yield {"path": str(path), **_shown(message)}


def _of_feed(body: bytes, now: datetime) -> list[Incoming]:
    return [entry.message for entry in read_feed(body, SCOPE, now).entries]


def _of_forum(body: bytes, now: datetime) -> list[Incoming]:
    try:
        posts = list(_posts(json.loads(body)))
    except (ValueError, RecursionError):
        raise NotAFeed("JSON that is cut off or broken") from None
    if not posts:
        raise NotAFeed("JSON without posts of a forum")
    changes = [Change.DELETED if is_deleted(post) else Change.NEW for post in posts]
    return [
        read_post(post, ELSEWHERE, now, change) for post, change in zip(posts, changes, strict=True)
    ]


def _posts(told: Any) -> Iterator[Post]:
    """The posts of /posts.json, /t/{id}.json or /posts/{id}.json."""
    match told:
        case {"latest_posts": list(posts)} | {"post_stream": {"posts": list(posts)}} | list(posts):
            yield from (post for post in posts if isinstance(post, Mapping) and "cooked" in post)
        case {"id": _, "cooked": _}:
            yield told


def _shown(message: Incoming) -> dict[str, Any]:
    address = message.sender.address
    return {
        "remote_id": message.remote_id,
        "remote_thread": message.remote_thread,
        "change": message.change.value,
        "role": message.role.value,
        "visibility": message.visibility.value,
        "author": message.sender.name,
        "handle": address.value if address else "",
        "at": message.at.isoformat(),
        "dated": message.dated.isoformat() if message.dated else None,
        "subject": message.subject,
        "text": message.text,
        "permalink": message.permalink,
        "flags": list(message.flags),
    }
