"""A feed, RSS or Atom: read only; each entry is a conversation of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field
from pydantic.dataclasses import dataclass

from connectors.community.feed_document import Document, Entry, NotAFeed, read_feed
from connectors.community.portions import portions
from connectors.http import Answer, Session
from connectors.settings import STRICT
from connectors.web_address import WebAddress, without_secrets
from crm.channels.contract import (
    Batch,
    Change,
    Cursor,
    Family,
    Incoming,
    Limits,
    NotThere,
    Outgoing,
    Receipt,
    Rejected,
    Site,
    Temporary,
    Visibility,
)

NOT_A_FEED = "The answer is no RSS or Atom feed."
CUT_OFF = "The feed was cut off; what came whole is stored."
READ_ONLY = "A feed can only be read."
CHECK_FEED = "Open the address in a browser: it should show a feed."


@dataclass(frozen=True, config=STRICT)
class FeedSettings:
    """`interval` in seconds; `name_scope` replaces the host on which authors' names are known."""

    url: WebAddress
    interval: Annotated[int, Field(ge=10)] = 900
    name_scope: str = ""


class Feed:
    """One feed. Its cursor holds the marks of the last answer (ETag, Last-Modified) and what each
    entry of it said, so that an edit is seen and a moved date is none. Absence is no deletion.
    """

    Settings: ClassVar[type[Any]] = FeedSettings
    family: ClassVar[Family] = Family.COMMUNITY

    def __init__(self, settings: FeedSettings, site: Site) -> None:
        self.settings = settings
        self.scope = settings.name_scope or urlsplit(settings.url).hostname or ""
        self._session = Session(f"Postkorb/{site.version}".rstrip("/"))

    def who_am_i(self) -> str:
        """The address, without credentials; asks nobody."""
        return without_secrets(self.settings.url)

    def check(self) -> None:
        """Fetch the feed once and see that it is one."""
        self._read(self._session.get(self.settings.url))

    def pull(self, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """New and edited entries, oldest first; nothing when the server answers "not modified"."""
        last = cursor or {}
        etag, modified = str(last.get("etag", "")), str(last.get("modified", ""))
        answer = self._session.get(self.settings.url, etag, modified)
        if answer.status == 304:
            return
        document = self._read(answer)
        known = _known(last) if cursor else _too_old(document.entries, since)
        entries = _followed(document.entries, known)
        changes = [change for entry in entries if (change := _change(entry, known))]
        prints = {entry.message.remote_id: [entry.fingerprint, entry.link] for entry in entries}
        for portion in portions(sorted(changes, key=lambda change: change.at), _size):
            known |= {message.remote_id: prints[message.remote_id] for message in portion}
            yield Batch(tuple(portion), {"entries": dict(known)})
        if not document.complete:
            raise Temporary(CUT_OFF, self.who_am_i())
        end = {
            "etag": answer.headers.get("etag", ""),
            "modified": answer.headers.get("last-modified", ""),
            "entries": {name: known[name] for name in prints},
        }
        if end != cursor:
            yield Batch((), end)

    def _read(self, answer: Answer) -> Document:
        kind = answer.headers.get("content-type", "")
        try:
            return read_feed(answer.body, self.scope, datetime.now(UTC), kind, answer.url)
        except NotAFeed as error:
            found = f"{self.who_am_i()}: {error}"
            raise Temporary(NOT_A_FEED, found, CHECK_FEED) from None

    def send(self, outgoing: Outgoing) -> Receipt:
        """Raises Rejected."""
        raise Rejected(READ_ONLY)

    def find_sent(self, key: str, since: datetime) -> NotThere:
        """Nothing ever left this way."""
        return NotThere()

    def limits(self) -> Limits:
        """Nothing can be sent."""
        return Limits(can_send=False, visibilities=(Visibility.PUBLIC,))


def _known(cursor: Cursor) -> dict[str, list[str]]:
    """By remote id what each entry said and linked to; "" where it was never delivered."""
    return {name: list(said) for name, said in dict(cursor.get("entries", {})).items()}


def _too_old(entries: tuple[Entry, ...], since: datetime) -> dict[str, list[str]]:
    old = [entry for entry in entries if entry.message.at < since]
    return {entry.message.remote_id: ["", entry.link] for entry in old}


def _followed(entries: tuple[Entry, ...], known: Mapping[str, list[str]]) -> list[Entry]:
    """The entries, each under the remote id that it had when it was first seen.

    Some feeds change an entry's guid with its headline: the same link, where it is nobody else's,
    then tells that it is the same entry.
    """
    here = {entry.message.remote_id for entry in entries}
    shown = Counter(entry.link for entry in entries)
    gone = {link: name for name, (_, link) in known.items() if link and name not in here}
    had = Counter(link for _, link in known.values())

    def follow(entry: Entry) -> Entry:
        earlier = gone.get(entry.link, "")
        is_the_same = shown[entry.link] == had[entry.link] == 1
        if not earlier or not is_the_same or entry.message.remote_id in known:
            return entry
        message = replace(entry.message, remote_id=earlier, remote_thread=earlier)
        return replace(entry, message=message)

    return [follow(entry) for entry in entries]


def _change(entry: Entry, known: Mapping[str, list[str]]) -> Incoming | None:
    earlier = known.get(entry.message.remote_id)
    if earlier is None:
        return entry.message
    if earlier[0] in ("", entry.fingerprint):
        return None
    return replace(entry.message, change=Change.EDITED)


def _size(message: Incoming) -> int:
    return len(message.html) + len(message.text) + len(message.raw)
