"""A mailbox read by IMAP (RFC 3501 and 9051): by UIDs, never by what somebody has already seen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from typing import Any, ClassVar

from imapclient import SEEN
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from connectors.email.imap_after import AfterImport
from connectors.email.imap_folder import Fetched, Mark, Portion, expect, new_mail
from connectors.email.imap_session import Account
from connectors.email.imap_settings import INBOX, ImapSettings
from connectors.email.imap_watch import watch
from connectors.email.oauth.tokens import tokens_for
from connectors.email.read import read_mail
from connectors.email.sending import AnsweringMailbox
from crm.channels.contract import Batch, ChannelError, Cursor, Family, Incoming, Role, Site, Vault

log = logging.getLogger(__name__)


class Imap(AnsweringMailbox[ImapSettings]):
    """Cursor: {"folders": {NAME: {"uidvalidity": ..., "uid": ...}}}, the highest UID that is stored.

    {"anew": ...} stands in it while a folder that was renumbered is read again up to that UID,
    {"modseq": ...} where the server counts changes. A cursor without "folders" is of the days when
    a channel had but one.
    """

    Settings: ClassVar[type[Any]] = ImapSettings
    family: ClassVar[Family] = Family.EMAIL

    def __init__(self, settings: ImapSettings, site: Site) -> None:
        super().__init__(settings, site)
        self.tokens = tokens_for(settings.oauth, settings.user, site.version)
        self.account = Account(settings, self.tokens)
        self._copies = ThreadPoolExecutor(1, thread_name_prefix="sent copies")

    def trust_with(self, vault: Vault) -> None:
        """Where tokens are kept."""
        if self.tokens is not None:
            self.tokens.trust_with(vault)

    def who_am_i(self) -> str:
        """User and host; which of its folders are read may change."""
        return f"{self.settings.user}@{self.settings.host}"

    def check(self) -> None:
        """Look for every folder that is named, and sign in to the outgoing mail server."""
        settings = self.settings
        with self.account.session() as client:
            AfterImport(client, settings)
            expect(
                client, filter(None, (*settings.folders, settings.move_to, settings.sent_folder))
            )
        self.check_sending()

    def pull(self, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """Folder after folder; what one of them raises is raised once the others have been read."""
        marks, troubles = self._marks(cursor), []
        with self.account.session() as client:
            after = AfterImport(client, self.settings)
            for name in self.settings.folders:
                portions = new_mail(client, name, marks.get(name), since, writes=after.writes)
                try:
                    for portion in portions:
                        marks[name] = portion.mark
                        batch = self._batch(portion, name, marks)
                        yield batch
                        # Asked for more, so that these are committed.
                        after.settle(_delivered(portion, batch))
                except IMAPClientAbortError:
                    raise
                except (ChannelError, IMAPClientError) as error:
                    troubles.append(error)
            for trouble in (*troubles, *after.troubles):
                raise trouble

    def watch(self, news: Callable[[], None], stop: Event) -> None:
        """Told by IDLE of what comes into the first folder."""
        if self.settings.idle:
            watch(self.account, self.settings.folders[0], news, stop)

    def keep_copy(self, mail: bytes) -> None:
        """Into `sent_folder`, soon: the receipt must not wait for another server."""
        if not self.settings.sent_folder:
            return
        try:
            self._copies.submit(self._lay_down, mail)
        except RuntimeError:
            # The program is about to end and takes no more work: what has gone must not raise.
            self._lay_down(mail)

    def _lay_down(self, mail: bytes) -> None:
        """A failure is a line in the log, for the mail has gone."""
        folder = self.settings.sent_folder
        try:
            with self.account.session() as client:
                client.append(folder, mail, [SEEN], datetime.now(UTC))
        except Exception as error:
            log.warning("no copy of a reply in %s: %s", folder, error)

    def _marks(self, cursor: Cursor | None) -> dict[str, Mark]:
        kept = cursor.get("folders", {self.settings.folders[0]: cursor}) if cursor else {}
        return {name: Mark.of(mark) for name, mark in kept.items()}

    def _batch(self, portion: Portion, folder: str, marks: dict[str, Mark]) -> Batch:
        """A mail that was moved from folder to folder is known by its bytes, like one renumbered."""
        validity = portion.mark.uidvalidity
        return Batch(
            tuple(
                self._read(mail, f"{validity}:{mail.listed.uid}", folder) for mail in portion.mails
            ),
            {"folders": {name: mark.as_cursor() for name, mark in marks.items()}},
            portion.is_renumbered or len(self.settings.folders) > 1,
        )

    def _read(self, mail: Fetched, number: str, folder: str) -> Incoming:
        remote_id, at = number if folder == INBOX else f"{number}:{folder}", mail.listed.at
        if mail.raw is None:
            return Incoming(remote_id, at, flags=("unreadable",))
        phone = self.site.company.get("phone", "")
        read = read_mail(mail.raw, remote_id, at, self.settings.addresses, phone)
        return replace(read, flags=(*read.flags, "too_large")) if mail.is_too_large else read


def _delivered(portion: Portion, batch: Batch) -> list[int]:
    """The UIDs of mails that are stored in full; what we wrote ourselves stays where it is."""
    return [
        mail.listed.uid
        for mail, message in zip(portion.mails, batch.messages, strict=True)
        if mail.raw is not None and not mail.is_too_large and message.role is Role.CUSTOMER
    ]
