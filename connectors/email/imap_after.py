"""What becomes of a mail in its mailbox once it is stored here: seen, flagged, moved."""

from __future__ import annotations

from collections.abc import Sequence

from imapclient import DELETED, SEEN, IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from connectors.email.imap_session import is_passing, words_of
from connectors.email.imap_settings import ImapSettings
from crm.channels.contract import ChannelError, Misconfigured, Temporary

CANNOT_MOVE = "Leave move_to out, and use flag or mark_seen instead."
CHECK_FLAG = "Set another flag, or none."
CHECK_MOVE_TO = "Check move_to of this channel."


class AfterImport:
    """Does to mails that were stored what the settings say; mails that nobody read stay untouched."""

    def __init__(self, client: IMAPClient, settings: ImapSettings) -> None:
        """Raises Misconfigured where the server cannot move single mails."""
        self._client, self._move_to = client, settings.move_to
        self._flags = [SEEN] * settings.mark_seen + [settings.flag.encode()] * bool(settings.flag)
        self._moves = client.has_capability("MOVE")
        self.troubles: list[ChannelError] = []
        if self._move_to and not (self._moves or client.has_capability("UIDPLUS")):
            raise Misconfigured(
                "The mail server can neither move mails nor remove single ones.",
                remedy=CANNOT_MOVE,
            )

    @property
    def writes(self) -> bool:
        return bool(self._flags or self._move_to)

    def settle(self, uids: Sequence[int]) -> None:
        """Flag and move them, in the folder that is open.

        What the server refuses is one of `troubles`: the mails are stored, so that nothing is lost
        where they stay, and those that follow are still to be read.
        """
        try:
            if uids and self._flags:
                self._flag(uids)
            if uids and self._move_to:
                self._move(uids)
        except ChannelError as error:
            self.troubles.append(error)

    def _flag(self, uids: Sequence[int]) -> None:
        try:
            self._client.add_flags(uids, self._flags, silent=True)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            words = words_of(error)
            if is_passing(words):
                raise Temporary("The mail server does not set the flag.", words) from None
            raise Misconfigured(
                "The mail server does not set the flag.", words, CHECK_FLAG
            ) from None

    def _move(self, uids: Sequence[int]) -> None:
        """By MOVE (RFC 6851), else by a copy; then these UIDs alone are expunged (RFC 4315).

        A bare EXPUNGE would take along what others have marked as deleted.
        """
        try:
            if self._moves:
                self._client.move(uids, self._move_to)
                return
            self._client.copy(uids, self._move_to)
            self._client.add_flags(uids, [DELETED], silent=True)
            self._client.uid_expunge(uids)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            words = words_of(error)
            if is_passing(words):
                raise Temporary("Stored mails cannot be moved.", words) from None
            raise Misconfigured("Stored mails cannot be moved.", words, CHECK_MOVE_TO) from None
