"""The connector contract: what passes between the outside world and the customer database.

A connector imports this file of `crm` and nothing else; no SQLAlchemy reaches it from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

Cursor: TypeAlias = Mapping[str, Any]
"""How far a source has been read; JSON, understood by its connector alone."""


class Family(StrEnum):
    """Which sign a channel wears on the page."""

    EMAIL = "email"
    POST = "post"
    COMMUNITY = "community"


class Change(StrEnum):
    """What happened at the source."""

    NEW = "new"
    EDITED = "edited"
    DELETED = "deleted"


class Role(StrEnum):
    """Who wrote: a customer, our own account, or somebody of ours under another name."""

    CUSTOMER = "customer"
    US = "us"
    STAFF = "staff"


class Sort(StrEnum):
    """Whether a person wrote to us, or a machine answered."""

    CUSTOMER = "customer"
    LIST = "list"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"


class Visibility(StrEnum):
    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    PRIVATE = "private"


class IdentityKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    POSTAL = "postal"
    HANDLE = "handle"


@dataclass(frozen=True, slots=True)
class Address:
    """One address as the source wrote it; `crm` normalises it. `scope` is a handle's host."""

    kind: IdentityKind
    value: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as one message tells of them.

    `address` is what the message came through and resolves at once; `named` are addresses that
    its text merely mentions (a letterhead's e-mail): they only make suggestions. `facts` has keys
    of FACTS.
    """

    name: str = ""
    address: Address | None = None
    named: tuple[Address, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


FACTS = (
    "name",
    "company",
    "street",
    "postcode",
    "city",
    "country",
    "customer_number",
    "language",
    "birth_date",
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom else a message went. `way` is "to", "cc" or "bcc"."""

    address: Address
    name: str = ""
    way: str = "to"


class FileUse(StrEnum):
    """Listed under the message, shown inside its HTML, or the picture of a scanned page."""

    ATTACHED = "attached"
    INLINE = "inline"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message; `type` is a media type, `cid` its Content-ID without brackets."""

    name: str
    type: str
    content: bytes
    use: FileUse = FileUse.ATTACHED
    cid: str = ""


@dataclass(frozen=True, slots=True)
class ReadField:
    """A field read from a page: confidence 0..1, page from 1, box (left, top, right, bottom) 0..1."""

    name: str
    value: str
    confidence: float = 1.0
    page: int = 1
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as a source delivered it; times are aware and UTC.

    remote_id     unique within the channel, for ever
    remote_thread the source's own id of the conversation (a forum topic), else ""
    at            when the channel received it: orders the thread
    dated         what the message says of its own date (Date header, letter head)
    message_id    its Message-ID without brackets; `mentions` those it refers to, nearest first
    reference     our reference as read from a field of a letter, in whatever spelling
    key           the idempotency key of a reply of ours that this message is the echo of
    bounced       the Message-ID of ours that a bounce is about; `reason` its reason
    text          the new words; `quoted` history and `signature`, folded on the page
    html          as received, not sanitised
    raw           the original bytes, `raw_type` its media type
    flags         what could not be read, as short words ("charset", "truncated", "unparsable")
    """

    remote_id: str
    at: datetime
    sender: Person = Person()
    change: Change = Change.NEW
    role: Role = Role.CUSTOMER
    sort: Sort = Sort.CUSTOMER
    visibility: Visibility = Visibility.PRIVATE
    remote_thread: str = ""
    permalink: str = ""
    dated: datetime | None = None
    recipients: tuple[Recipient, ...] = ()
    reply_to: Address | None = None
    subject: str = ""
    text: str = ""
    quoted: str = ""
    signature: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    fields: tuple[ReadField, ...] = ()
    message_id: str = ""
    mentions: tuple[str, ...] = ()
    reference: str = ""
    key: str = ""
    bounced: str = ""
    reason: str = ""
    raw: bytes = b""
    raw_type: str = "application/octet-stream"
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Some messages and the cursor that is true once they are stored.

    Asking the connector for the next batch tells it that this one has been committed.
    `renumbered`: the source has given new remote ids to what it had (UIDVALIDITY), so that known
    messages are recognised by their bytes.
    """

    messages: tuple[Incoming, ...]
    cursor: Cursor
    renumbered: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply on its way out.

    key        made when it was queued; for mail it becomes the Message-ID, without brackets
    reply_to   the signed address that proves where an answer belongs (mail), else ""
    reference  "[PK-1042-K7]", shown in subjects and letters
    answers    the Message-ID or remote id of the message answered; `mentions` it and those before
               it, nearest first
    thread     the remote thread (a forum topic)
    automatic  nobody typed it: no machine may answer it (RFC 3834)
    """

    key: str
    at: datetime
    recipients: tuple[Recipient, ...]
    subject: str
    text: str
    sender_name: str
    reference: str
    language: str = "en"
    reply_to: str = ""
    thread: str = ""
    answers: str = ""
    mentions: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PRIVATE
    files: tuple[File, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side said when it took a message; `remote_id` "" where it gives none."""

    at: datetime
    remote_id: str = ""
    permalink: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class NotThere:
    """The other side surely does not have the message."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The other side has no way to say whether it has the message (SMTP)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can carry; None is unlimited, and `unit` says how length is counted.

    `address` is our own address there (mail), from which signed reply addresses are made.
    """

    can_send: bool = False
    length: int | None = None
    unit: str = "characters"
    files: int | None = 0
    file_bytes: int | None = None
    visibilities: tuple[Visibility, ...] = (Visibility.PRIVATE,)
    address: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """Who we are: told to every connector. `company` has the keys of FACTS, plus phone and email."""

    name: str
    language: str = "en"
    country: str = "DE"
    time_zone: str = "UTC"
    company: Mapping[str, str] = field(default_factory=dict)
    version: str = ""


class ChannelError(Exception):
    """Something a channel could not do.

    `summary` and `remedy` are fixed English sentences that the page translates, `words` what the
    other side said. No secret ever stands in them.
    """

    def __init__(self, summary: str, words: str = "", remedy: str = "") -> None:
        super().__init__(f"{summary} {words}".strip())
        self.summary, self.words, self.remedy = summary, words, remedy


class Temporary(ChannelError):
    """It may work later; `retry_after` is in seconds where the other side said so."""

    def __init__(
        self, summary: str, words: str = "", remedy: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(summary, words, remedy)
        self.retry_after = retry_after


class Misconfigured(ChannelError):
    """The operator must do something; this channel stops, the others go on."""


class Rejected(ChannelError):
    """This one message cannot be sent; the agent is told."""


@runtime_checkable
class Connector(Protocol):
    """One kind of channel, found by the entry point group `postkorb.connectors`.

    `Settings` is a pydantic dataclass; an instance is made with `Kind(settings, site)`, which
    must neither connect nor read anything yet.
    """

    Settings: ClassVar[type[Any]]
    family: ClassVar[Family]

    def who_am_i(self) -> str:
        """The remote account this channel reads; a cursor belongs to it. Raises ChannelError."""
        ...

    def check(self) -> None:
        """Connect and sign in, both ways, and change nothing. Raises ChannelError."""
        ...

    def pull(self, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """Everything new after the cursor; without one, everything received from `since` on.

        Batches are bounded (100 messages, 8 MB). Raises ChannelError; one bad message is no error
        but an Incoming with flags.
        """
        ...

    def send(self, outgoing: Outgoing) -> Receipt:
        """Deliver it once. Raises Temporary only where it surely was not taken, and Rejected.

        Any other exception means that it may have gone.
        """
        ...

    def find_sent(self, key: str, since: datetime) -> Receipt | NotThere | CannotTell:
        """Whether the message with this key arrived; asked after a crash."""
        ...

    def limits(self) -> Limits:
        """What can be sent this way; asks nobody."""
        ...
