"""The way back through a forum's posts, and the delivery of what is new, edited or deleted.

`/posts.json` lists newest first, fifty a page, and `before` is the only way further back. So we
walk back to what is known, remembering only where each page began, and then deliver upwards.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from connectors.community.discourse.post import (
    Forum,
    Post,
    fingerprint,
    is_deleted,
    moment,
    read_post,
)
from connectors.community.portions import portions
from crm.channels.contract import Batch, Change, Cursor, Incoming, Visibility

WINDOW = 50
PAGES_KEPT = 20
PAGES_A_COMMIT = 10
CHECKS_A_PULL = 20
NEVER_DELIVERED = "-"
DELETED = ""
UNLISTED = "?"

Fetch = Callable[[int | None], Sequence[Post]]
"""The page of posts below an id (or the newest), ids ascending."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far the forum has been read.

    post    the newest id delivered
    window  of the last fifty posts what each said, to see edits and deletions
    marks   of a walk under way the ids below which its pages lie, newest first
    down    the last mark has not been looked at yet
    """

    post: int = 0
    window: Mapping[int, str] = field(default_factory=dict)
    marks: tuple[int, ...] = ()
    down: bool = False

    @classmethod
    def of(cls, cursor: Cursor | None) -> Position:
        """From what `cursor` gave."""
        kept: Mapping[str, Any] = cursor or {}
        window = {int(post): str(said) for post, said in dict(kept.get("window", {})).items()}
        marks = tuple(int(mark) for mark in kept.get("marks", ()))
        return cls(int(kept.get("post", 0)), window, marks, bool(kept.get("down")))

    def cursor(self) -> Cursor:
        """As JSON, without what is empty."""
        window = {str(post): said for post, said in sorted(self.window.items())}
        under_way = {"marks": list(self.marks), "down": self.down} if self.marks else {}
        return {"post": self.post, "window": window, **under_way}

    def passed(self, said: Mapping[int, str]) -> Position:
        """After these posts; the window keeps the newest."""
        window = sorted((dict(self.window) | dict(said)).items())[-WINDOW:]
        return replace(self, post=max(self.post, *said, 0), window=dict(window))

    @property
    def floor(self) -> int:
        """The lowest id that still has to be looked at."""
        return min(self.window, default=self.post)


class Walk:
    """One pull.

    `look_up` gives a single post, or None where it is gone; `belongs` tells the posts of this
    channel from others of the forum.
    """

    def __init__(
        self,
        fetch: Fetch,
        look_up: Callable[[int], Post | None],
        belongs: Callable[[Post], bool],
        forum: Forum,
        position: Position,
        since: datetime,
    ) -> None:
        self.fetch, self.look_up, self.belongs = fetch, look_up, belongs
        self.forum, self.position, self.since = forum, position, since
        self._start = position
        self._seen: set[int] = set()
        self._pages: OrderedDict[int, Sequence[Post]] = OrderedDict()
        self._told = position.cursor()

    def batches(self) -> Iterator[Batch]:
        """First what an interrupted walk left over, then what came since."""
        if self.position.marks:
            yield from self._descend()
            yield from self._deliver()
            self._start = self.position
        newest = self.fetch(None)
        if newest:
            self._keep(newest[-1]["id"] + 1, newest)
            self.position = replace(self.position, marks=(newest[-1]["id"] + 1,), down=True)
            yield from self._descend()
            yield from self._deliver()
        yield from self._missing()
        if self.position.cursor() != self._told:
            yield self._batch(())

    def _descend(self) -> Iterator[Batch]:
        """Down to what is known, committing the way now and then: a limit may interrupt it."""
        walked = 0
        while self.position.down:
            page = self._page(self.position.marks[-1])
            marks, down = self.position.marks, bool(page) and not self._reaches_known(page)
            if down:
                marks = (*marks, page[0]["id"])
            self.position = replace(self.position, marks=marks, down=down)
            walked += 1
            if walked % PAGES_A_COMMIT == 0:
                yield self._batch(())

    def _deliver(self) -> Iterator[Batch]:
        """Upwards, page by page; a post that two pages show counts once."""
        self._seen = set()
        while self.position.marks:
            page = self._page(self.position.marks[-1], last=True)
            fresh = [post for post in page if post["id"] not in self._seen]
            *parts, rest = [*portions(fresh, _size)] or [[]]
            for part in parts:
                yield from self._portion(part)
            self.position = replace(self.position, marks=self.position.marks[:-1])
            yield from self._portion(rest)

    def _portion(self, portion: Sequence[Post]) -> Iterator[Batch]:
        self._seen |= {post["id"] for post in portion}
        changes = [change for post in portion if (change := self._change(post))]
        said = {post["id"]: word for post in portion if (word := self._word(post)) is not None}
        self.position = self.position.passed(said)
        if changes:
            yield self._batch(tuple(changes))

    def _change(self, post: Post) -> Incoming | None:
        earlier, word = self._start.window.get(post["id"]), self._word(post)
        if word in (None, NEVER_DELIVERED) or (earlier or "").removeprefix(UNLISTED) == word:
            return None
        change = Change.NEW if earlier is None else Change.EDITED
        if word == DELETED:
            change = Change.DELETED
        return read_post(post, self.forum, datetime.now(UTC), change)

    def _word(self, post: Post) -> str | None:
        """What the window is to say of a post; None keeps it out, as if never seen."""
        earlier = self._start.window.get(post["id"])
        if earlier is None:
            if is_deleted(post):
                return None
            return fingerprint(post) if self._is_wanted(post) else NEVER_DELIVERED
        if earlier == NEVER_DELIVERED or not self.belongs(post):
            return earlier
        return DELETED if is_deleted(post) else fingerprint(post)

    def _is_wanted(self, post: Post) -> bool:
        """Newer than all we have; or late (held for approval), but not from before our time."""
        if not self.belongs(post):
            return False
        if self._start.post and post["id"] > self._start.post:
            return True
        written = moment(post.get("created_at"))
        return post["id"] >= self._start.floor and (written is None or written >= self.since)

    def _missing(self) -> Iterator[Batch]:
        """What was listed and is not now may be deleted: each is looked up once."""
        deleted: list[Incoming] = []
        words: dict[int, str] = {}
        listed = [post for post, said in self._start.window.items() if _was_listed(said)]
        for post_id in [post for post in listed if post not in self._seen][:CHECKS_A_PULL]:
            post = self.look_up(post_id)
            if post is None or is_deleted(post):
                deleted.append(self._deletion(post_id, post))
                words[post_id] = DELETED
            else:
                words[post_id] = UNLISTED + self._start.window[post_id]
        if words:
            self.position = self.position.passed(words)
        if deleted:
            yield self._batch(tuple(deleted))

    def _deletion(self, post_id: int, post: Post | None) -> Incoming:
        now = datetime.now(UTC)
        if post is not None:
            return read_post(post, self.forum, now, Change.DELETED)
        return Incoming(str(post_id), now, change=Change.DELETED, visibility=Visibility.PUBLIC)

    def _reaches_known(self, page: Sequence[Post]) -> bool:
        if page[0]["id"] <= max(self._start.floor, 1):
            return True
        if self._start.post:
            return False
        written = moment(page[0].get("created_at"))
        return written is not None and written < self.since

    def _page(self, mark: int, last: bool = False) -> Sequence[Post]:
        page = self._pages.pop(mark, None)
        if page is None:
            page = self.fetch(mark)
        if not last:
            self._keep(mark, page)
        return page

    def _keep(self, mark: int, page: Sequence[Post]) -> None:
        """The lowest pages stay in memory: they are delivered first."""
        self._pages[mark] = page
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)

    def _batch(self, messages: tuple[Incoming, ...]) -> Batch:
        self._told = self.position.cursor()
        return Batch(messages, self._told)


def _was_listed(said: str) -> bool:
    return said not in (DELETED, NEVER_DELIVERED) and not said.startswith(UNLISTED)


def _size(post: Post) -> int:
    return 2 * (len(str(post.get("raw"))) + len(str(post.get("cooked"))))
