"""A Maildir on this machine, as a mail server or fetchmail fills it; it is only read."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass as plain_dataclass
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from connectors.email.batches import TOO_LARGE, bounded
from connectors.email.history import Quote
from connectors.email.read import read_mail
from connectors.email.sending import AnsweringMailbox, OurAddresses
from connectors.email.smtp import Smtp
from connectors.settings import STRICT, LocalPath
from crm.channels.contract import (
    Batch,
    Cursor,
    Family,
    Incoming,
    Misconfigured,
)

OVERLAP_SECONDS = 60.0
"""Files that appeared this long before the last look are looked at again: clocks differ."""

MOST_SEEN = 1000
_HEAD_BYTES = 256_000
_FOLDERS = ("new", "cur")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MaildirSettings:
    """A Maildir; `interval` is in seconds, the first of `addresses` is the From of answers.

    `quote` says how much of what was written before stands below an answer.
    """

    path: LocalPath
    addresses: OurAddresses
    interval: Annotated[int, Field(ge=1)] = 60
    sender_name: str = ""
    quote: Quote = "last"
    smtp: Smtp | None = None


@plain_dataclass(frozen=True, slots=True)
class _Listed:
    """A file; `changed` is its ctime in seconds, `delivered` its mtime. Kept small: there are many."""

    folder: str
    file: str
    size: int
    changed: float
    delivered: float

    @property
    def name(self) -> str:
        """The unique part of its name."""
        return self.file.partition(":2,")[0]

    @property
    def at(self) -> datetime:
        """When the mail was delivered."""
        return datetime.fromtimestamp(self.delivered, UTC)


class Maildir(AnsweringMailbox[MaildirSettings]):
    """Cursor: {"since": ..., "changed": ..., "seen": [...]}.

    A name's unique part is the remote id; the flags after ":2," may change. The mtime tells when a
    mail was delivered and is what `since` is compared with. What is *new here* is told by the
    ctime, which no copy or rename can set back: all files whose ctime is above the mark `changed`
    less `OVERLAP_SECONDS` and that are not among `seen`, the names found inside that overlap (at
    most `MOST_SEEN`, so that the cursor stays small). A mail whose flags changed comes again and
    is known by its remote id; one that is older than the first pull's `since` stays outside.
    """

    Settings: ClassVar[type[Any]] = MaildirSettings
    family: ClassVar[Family] = Family.EMAIL

    def who_am_i(self) -> str:
        """The folder itself, whatever link leads to it."""
        return str(self.settings.path.resolve())

    def check(self) -> None:
        """Look into the folder, and sign in to the outgoing mail server."""
        with self._readable():
            next((self.settings.path / "new").iterdir(), None)
        self.check_sending()

    def pull(self, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """Every mail delivered since the first pull's `since` that has not been read yet."""
        started = datetime.now(UTC).timestamp()
        mark = _Mark.of(cursor, since, started)
        if not self._was_touched(mark):
            return
        found = sorted(
            filter(mark.sees, self._listed()), key=lambda mail: (mail.changed, mail.file)
        )
        fresh = [mail for mail in found if mail.name not in mark.seen]
        done = set(mark.seen)
        for batch in bounded(fresh, lambda mail: mail.size):
            read = [(mail, self._read(mail)) for mail in batch]
            done.update(mail.name for mail, message in read if message)
            reached = batch[-1].changed if batch[-1] is not fresh[-1] else started
            yield Batch(
                tuple(message for _, message in read if message),
                mark.moved(min(reached, started), done, found).as_cursor(),
            )
        if cursor is None and not fresh:
            yield Batch((), mark.moved(started, done, found).as_cursor())

    def _was_touched(self, mark: _Mark) -> bool:
        """Whether a file may have come since: every new name changes its folder's own mtime."""
        with self._readable():
            times = [(self.settings.path / folder).stat().st_mtime for folder in _FOLDERS]
        return max(times) >= mark.changed - OVERLAP_SECONDS

    def _listed(self) -> Iterator[_Listed]:
        for folder in _FOLDERS:
            with self._readable(), os.scandir(self.settings.path / folder) as entries:
                yield from _files(entries, folder)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Misconfigured(
                "The Maildir cannot be read.",
                f"{error.filename}: {error.strerror}",
                "Check path and its permissions.",
            ) from None

    def _read(self, mail: _Listed) -> Incoming | None:
        """None where it was renamed meanwhile, and comes with the next pull, or removed."""
        is_large = mail.size > TOO_LARGE
        try:
            with (self.settings.path / mail.folder / mail.file).open("rb") as file:
                raw = file.read(_HEAD_BYTES) if is_large else file.read()
        except FileNotFoundError:
            return None
        except OSError:
            return Incoming(mail.name, mail.at, flags=("unreadable",))
        read = read_mail(
            _head(raw) if is_large else raw,
            mail.name,
            mail.at,
            self.settings.addresses,
            self.site.company.get("phone", ""),
        )
        return replace(read, flags=(*read.flags, "too_large")) if is_large else read


@plain_dataclass(frozen=True, slots=True)
class _Mark:
    """How far the folder has been read; times are seconds since 1970."""

    since: float
    changed: float
    seen: frozenset[str]

    @classmethod
    def of(cls, cursor: Cursor | None, since: datetime, now: float) -> _Mark:
        if cursor is None:
            return cls(since.timestamp(), 0.0, frozenset())
        mark = cls(float(cursor["since"]), float(cursor["changed"]), frozenset(cursor["seen"]))
        # The clock was set back: only reading everything once more is sure to miss nothing.
        return mark if mark.changed <= now + OVERLAP_SECONDS else replace(mark, changed=0.0)

    def sees(self, mail: _Listed) -> bool:
        """Whether it may be new; what was read lately is among `seen`."""
        return mail.changed >= self.changed - OVERLAP_SECONDS and mail.delivered >= self.since

    def moved(self, changed: float, done: set[str], found: Sequence[_Listed]) -> _Mark:
        """The mark after all of `done`; of these it keeps what the next look will see again.

        `found` is ordered by `changed`.
        """
        changed = max(changed, self.changed)
        first = bisect_left(found, changed - OVERLAP_SECONDS, key=lambda mail: mail.changed)
        behind = bisect_right(found, changed, key=lambda mail: mail.changed)
        again = (mail.name for mail in reversed(found[first:behind]) if mail.name in done)
        return _Mark(self.since, changed, frozenset(islice(again, MOST_SEEN)))

    def as_cursor(self) -> Mapping[str, Any]:
        return {"since": self.since, "changed": self.changed, "seen": sorted(self.seen)}


def _files(entries: Iterator[os.DirEntry[str]], folder: str) -> Iterator[_Listed]:
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            if not entry.is_file():
                continue
            told = entry.stat()
        except FileNotFoundError:
            continue
        yield _Listed(folder, entry.name, told.st_size, told.st_ctime, told.st_mtime)


def _head(raw: bytes) -> bytes:
    """The headers alone."""
    ends = [end for end in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if end >= 0]
    return raw[: min(ends)] if ends else raw
