"""The forum as a channel: who we are there, pulling posts, sending replies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import Field
from pydantic.dataclasses import dataclass

from connectors.community.discourse.post import (
    Forum,
    Post,
    is_regular,
    key_of,
    marked,
    moment,
)
from connectors.community.discourse.walk import Position, Walk
from connectors.http import CHECK_ACCESS, Answer, Session, Uncertain, told_errors, wait_seconds
from connectors.settings import STRICT, Secret
from connectors.web_address import WebAddress, without_secrets, without_user
from crm.channels.contract import (
    Batch,
    Cursor,
    Family,
    Limits,
    Misconfigured,
    NotThere,
    Outgoing,
    Receipt,
    Rejected,
    Site,
    Temporary,
    Visibility,
)

NO_TOPIC = "There is no topic of this forum to answer in."
NO_FILES = "Files cannot be sent to this forum."
REFUSED_POST = "The forum did not take the reply."
NOT_POSTS = "The answer is no list of posts."
NO_PROGRESS = "The forum gives the same page again and again."
NO_CATEGORY = "The forum has no such category."
OTHER_USER = "The key belongs to another user of the forum."
WAITS_FOR_APPROVAL = "The forum holds the reply until a moderator has approved it."

CHECK_CATEGORIES = "Check `categories` in the configuration: it takes the slugs of addresses /c/…."
CHECK_FORUM = "Check that the address is that of a Discourse forum."

LENGTH = 32_000
ROOM_FOR_THE_MARK = 200
CLOCKS_APART = timedelta(hours=1)


@dataclass(frozen=True, config=STRICT)
class DiscourseSettings:
    """`user` is the name behind the API key; `interval` in seconds; no `categories` means all."""

    url: WebAddress
    user: str
    key: Secret
    interval: Annotated[int, Field(ge=10)] = 60
    categories: tuple[str, ...] = ()


class Discourse:
    """Public posts of a forum (version 3.3 or newer), and replies to them by our user."""

    Settings: ClassVar[type[Any]] = DiscourseSettings
    family: ClassVar[Family] = Family.COMMUNITY

    def __init__(self, settings: DiscourseSettings, site: Site) -> None:
        self.settings = settings
        url = without_user(settings.url).rstrip("/")
        self.forum = Forum(url, urlsplit(url).hostname or "", settings.user)
        access = {"Api-Key": settings.key.get_secret_value(), "Api-Username": settings.user}
        self._session = Session(f"Postkorb/{site.version}".rstrip("/"), access)

    def who_am_i(self) -> str:
        """`user@host`, as the forum itself names the user."""
        answer = self._get("/session/current.json", expect=(404,))
        whose = "current_user"
        if answer.status == 404:
            answer, whose = self._get(f"/u/{quote(self.settings.user, safe='')}.json"), "user"
        told = answer.json()
        user = told.get(whose) if isinstance(told, dict) else None
        if not isinstance(user, dict) or not user.get("username"):
            raise Misconfigured(NOT_POSTS, without_secrets(answer.url), CHECK_FORUM)
        name = str(user["username"])
        if name.casefold() != self.settings.user.casefold():
            raise Misconfigured(OTHER_USER, name, CHECK_ACCESS)
        return f"{name}@{self.forum.host}"

    def check(self) -> None:
        """Ask the forum whose key this is, and for the categories configured."""
        self.who_am_i()
        self._categories()

    def pull(self, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """New posts in the order of their ids; of the last fifty also edits and deletions."""
        wanted = self._categories()

        def belongs(post: Post) -> bool:
            return is_regular(post) and (wanted is None or post.get("category_id") in wanted)

        position = Position.of(cursor)
        walk = Walk(self._page, self._look_up, belongs, self.forum, position, since)
        yield from walk.batches()

    def send(self, outgoing: Outgoing) -> Receipt:
        """A post in the topic, as a reply to the post answered where that still stands.

        Raises Temporary, Rejected with the forum's words, Misconfigured, and Uncertain where the
        forum may have taken it.
        """
        if not outgoing.thread.isdecimal():
            raise Rejected(NO_TOPIC, outgoing.thread)
        if outgoing.files:
            raise Rejected(NO_FILES)
        fields: dict[str, Any] = {
            "raw": marked(outgoing.text, outgoing.key),
            "topic_id": int(outgoing.thread),
        }
        answered = self._look_up(int(outgoing.answers)) if outgoing.answers.isdecimal() else None
        if answered and str(answered.get("topic_id")) == outgoing.thread:
            fields["reply_to_post_number"] = answered.get("post_number")
        answer = self._session.post(self._url("/posts.json"), fields, expect=(400, 404, 422))
        if answer.status not in (200, 201):
            return self._although_refused(answer, outgoing)
        try:
            return self._receipt(answer.json())
        except Temporary as error:
            raise Uncertain(str(error)) from None

    def find_sent(self, key: str, since: datetime) -> Receipt | NotThere:
        """Looks for the mark of the key in our posts back to `since`."""
        before = None
        while page := self._page(before):
            for post in page:
                if key_of(post, self.forum) == key:
                    return self._receipt(post)
            written = moment(page[0].get("created_at"))
            if written and written < since - CLOCKS_APART:
                break
            before = page[0]["id"]
        return NotThere()

    def limits(self) -> Limits:
        """Discourse's usual length, less the mark of a reply."""
        length = LENGTH - ROOM_FOR_THE_MARK
        return Limits(can_send=True, length=length, visibilities=(Visibility.PUBLIC,))

    def _although_refused(self, answer: Answer, outgoing: Outgoing) -> Receipt:
        """A reply sent twice is refused as too similar: then the first one has arrived."""
        found = self.find_sent(outgoing.key, outgoing.at)
        if isinstance(found, Receipt):
            return found
        words = self._session.redact("; ".join(told_errors(answer)))
        raise Rejected(REFUSED_POST, words or f"HTTP {answer.status}")

    def _receipt(self, post: Any) -> Receipt:
        post = post if isinstance(post, dict) else {}
        if "id" in post:
            return Receipt(datetime.now(UTC), str(post["id"]), self.forum.permalink(post))
        if post.get("action") == "enqueued":
            return Receipt(datetime.now(UTC), words=WAITS_FOR_APPROVAL)
        raise Uncertain(NOT_POSTS)

    def _page(self, before: int | None) -> Sequence[Post]:
        """The posts below an id, or the newest, ids ascending. Raises Temporary without progress."""
        query = f"?{urlencode({'before': before})}" if before is not None else ""
        answer = self._get(f"/posts.json{query}")
        told = answer.json()
        listed = told.get("latest_posts") if isinstance(told, dict) else None
        if not isinstance(listed, list):
            words = "; ".join(told_errors(answer)) or without_secrets(answer.url)
            wait = wait_seconds(answer)
            raise Temporary(NOT_POSTS, self._session.redact(words), CHECK_FORUM, wait)
        posts = [post for post in listed if isinstance(post, dict) and _has_id(post)]
        lower = [post for post in posts if before is None or post["id"] < before]
        if posts and not lower:
            raise Temporary(NO_PROGRESS, without_secrets(answer.url))
        return sorted(lower, key=lambda post: int(post["id"]))

    def _look_up(self, post_id: int) -> Post | None:
        """A single post, None where it is gone, nothing but its id where it is not for us."""
        answer = self._get(f"/posts/{post_id}.json", expect=(403, 404, 410))
        if answer.status in (404, 410):
            return None
        if answer.status == 403:
            return {"id": post_id}
        told = answer.json()
        if not isinstance(told, dict) or not _has_id(told):
            raise Temporary(NOT_POSTS, without_secrets(answer.url), CHECK_FORUM)
        return told

    def _categories(self) -> frozenset[int] | None:
        """The ids of the categories configured; None means all. Raises Misconfigured."""
        if not self.settings.categories:
            return None
        told = self._get("/categories.json?include_subcategories=true").json()
        ids = dict(_slugs(told))
        unknown = [slug for slug in self.settings.categories if slug not in ids]
        if unknown:
            raise Misconfigured(NO_CATEGORY, ", ".join(unknown), CHECK_CATEGORIES)
        return frozenset(ids[slug] for slug in self.settings.categories)

    def _get(self, path: str, expect: Sequence[int] = ()) -> Answer:
        return self._session.get(self._url(path), expect=expect)

    def _url(self, path: str) -> str:
        return self.settings.url.rstrip("/") + path


def _has_id(post: Mapping[str, Any]) -> bool:
    return isinstance(post.get("id"), int) and post["id"] > 0


def _slugs(told: Any) -> Iterator[tuple[str, int]]:
    """Slug and id of every category and subcategory of /categories.json."""
    within = told.get("category_list") if isinstance(told, dict) else None
    listed = (within if isinstance(within, dict) else {}).get("categories")
    for category in listed if isinstance(listed, list) else []:
        if not isinstance(category, dict) or not isinstance(category.get("id"), int):
            continue
        yield str(category.get("slug")), category["id"]
        yield from _slugs({"category_list": {"categories": category.get("subcategory_list")}})
