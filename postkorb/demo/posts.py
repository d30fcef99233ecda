"""The posts of the story in the local forum, the blog's entries, and who thanks for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from postkorb.demo import story
from postkorb.demo.customer import PAUSE_SECONDS, later, thanks
from postkorb.demo.forum import DemoForum

USER = "lindenrad"
KEY = "schluessel-der-vorfuehrung"
FEED = "/feed.xml"
TITLE = "Lindenrad-Forum"


def lay_out(path: Path, now: datetime) -> None:
    """All posts and entries, in the order in which they were written."""
    forum = _forum(path)
    written = [(post.ago, topic.title, post) for topic in story.topics() for post in topic.posts]
    topics: dict[str, int] = {}
    for ago, title, post in sorted(written, key=lambda one: -one[0]):
        made = forum.add_post(
            post.username, post.name, topics.get(title, title), post.raw, now - ago, post.staff
        )
        topics[title] = made["topic_id"]
    for entry in sorted(story.entries(), key=lambda one: -one.ago):
        forum.add_entry(entry.title, entry.author, entry.html, now - entry.ago)


@contextmanager
def serving(path: Path, port: int, pause_seconds: float = PAUSE_SECONDS) -> Iterator[DemoForum]:
    """The forum at its port until the end; whoever is answered there says thanks after a pause.

    Raises OSError where the port is taken.
    """
    forum = _forum(path)
    forum.on_reply = lambda post: later(pause_seconds, lambda: give_thanks(forum, post))
    forum.start(port)
    try:
        yield forum
    finally:
        forum.stop()


def give_thanks(forum: DemoForum, answer: dict[str, Any]) -> dict[str, Any] | None:
    """The post in which the last customer of the topic thanks for this answer, once."""
    before = [post for post in forum.posts_of(answer["topic_id"]) if post["id"] < answer["id"]]
    customers = [post for post in before if not post["staff"]]
    if answer["username"] != USER or not customers:
        return None
    words, asker = thanks(answer["raw"]), customers[-1]
    if any(post["raw"] == words for post in customers):
        return None
    return forum.add_post(
        asker["username"], asker["name"], answer["topic_id"], words, reply_to=answer["post_number"]
    )


def _forum(path: Path) -> DemoForum:
    return DemoForum(path, KEY, {USER: story.firm()["name"]}, TITLE)
