"""What comes in: one message as a source delivered it, and batches of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from crm.channels.contract.people import Address, Person, Recipient

Cursor: TypeAlias = Mapping[str, Any]
"""How far a source has been read; JSON, understood by its connector alone."""


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
    """Whether a person wrote to us, or a machine answered.

    `loop` is told by `crm` alone: more from one correspondent within an hour than people write.
    """

    CUSTOMER = "customer"
    LIST = "list"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LOOP = "loop"


class Visibility(StrEnum):
    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    PRIVATE = "private"


class FileUse(StrEnum):
    """Listed under the message, shown inside its HTML, or the picture of a scanned page."""

    ATTACHED = "attached"
    INLINE = "inline"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message; `type` is a media type, `cid` its Content-ID without brackets.

    `damaged`: its encoding could not be undone, `content` is what came.
    """

    name: str
    type: str
    content: bytes
    use: FileUse = FileUse.ATTACHED
    cid: str = ""
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class ReadField:
    """A field read from a page: confidence 0..1, page from 1, box (left, top, right, bottom) 0..1."""

    name: str
    value: str
    confidence: float = 1.0
    page: int = 1
    box: tuple[float, float, float, float] | None = None


class Failure(StrEnum):
    """Why a message of ours came back, as agents tell it apart (RFC 3463, RFC 5248)."""

    NO_SUCH_ADDRESS = "no_such_address"
    NO_SUCH_DOMAIN = "no_such_domain"
    MAILBOX_FULL = "mailbox_full"
    MAILBOX_CLOSED = "mailbox_closed"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    SPAM = "spam"
    UNREACHABLE = "unreachable"
    OTHER = "other"


VERDICTS = ("spf", "dkim", "dmarc", "spam")
"""What a receiving server finds out about a mail."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A calendar entry that a message brings (RFC 5546); times aware, or days where `all_day`.

    method   "request", "cancel", "reply", "publish" ...
    answer   of a reply: "accepted", "declined", "tentative"
    """

    method: str
    summary: str
    starts: datetime | None = None
    ends: datetime | None = None
    all_day: bool = False
    place: str = ""
    organiser: str = ""
    answer: str = ""
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as a source delivered it; times are aware and UTC.

    remote_id     unique within the channel, for ever
    remote_thread the source's own id of the conversation (a forum topic), else ""
    at            when the channel received it: orders the thread
    dated         what the message says of its own date (Date header, letter head)
    message_id    its Message-ID without brackets; `other_ids` those it bore before (Outlook
                  replaces ours); `mentions` those it refers to, nearest first
    far           how another help desk calls the matter ("INC0012345"), to be joined by it
    reference     our reference as read from a field of a letter, in whatever spelling
    key           the idempotency key of a reply of ours that this message is the echo of
    bounced       the Message-ID of ours that a bounce is about; `reason` the other side's words,
                  `failure` what they mean
    verdicts      what the receiving server found: VERDICTS -> "pass", "fail", ...; spam "yes", "no"
    text          the new words; `quoted` history and `signature`, folded on the page
    html          as received, not sanitised
    raw           the original bytes, `raw_type` its media type
    flags         what could not be read, as short words ("charset", "truncated", "unparsable")
    """

    remote_id: str
    at: datetime
    sender: Person = field(default_factory=Person)
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
    other_ids: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    far: str = ""
    reference: str = ""
    key: str = ""
    bounced: str = ""
    reason: str = ""
    failure: Failure = Failure.OTHER
    verdicts: Mapping[str, str] = field(default_factory=dict)
    invitation: Invitation | None = None
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
