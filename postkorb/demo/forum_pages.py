"""What the demo's forum answers over HTTP: Discourse's JSON, plain pages to read, a news feed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from postkorb.demo.forum import DemoForum

REFUSED_KEY = {
    "errors": ["You are not permitted to view the requested resource."],
    "error_type": "invalid_access",
}
NOT_FOUND = {
    "errors": ["The requested URL or resource could not be found."],
    "error_type": "not_found",
}
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
LOOK = (
    "body{max-width:44rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;"
    "color-scheme:light dark}article{border-top:1px solid #8886;padding:1rem 0}"
    "header{font-size:.875rem;opacity:.75}article:target{background:#fc03}"
)


class Refused(Exception):
    """What Discourse answers with status 422, as its sentence."""


class ForumServer(ThreadingHTTPServer):
    """The forum's port, on this machine only."""

    daemon_threads = True

    def __init__(self, forum: DemoForum, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Answer)
        self.forum = forum


def cooked(raw: str) -> str:
    """Paragraphs and links of a post; comments are left out, as Discourse does."""
    seen = re.sub(r"<!--.*?-->", "", raw, flags=re.DOTALL).strip()
    linked = re.sub(r"(https?://[^\s<]+)", r'<a href="\1" rel="nofollow">\1</a>', escape(seen))
    parts = [part.strip().replace("\n", "<br>\n") for part in re.split(r"\n\s*\n", linked)]
    return "\n".join(f"<p>{part}</p>" for part in parts if part)


