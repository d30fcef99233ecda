"""A small forum of the demo's firm that speaks Discourse's documented JSON, with a news feed.

It is kept in one JSON file, so that the next start finds it as it was left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from threading import RLock, Thread
from typing import Any

from postkorb.demo.forum_pages import ForumServer, Refused, cooked, slug_of

__all__ = ["DemoForum", "Refused"]

PAGE = 50
SHORTEST = 5


class DemoForum:
    """Users, topics and posts. `staff` names the users whose replies come by the API key."""

    def __init__(
        self,
        path: Path,
        key: str = "demo-key",
        staff: dict[str, str] | None = None,
        title: str = "Forum",
    ) -> None:
        self.path, self.key, self.title = path, key, title
        self.url = ""
        self.on_reply: Callable[[dict[str, Any]], None] = lambda post: None
        self._lock = RLock()
        self._server: ForumServer | None = None
        self._data: dict[str, Any] = {"users": {}, "topics": [], "posts": [], "entries": []}
        if path.exists():
            self._data = json.loads(path.read_text("utf-8"))
        for username, name in (staff or {}).items():
            self._user(username, name, staff=True)

    def start(self, port: int = 0) -> str:
        """Serve on this machine only; gives the address back."""
        self._server = ForumServer(self, port)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self.url

    def stop(self) -> None:
        """Close the port."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def add_post(
        self,
        username: str,
        name: str,
        topic: str | int,
        raw: str,
        at: datetime | None = None,
        staff: bool = False,
        reply_to: int | None = None,
    ) -> dict[str, Any]:
        """A post in a topic: its id, or the title of a new one. Raises Refused."""
        with self._lock:
            user = self._user(username, name, staff)
            self._check(raw, username)
            when = _stamp(at)
            place = self._new_topic(topic, when) if isinstance(topic, str) else self.topic(topic)
            post = self._new_post(user, place, raw, when, reply_to)
            self._data["posts"].append(post)
            self._save()
            return post

    def edit_post(self, post_id: int, raw: str, at: datetime | None = None) -> dict[str, Any]:
        """Another text; the version goes up."""
        with self._lock:
            post = self._data["posts"][post_id - 1]
            post |= {"raw": raw, "cooked": cooked(raw), "updated_at": _stamp(at)}
            post["version"] += 1
            self._save()
            return dict(post)

    def delete_post(self, post_id: int, at: datetime | None = None) -> None:
        """Gone from every list; asking for it answers "not found"."""
        with self._lock:
            self._data["posts"][post_id - 1]["deleted_at"] = _stamp(at)
            self._save()

    def add_entry(self, title: str, author: str, html: str, at: datetime | None = None) -> None:
        """An entry of the news feed (/feed.xml)."""
        with self._lock:
            entry = {"title": title, "author": author, "html": html, "at": _stamp(at)}
            self._data["entries"].append(entry)
            self._save()

    @property
    def is_empty(self) -> bool:
        """Whether nobody ever wrote anything."""
        return not self._data["posts"] and not self._data["entries"]

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Of the news feed, oldest first."""
        with self._lock:
            return list(self._data["entries"])

    def topic(self, topic_id: int) -> dict[str, Any]:
        """Raises Refused where there is none."""
        found = [topic for topic in self._data["topics"] if topic["id"] == topic_id]
        if not found:
            raise Refused("The topic does not exist.")
        return dict(found[0])

    def topics(self) -> list[dict[str, Any]]:
        """Newest first, with what the list of latest topics tells of them."""
        with self._lock:
            listed = [
                topic | _numbers(self.posts_of(topic["id"])) for topic in self._data["topics"]
            ]
            return sorted(listed, key=lambda topic: topic["last_posted_at"], reverse=True)

    def posts_of(self, topic_id: int) -> list[dict[str, Any]]:
        """In the order in which they were written."""
        return [post for post in self._standing() if post["topic_id"] == topic_id]

    def post(self, post_id: int) -> dict[str, Any] | None:
        """One post, None where it is not or no more."""
        return next((post for post in self._standing() if post["id"] == post_id), None)

    def user(self, username: str) -> dict[str, Any] | None:
        """Somebody who has written here, in any spelling of the name."""
        found = self._data["users"].get(username.casefold())
        return dict(found) if found else None

    def latest_posts(self, before: int | None) -> list[dict[str, Any]]:
        """At most fifty posts below an id, newest first."""
        titles = {topic["id"]: topic["title"] for topic in self._data["topics"]}
        lower = [post for post in self._standing() if before is None or post["id"] < before]
        return [
            post
            | {
                "topic_title": titles[post["topic_id"]],
                "topic_html_title": escape(titles[post["topic_id"]]),
                "category_id": 1,
            }
            for post in reversed(lower[-PAGE:])
        ]

    def _standing(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(post) for post in self._data["posts"] if not post["deleted_at"]]

    def _user(self, username: str, name: str, staff: bool) -> dict[str, Any]:
        users = self._data["users"]
        made = {"id": len(users) + 1, "username": username, "name": name, "staff": staff}
        found: dict[str, Any] = users.setdefault(username.casefold(), made)
        return found

    def _check(self, raw: str, username: str) -> None:
        if len(re.sub(r"<!--.*?-->", "", raw, flags=re.DOTALL).strip()) < SHORTEST:
            raise Refused(f"Body is too short (minimum is {SHORTEST} characters)")
        recent = [post["raw"] for post in self._standing()[-5:] if post["username"] == username]
        if raw in recent:
            raise Refused("Body is too similar to what you recently posted")

    def _new_topic(self, title: str, when: str) -> dict[str, Any]:
        topic = {
            "id": len(self._data["topics"]) + 1,
            "title": title,
            "fancy_title": escape(title),
            "slug": slug_of(title),
            "created_at": when,
            "archetype": "regular",
            "visible": True,
            "closed": False,
            "archived": False,
            "category_id": 1,
        }
        self._data["topics"].append(topic)
        return topic

    def _new_post(
        self,
        user: dict[str, Any],
        topic: dict[str, Any],
        raw: str,
        when: str,
        reply_to: int | None,
    ) -> dict[str, Any]:
        written = [post for post in self._data["posts"] if post["topic_id"] == topic["id"]]
        number = len(written) + 1
        return {
            "id": len(self._data["posts"]) + 1,
            "name": user["name"],
            "username": user["username"],
            "display_username": user["name"],
            "user_id": user["id"],
            "created_at": when,
            "updated_at": when,
            "raw": raw,
            "cooked": cooked(raw),
            "post_number": number,
            "post_type": 1,
            "reply_to_post_number": reply_to,
            "topic_id": topic["id"],
            "topic_slug": topic["slug"],
            "post_url": f"/t/{topic['slug']}/{topic['id']}/{number}",
            "version": 1,
            "staff": user["staff"],
            "admin": False,
            "moderator": user["staff"],
            "trust_level": 1,
            "hidden": False,
            "wiki": False,
            "deleted_at": None,
            "user_deleted": False,
            "edit_reason": None,
        }

    def _save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(self._data, ensure_ascii=False, indent=1), "utf-8")
        beside.replace(self.path)


def _numbers(posts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "posts_count": len(posts),
        "reply_count": max(len(posts) - 1, 0),
        "highest_post_number": max((post["post_number"] for post in posts), default=0),
        "last_posted_at": max((post["created_at"] for post in posts), default=""),
        "last_poster_username": posts[-1]["username"] if posts else "",
    }


def _stamp(at: datetime | None) -> str:
    """As Discourse writes a time: UTC, milliseconds, Z."""
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
