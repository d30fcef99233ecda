"""A post of a forum, from its JSON to a message; and the mark that a reply of ours bears."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from connectors.community.plain import plain_text, readable
from crm.channels.contract import (
    Address,
    Change,
    IdentityKind,
    Incoming,
    Person,
    Role,
    Visibility,
)

Post: TypeAlias = Mapping[str, Any]
"""One element of `latest_posts` or `post_stream.posts`, or the answer of /posts/{id}.json."""

MARK = re.compile(r"\s*<!-- postkorb (\S+) -->\s*")
REGULAR = 1


@dataclass(frozen=True, slots=True)
class Forum:
    """Where posts come from: the address without a slash at its end, its host, our user there."""

    url: str
    host: str
    user: str

    def permalink(self, post: Post) -> str:
        """Where a browser shows the post."""
        slug = quote(_text(post, "topic_slug") or "-", safe="")
        return f"{self.url}/t/{slug}/{_text(post, 'topic_id')}/{_text(post, 'post_number')}"


def marked(text: str, key: str) -> str:
    """The text with our key in an HTML comment behind it.

    Discourse knows no idempotency key. It keeps comments in `raw` and leaves them out of what
    readers see, and of the length it checks, so that the post can be known again.
    """
    return f"{text}\n\n<!-- postkorb {quote(key, safe='@').replace('--', '-%2D')} -->"


def key_of(post: Post, forum: Forum) -> str:
    """The key that we marked it with, "" on everybody else's: they may have copied ours."""
    found = MARK.search(_raw(post)) if is_ours(post, forum) else None
    return unquote(found.group(1)) if found else ""


def is_ours(post: Post, forum: Forum) -> bool:
    """Whether our own user wrote it."""
    name = str(post.get("username") or "")
    return bool(name) and name.casefold() == forum.user.casefold()


def is_deleted(post: Post) -> bool:
    """Whether it is deleted; its author's own deletion leaves it listed for a day."""
    return bool(post.get("deleted_at") or post.get("user_deleted"))


def is_regular(post: Post) -> bool:
    """Whether it is what a reader calls a post: no whisper, no note that a topic was moved."""
    return bool(post.get("post_type", REGULAR) == REGULAR)


def fingerprint(post: Post) -> str:
    """What tells its text from any other; version and date miss edits within five minutes."""
    return sha256((_raw(post) or str(post.get("cooked"))).encode("utf-8", "replace")).hexdigest()[
        :12
    ]


def read_post(post: Post, forum: Forum, now: datetime, change: Change = Change.NEW) -> Incoming:
    """The post as a message, whatever of it is missing or odd."""
    html, raw = _text(post, "cooked"), readable(_raw(post))
    dated = moment(post.get("created_at"))
    return Incoming(
        remote_id=_text(post, "id"),
        remote_thread=_text(post, "topic_id"),
        at=min(dated or now, now),
        dated=dated,
        change=change,
        sender=_author(post, forum),
        role=_role(post, forum),
        visibility=Visibility.PUBLIC,
        permalink=forum.permalink(post),
        subject=_text(post, "topic_title"),
        text=MARK.sub("\n", raw).strip() or plain_text(html),
        html=html,
        key=key_of(post, forum),
        raw=json.dumps(post).encode(),
        raw_type="application/json",
        flags=() if dated and dated <= now else ("date",),
    )


def moment(value: Any) -> datetime | None:
    """A time of the forum's JSON; None where it is none."""
    try:
        read = datetime.fromisoformat(str(value))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _author(post: Post, forum: Forum) -> Person:
    handle = _text(post, "username")
    name = _text(post, "name") or handle
    return Person(name, Address(IdentityKind.HANDLE, handle, forum.host) if handle else None)


def _role(post: Post, forum: Forum) -> Role:
    if is_ours(post, forum):
        return Role.US
    ranks = ("staff", "admin", "moderator")
    return Role.STAFF if any(post.get(rank) for rank in ranks) else Role.CUSTOMER


def _text(post: Post, name: str) -> str:
    return readable(str(post.get(name) or ""))


def _raw(post: Post) -> str:
    raw = post.get("raw")
    return raw if isinstance(raw, str) else ""
