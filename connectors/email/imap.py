"""A mailbox read by IMAP (RFC 3501 and 9051): by UIDs, never by what somebody has already seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass as plain_dataclass
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from connectors.email.batches import TOO_LARGE, bounded
from connectors.email.imap_session import Account, words_of
from connectors.email.imap_settings import ImapSettings
from connectors.email.read import read_mail
from connectors.email.sending import AnsweringMailbox
from crm.channels.contract import Batch, Cursor, Family, Incoming, Misconfigured

CHECK_FOLDER = "Check the folder of this channel."

_SIZES_AT_ONCE = 500


@plain_dataclass(frozen=True, slots=True)
class _Listed:
    """A mail as the folder lists it, before it is fetched; `size` in bytes."""

    uid: int
    size: int
    at: datetime


class Imap(AnsweringMailbox[ImapSettings]):
    """Cursor: {"uidvalidity": ..., "uid": ...}, the highest UID that is stored.

    {"anew": ...} stands in it while a folder that was renumbered is read again up to that UID.
    """

    Settings: ClassVar[type[Any]] = ImapSettings
    family: ClassVar[Family] = Family.EMAIL

    def who_am_i(self) -> str:
        """User, host and folder: UIDs mean nothing anywhere else."""
        return f"{self.settings.user}@{self.settings.host}/{self.settings.folder}"

    def check(self) -> None:
        """Open the folder, and sign in to the outgoing mail server."""
        with open_folder(self.settings):
            self.check_sending()

    def pull(self, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """Mails above the cursor's UID; all received from `since` on where the UIDs are new ones.

        A folder that was made anew (another UIDVALIDITY) is read from `since` again; its batches
        up to the UID of that moment are marked as renumbered, over as many pulls as it takes.
        """
        with open_folder(self.settings) as (client, validity, next_uid):
            known = cursor["uid"] if cursor and cursor.get("uidvalidity") == validity else None
            anew = (next_uid - 1 if known is None else cursor.get("anew", 0)) if cursor else 0
            listed = _listed(client, known, since)
            top = known or 0
            for batch in bounded(listed, lambda mail: mail.size):
                messages = self._fetched(client, validity, batch)
                top = max(top, batch[-1].uid)
                yield Batch(tuple(messages), _cursor(validity, top, anew), batch[0].uid <= anew)
                if self.settings.mark_seen:
                    client.add_flags([mail.uid for mail in batch], [SEEN], silent=True)
            if known is None and top < next_uid - 1:
                yield Batch((), _cursor(validity, next_uid - 1, 0))

    def _fetched(
        self, client: IMAPClient, validity: int, batch: Sequence[_Listed]
    ) -> Iterator[Incoming]:
        """The batch's mails; one that vanished since it was listed is passed over."""
        small = [mail.uid for mail in batch if mail.size <= TOO_LARGE]
        large = [mail.uid for mail in batch if mail.size > TOO_LARGE]
        bodies = client.fetch(small, ["BODY.PEEK[]"]) if small else {}
        heads = client.fetch(large, ["BODY.PEEK[HEADER]"]) if large else {}
        for mail in batch:
            raw = bodies.get(mail.uid, {}).get(b"BODY[]")
            head = heads.get(mail.uid, {}).get(b"BODY[HEADER]")
            if raw is None and head is None:
                continue
            read = self._read(raw or head or b"", f"{validity}:{mail.uid}", mail.at)
            yield read if head is None else replace(read, flags=(*read.flags, "too_large"))

    def _read(self, raw: bytes, remote_id: str, at: datetime) -> Incoming:
        return read_mail(
            raw, remote_id, at, self.settings.addresses, self.site.company.get("phone", "")
        )


@contextmanager
def open_folder(settings: ImapSettings) -> Iterator[tuple[IMAPClient, int, int]]:
    """The open folder, its UIDVALIDITY and its next UID. Raises ChannelError, also in between."""
    with Account(settings).session() as client:
        status = _select(client, settings)
        # A server may tell of mails only when spoken to.
        client.noop()
        yield client, int(status[b"UIDVALIDITY"]), int(status.get(b"UIDNEXT", 1))


def _select(client: IMAPClient, settings: ImapSettings) -> dict[bytes, Any]:
    try:
        status: dict[bytes, Any] = client.select_folder(
            settings.folder, readonly=not settings.mark_seen
        )
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise Misconfigured("The folder cannot be opened.", words_of(error), CHECK_FOLDER) from None
    return status


def _cursor(validity: int, uid: int, anew: int) -> Cursor:
    cursor = {"uidvalidity": validity, "uid": uid}
    return cursor | {"anew": anew} if uid < anew else cursor


def _listed(client: IMAPClient, known: int | None, since: datetime) -> Iterator[_Listed]:
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
        told = client.fetch(portion, ["RFC822.SIZE", "INTERNALDATE"])
        for uid in portion:
            if uid not in told:
                continue
            at = told[uid].get(b"INTERNALDATE") or datetime.now(UTC)
            mail = _Listed(uid, int(told[uid].get(b"RFC822.SIZE", 0)), at.astimezone(UTC))
            if known is not None or mail.at >= since:
                yield mail
