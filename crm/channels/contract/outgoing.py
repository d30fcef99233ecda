"""What goes out: a reply on its way, and what the other side said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crm.channels.contract.incoming import File, Visibility
from crm.channels.contract.people import Recipient


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier message of the conversation, for the history below an answer; `at` is UTC."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply on its way out, or a message passed on.

    key        made when it was queued; for mail it becomes the Message-ID, without brackets
    recipients at least one, by the ways "to", "cc" and "bcc"
    text       plain; "[image: NAME]" stands where an inline file of that name is shown
    signature  stands below the text
    history    what was written before, the nearest first; a kind quotes as its settings say
    sender     which address of ours it leaves from, "" for the first
    forwards   it passes a message on instead of answering one
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
    signature: str = ""
    history: tuple[Past, ...] = ()
    sender: str = ""
    forwards: bool = False


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

    `address` is our own address there (mail), from which signed reply addresses are made;
    `addresses` are all that lead there, any of which can be answered from. `copies` says whether
    others can be written to as well (Cc, Bcc).
    """

    can_send: bool = False
    length: int | None = None
    unit: str = "characters"
    files: int | None = 0
    file_bytes: int | None = None
    visibilities: tuple[Visibility, ...] = (Visibility.PRIVATE,)
    address: str = ""
    addresses: tuple[str, ...] = ()
    copies: bool = False
