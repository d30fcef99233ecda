"""One folder of a mailbox: how far it was read, what is new in it, and fetching that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import (
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
)

from connectors.email.batches import TOO_LARGE, bounded
from connectors.email.imap_session import is_passing, words_of
from crm.channels.contract import Misconfigured, Temporary

CHECK_FOLDERS = "Name folders, move_to and sent_folder in full, as they are called there."
CHANGE_NOTHING = "Leave mark_seen, flag and move_to out."
MOST_NAMES = 30
"""Folders of a mailbox that are told of when one is missing."""

_SIZES_AT_ONCE = 500
_SAID = re.compile(r"^\w+ failed: |(?: \([\d.+ ]+ secs\))?\.?$")
"""What stands around a server's words: the library's before them, its own stop-watch after."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a folder was read: the highest UID that is stored, under this UIDVALIDITY.

    anew    a folder that was renumbered is read again up to that UID
    modseq  HIGHESTMODSEQ of that moment (RFC 7162), 0 where the server has none
    """

    uidvalidity: int
    uid: int
    anew: int = 0
    modseq: int = 0

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Mark:
        names = ("uidvalidity", "uid", "anew", "modseq")
        return cls(**{name: int(kept[name]) for name in names if name in kept})

    def as_cursor(self) -> dict[str, int]:
        kept = {"uidvalidity": self.uidvalidity, "uid": self.uid}
        if self.uid < self.anew:
            kept["anew"] = self.anew
        return kept | {"modseq": self.modseq} if self.modseq else kept


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail as the folder lists it, before it is fetched; `size` in bytes."""

    uid: int
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail's bytes, or those of its headers where it is too large; None where none were given."""

    listed: Listed
    raw: bytes | None

    @property
    def is_too_large(self) -> bool:
        return self.listed.size > TOO_LARGE


@dataclass(frozen=True, slots=True)
class Portion:
    """Some mails of a folder, and how far it is read once they are stored."""

    mails: tuple[Fetched, ...]
    mark: Mark
    is_renumbered: bool


def new_mail(
    client: IMAPClient, name: str, mark: Mark | None, since: datetime, *, writes: bool
) -> Iterator[Portion]:
    """What came into the folder after the mark; without one, all that was received from `since` on.

    A folder that was made anew (another UIDVALIDITY) is read from `since` again; its portions up
    to the UID of that moment are renumbered, over as many pulls as it takes. `writes`: it is
    opened so that flags may be changed. Raises ChannelError, and what the library raises.
    """
    told = _status(client, name)
    if mark is not None and _is_read(mark, told):
        return
    _open(client, name, writes=writes)
    # A server may tell of mails only when spoken to.
    client.noop()
    known = mark.uid if mark and mark.uidvalidity == told.uidvalidity else None
    anew = 0 if mark is None else told.uid if known is None else mark.anew
    batches = bounded(_listed(client, known, since), lambda mail: mail.size)
    batch = next(batches, None)
    if batch is None:
        ended = replace(mark, modseq=told.modseq) if mark and known is not None else told
        if ended != mark:
            yield Portion((), ended, is_renumbered=False)
    while batch is not None:
        following, top = next(batches, None), batch[-1].uid
        reached = Mark(told.uidvalidity, top, anew)
        # UIDs that nobody has seen are passed over only where what lies below is not wanted.
        ended = replace(told, uid=max(told.uid, top) if known is None else top)
        mails = tuple(_fetched(client, batch))
        yield Portion(mails, reached if following else ended, batch[0].uid <= anew)
        batch = following


def _open(client: IMAPClient, name: str, *, writes: bool) -> None:
    try:
        client.select_folder(name, readonly=not writes)
    except IMAPClientReadOnlyError:
        raise Misconfigured("The folder can only be read.", name, CHANGE_NOTHING) from None


def _is_read(mark: Mark, told: Mark) -> bool:
    """Whether nothing can have come: nothing above the mark, or nothing changed at all."""
    return mark.uidvalidity == told.uidvalidity and (
        told.uid <= mark.uid or 0 < told.modseq == mark.modseq
    )