def slug_of(title: str) -> str:
    """The title as it stands in an address."""
    spelled = title.lower().translate(UMLAUTS)
    return re.sub(r"[^a-z0-9]+", "-", spelled).strip("-") or "topic"


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ForumServer

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        for pattern, page in PAGES:
            found = re.fullmatch(pattern, path)
            if found:
                return page(self, *found.groups())
        return self._json(NOT_FOUND, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if urlsplit(self.path).path != "/posts.json":
            return self._json(NOT_FOUND, 404)
        user = self._user()
        if user is None:
            return self._json(REFUSED_KEY, 403)
        try:
            post = self._write(user, json.loads(body))
        except Refused as error:
            return self._json({"action": "create_post", "errors": [str(error)]}, 422)
        except (ValueError, KeyError, TypeError) as error:
            return self._json({"errors": [f"param is missing or invalid: {error}"]}, 400)
        self._json(post)
        return self.server.forum.on_reply(post)

    def latest_posts(self) -> None:
        said = parse_qs(urlsplit(self.path).query).get("before", [""])[0]
        before = int(said) if said.isdecimal() else None
        if self._key_is_good():
            self._json({"latest_posts": self.server.forum.latest_posts(before)})

    def one_post(self, number: str) -> None:
        if self._key_is_good():
            post = self.server.forum.post(int(number))
            self._json(post or NOT_FOUND, 200 if post else 404)

    def one_topic(self, number: str) -> None:
        topic = next((t for t in self.server.forum.topics() if t["id"] == int(number)), None)
        if topic is None:
            return self._json(NOT_FOUND, 404)
        posts = self.server.forum.posts_of(topic["id"])
        stream = {"posts": posts, "stream": [post["id"] for post in posts]}
        return self._json({"post_stream": stream, **topic})

    def latest_topics(self) -> None:
        topics = {"can_create_topic": False, "per_page": 30, "topics": self.server.forum.topics()}
        self._json({"users": [], "primary_groups": [], "topic_list": topics})

    def categories(self) -> None:
        general = {"id": 1, "name": "General", "slug": "general", "subcategory_list": []}
        self._json({"category_list": {"categories": [general]}})

    def one_user(self, name: str) -> None:
        if self._key_is_good():
            user = self.server.forum.user(name)
            self._json(
                {"user_badges": [], "user": user} if user else NOT_FOUND, 200 if user else 404
            )

    def session(self) -> None:
        if self._key_is_good():
            user = self._user()
            self._json({"current_user": user} if user else NOT_FOUND, 200 if user else 404)

    def home_page(self) -> None:
        links = (
            f'<article><a href="/t/{topic["slug"]}/{topic["id"]}">{escape(topic["title"])}</a>'
            f"<header>{topic['posts_count']} · {topic['last_posted_at'][:10]}</header></article>"
            for topic in self.server.forum.topics()
        )
        self._page(self.server.forum.title, "".join(links))

    def topic_page(self, number: str) -> None:
        forum = self.server.forum
        posts = forum.posts_of(int(number))
        if not posts:
            return self._page("404", "<p>–</p>", 404)
        shown = (
            f'<article id="post_{post["post_number"]}"><header><b>{escape(post["name"])}</b> '
            f"@{escape(post['username'])} · {post['created_at'][:16].replace('T', ' ')}</header>"
            f"{post['cooked']}</article>"
            for post in posts
        )
        return self._page(forum.topic(int(number))["title"], "".join(shown))

    def news_page(self, number: str) -> None:
        entries = self.server.forum.entries
        if not 0 < int(number) <= len(entries):
            return self._page("404", "<p>–</p>", 404)
        entry = entries[int(number) - 1]
        return self._page(entry["title"], f"<p>{escape(entry['author'])}</p>{entry['html']}")

    def feed(self) -> None:
        forum = self.server.forum
        news = "".join(
            f"<entry><id>tag:postkorb.demo,2026:news/{number}</id><title>{escape(entry['title'])}</title>"
            f'<link href="{forum.url}/news/{number}"/><published>{entry["at"]}</published>'
            f"<updated>{entry['at']}</updated><author><name>{escape(entry['author'])}</name></author>"
            f'<content type="html">{escape(entry["html"])}</content></entry>\n'
            for number, entry in reversed(list(enumerate(forum.entries, 1)))
        )
        body = (
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
            f"<id>{forum.url}/feed.xml</id><title>{escape(forum.title)}</title>\n{news}</feed>\n"
        ).encode()
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            return self._send(304, b"", "application/atom+xml", etag)
        return self._send(200, body, "application/atom+xml; charset=utf-8", etag)

    def _write(self, user: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
        topic = int(fields["topic_id"]) if "topic_id" in fields else str(fields["title"])
        answered = fields.get("reply_to_post_number")
        return self.server.forum.add_post(
            user["username"], user["name"], topic, str(fields["raw"]), reply_to=answered
        )

    def _key_is_good(self) -> bool:
        """Anybody may read; but who shows a key must show the right one."""
        if "Api-Key" in self.headers and self._user() is None:
            self._json(REFUSED_KEY, 403)
            return False
        return True

    def _user(self) -> dict[str, Any] | None:
        if self.headers.get("Api-Key") != self.server.forum.key:
            return None
        return self.server.forum.user(self.headers.get("Api-Username", ""))

    def _page(self, title: str, body: str, status: int = 200) -> None:
        head = f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><style>{LOOK}</style>"
        back = f'<p><a href="/">{escape(self.server.forum.title)}</a></p>'
        page = f"{head}{back}<h1>{escape(title)}</h1>{body}"
        self._send(status, page.encode(), "text/html; charset=utf-8")

    def _json(self, value: Any, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Quiet: the demo's terminal is for its operator."""


PAGES: tuple[tuple[str, Callable[..., None]], ...] = (
    (r"/posts\.json", _Answer.latest_posts),
    (r"/posts/(\d+)\.json", _Answer.one_post),
    (r"/t/(?:[^/]+/)?(\d+)\.json", _Answer.one_topic),
    (r"/latest\.json", _Answer.latest_topics),
    (r"/categories\.json", _Answer.categories),
    (r"/u/([^/]+)\.json", _Answer.one_user),
    (r"/session/current\.json", _Answer.session),
    (r"/(?:latest\.rss|feed\.xml)", _Answer.feed),
    (r"/news/(\d+)", _Answer.news_page),
    (r"/t/[^/]+/(\d+)(?:/\d+)?", _Answer.topic_page),
    (r"/", _Answer.home_page),
)
