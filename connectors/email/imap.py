"""A mailbox read by IMAP (RFC 3501 and 9051): by UIDs, never by what somebody has already seen."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass as plain_dataclass
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

from imapclient import SEEN, IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError
from pydantic import Field
from pydantic.dataclasses import dataclass

from connectors.email.batches import TOO_LARGE, bounded
from connectors.email.read import read_mail
from connectors.email.sending import AnsweringMailbox, OurAddresses
from connectors.email.smtp import Smtp
from connectors.email.trust import trusting, untrusted
from connectors.settings import STRICT, LocalPath, Port, Secret
from crm.channels.contract import (
    Batch,
    ChannelError,
    Cursor,
    Family,
    Incoming,
    Misconfigured,
    Temporary,
)

CHECK_SERVER = "Check host, port and tls of this channel."
CHECK_SIGN_IN = "Check user and password of this channel."
CHECK_FOLDER = "Check the folder of this channel."

_SIZES_AT_ONCE = 500
_CONNECT_SECONDS, _ANSWER_SECONDS = 20, 120


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ImapSettings:
    """A mailbox; `interval` is in seconds, the first of `addresses` is the From of answers."""

    host: str
    user: str
    password: Secret
    addresses: OurAddresses
    port: Port = 993
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: LocalPath | None = None
    folder: str = "INBOX"
    interval: Annotated[int, Field(ge=5)] = 60
    mark_seen: bool = False
    sender_name: str = ""
    smtp: Smtp | None = None


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
    with _faults_named(settings), _connected(settings) as client:
        _sign_in(client, settings)
        status = _select(client, settings)
        # A server may tell of mails only when spoken to.
        client.noop()
        yield client, int(status[b"UIDVALIDITY"]), int(status.get(b"UIDNEXT", 1))


def _connected(settings: ImapSettings) -> IMAPClient:
    trust = trusting(settings.ca_file)
    is_tls = settings.tls == "tls"
    client = IMAPClient(
        settings.host,
        settings.port,
        ssl=is_tls,
        ssl_context=trust if is_tls else None,
        timeout=SocketTimeout(_CONNECT_SECONDS, _ANSWER_SECONDS),
    )
    client.normalise_times = False
    # IMAPClient formats every literal for a log that nobody reads: five times the work.
    client._imap.debug = 0
    if settings.tls == "starttls":
        try:
            client.starttls(trust)
        except BaseException:
            client.shutdown()
            raise
    return client


def _sign_in(client: IMAPClient, settings: ImapSettings) -> None:
    """By LOGIN, or by PLAIN (RFC 4616) where it takes letters beyond ASCII."""
    user, password = settings.user, settings.password.get_secret_value()
    if user.isascii() and password.isascii():
        client.login(user, password)
    else:
        client.plain_login(user, password)


def _select(client: IMAPClient, settings: ImapSettings) -> dict[bytes, Any]:
    try:
        status: dict[bytes, Any] = client.select_folder(
            settings.folder, readonly=not settings.mark_seen
        )
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise Misconfigured("The folder cannot be opened.", _words(error), CHECK_FOLDER) from None
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


@contextmanager
def _faults_named(settings: ImapSettings) -> Iterator[None]:
    """What the library and the network raise, as one of the contract's errors."""
    place = f"{settings.host}:{settings.port}"
    try:
        yield
    except ChannelError:
        raise
    except LoginError as error:
        raise _refused_sign_in(_words(error)) from None
    except ssl.SSLError as error:
        raise untrusted(error, place, CHECK_SERVER) from None
    except OSError as error:
        raise Temporary(
            "The mail server cannot be reached.", f"{place}: {error}", CHECK_SERVER
        ) from None
    except IMAPClientError as error:
        raise Temporary("The mail server broke off.", _words(error)) from None


def _words(error: Exception) -> str:
    """What the server said; imaplib hands it on as bytes, or as the text of bytes."""
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    quoted = re.fullmatch(r"b(['\"])(.*)\1", text, re.DOTALL)
    return (quoted[2] if quoted else text)[:500]


def _refused_sign_in(words: str) -> ChannelError:
    """Refused for good, or only now (RFC 5530: UNAVAILABLE, LIMIT)."""
    if any(code in words.upper() for code in ("[UNAVAILABLE]", "[LIMIT]", "[INUSE]")):
        return Temporary("The mail server cannot check the sign-in now.", words)
    return Misconfigured("The mail server refused the sign-in.", words, CHECK_SIGN_IN)