def _status(client: IMAPClient, name: str) -> Mark:
    """The mark of a folder that has been read to its end. Raises Misconfigured where it is not there.

    A STATUS costs little: a folder in which nothing happened need not even be opened.
    """
    wanted = ["UIDVALIDITY", "UIDNEXT"]
    if client.has_capability("CONDSTORE"):
        wanted.append("HIGHESTMODSEQ")
    try:
        told = client.folder_status(name, wanted)
        return Mark(
            int(told[b"UIDVALIDITY"]),
            int(told[b"UIDNEXT"]) - 1,
            modseq=int(told.get(b"HIGHESTMODSEQ") or 0),
        )
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise _missing(client, name, words_of(error)) from None
    except (LookupError, TypeError, ValueError):
        raise Temporary("The mail server broke off.", f"STATUS {name}: no answer") from None


def _missing(client: IMAPClient, name: str, words: str) -> Misconfigured | Temporary:
    if is_passing(words):
        return Temporary("The folder cannot be opened now.", f"{name}: {words}")
    there = [str(folder) for _, _, folder in client.list_folders()[:MOST_NAMES]]
    return Misconfigured(
        "The folder cannot be opened.",
        f"{name}: {_SAID.sub('', words)}; there are: {', '.join(there)}",
        CHECK_FOLDERS,
    )


def expect(client: IMAPClient, names: Iterable[str]) -> None:
    """Raises Misconfigured for the first folder that is not there."""
    for name in names:
        _status(client, name)


def _listed(client: IMAPClient, known: int | None, since: datetime) -> Iterator[Listed]:
    """Mails above the known UID, or received from `since` on, in the order of their UIDs."""
    if known is None:
        # SINCE compares dates in the server's own time zone: ask a day earlier, then look closely.
        found = client.search(["SINCE", (since - timedelta(days=1)).date()])
    else:
        # "n:*" always holds the last mail, also when its UID is lower (RFC 3501, 6.4.8).
        found = [uid for uid in client.search(["UID", f"{known + 1}:*"]) if uid > known]
    uids = sorted(found)
    for start in range(0, len(uids), _SIZES_AT_ONCE):
        portion = uids[start : start + _SIZES_AT_ONCE]
        told = _told(client, portion, ["RFC822.SIZE", "INTERNALDATE"])
        there = told.keys() | _still_there(client, [uid for uid in portion if uid not in told])
        for uid in filter(there.__contains__, portion):
            about = told.get(uid, {})
            at = about.get(b"INTERNALDATE") or datetime.now(UTC)
            mail = Listed(uid, int(about.get(b"RFC822.SIZE") or 0), at.astimezone(UTC))
            if known is not None or mail.at >= since:
                yield mail


def _fetched(client: IMAPClient, batch: Sequence[Listed]) -> Iterator[Fetched]:
    """The batch's mails; one that vanished since it was listed is passed over.

    A mail that is there although the server gives nothing of it comes without its bytes.
    """
    small = [mail.uid for mail in batch if mail.size <= TOO_LARGE]
    large = [mail.uid for mail in batch if mail.size > TOO_LARGE]
    found = _bodies(client, small, "BODY[]") | _bodies(client, large, "BODY[HEADER]")
    missing = _still_there(client, [mail.uid for mail in batch if mail.uid not in found])
    for uid in missing:
        found |= _bodies(client, [uid], "BODY[HEADER]" if uid in large else "BODY[]")
    for mail in batch:
        if mail.uid in found or mail.uid in missing:
            yield Fetched(mail, found.get(mail.uid))


def _bodies(client: IMAPClient, uids: Sequence[int], section: str) -> dict[int, bytes]:
    """The bytes by UID; an answer without any is none."""
    told = _told(client, uids, [section.replace("[", ".PEEK[", 1)])
    bodies = {uid: about.get(section.encode()) for uid, about in told.items()}
    return {uid: raw for uid, raw in bodies.items() if raw}


def _told(client: IMAPClient, uids: Sequence[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
    """What the server tells of each; where one of them defeats it, they are asked for singly."""
    try:
        return dict(client.fetch(uids, items))
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        if len(uids) == 1:
            return {}
    told: dict[int, dict[bytes, Any]] = {}
    for uid in uids:
        told |= _told(client, [uid], items)
    return told


def _still_there(client: IMAPClient, uids: Sequence[int]) -> set[int]:
    """Those that have not been removed meanwhile."""
    if not uids:
        return set()
    client.noop()
    return set(client.search(["UID", ",".join(map(str, uids))])) & set(uids)
