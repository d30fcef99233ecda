"""An item of the thread, ready for its card: body, marks, notices, files, and which template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from crm.channels.contract import Family, Sort
from crm.conversations.attachment import Attachment
from crm.conversations.message import Direction, Message
from crm.conversations.timeline import EventItem, Item, MessageItem
from crm.outgoing.reply import Reply, State
from inbox.showing.happening import happening
from inbox.showing.invitation import ShownInvitation, invitation
from inbox.showing.letter import Mark, marked, marks
from inbox.showing.linkify import linkify
from inbox.showing.pictures import are_outside, stand
from inbox.showing.raw import beginning
from inbox.showing.verdicts import checked, is_doubtful, warnings

CHARACTERS_A_LINE = 72
LINE_PIXELS = 22
GAP_PIXELS = 12
PICTURE_PIXELS = 60
SHORTEST_FRAME, TALLEST_FRAME = 120, 640

_NOTICES = {
    "encrypted": lazy_gettext(
        "This mail is encrypted: it can be read only with the key of its recipient. "
        "The encrypted part is attached."
    ),
    "damaged_part": lazy_gettext(
        "A part of this mail could not be decoded; it is attached as it came."
    ),
    "too_large": lazy_gettext("Too large to be fetched whole; the rest is still in the mailbox."),
    "newcomer": lazy_gettext(
        "Its sender took no part before: the answer goes to them only if you choose so."
    ),
    "shared_id": lazy_gettext(
        "Another mail bears the same Message-ID: its sender gives one to several mails."
    ),
    "tnef": lazy_gettext("Outlook's winmail.dat could not be opened."),
    "charset": lazy_gettext("Some signs could not be read for certain."),
    "truncated": lazy_gettext("The message broke off on its way."),
    "no_headers": lazy_gettext("The message came without a head."),
    "no_text": lazy_gettext("No text could be read from these pages."),
    "unreadable_scan": lazy_gettext("These pages could not be made into pictures."),
    "pages_missing": lazy_gettext("Only the first pages are shown."),
    "html_left_out": lazy_gettext("Its formatting was left out: it could not be shown safely."),
}
_FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
_BLOCK = re.compile(r"<(?:p|div|tr|li|h[1-6]|br|hr|blockquote|summary|table)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_SORTS: dict[str, Any] = {
    Sort.LIST: lazy_gettext("Mailing list"),
    Sort.AUTO_REPLY: lazy_gettext("Automatic reply"),
    Sort.BOUNCE: lazy_gettext("Delivery report"),
    Sort.LOOP: lazy_gettext("Loop"),
}
_TOLD_BY_ITS_CARD = frozenset({"reply.failed"})
_LINES = (
    (lazy_gettext("Sender"), ("sender.street", "sender.postcode", "sender.city")),
    (lazy_gettext("Customer no."), ("customer_number",)),
    (lazy_gettext("Our ref."), ("our_reference",)),
    (lazy_gettext("Date"), ("date",)),
)


class Pictures(StrEnum):
    """What is done with a message's pictures from outside, and what an agent can do about it."""

    NONE = "none"
    SHOWN = "shown"
    HELD = "held"
    HELD_FOR_NOW = "held_for_now"
    """Only this once can they be let in: its sender is not known, or not for certain."""


@dataclass(frozen=True, slots=True)
class Page:
    """The picture of a page, and what was found where on it."""

    picture: Attachment
    number: int
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled line of a letter: what was read, each with its mark."""

    label: Any
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """`template` is the card's body; `frame` the height in pixels of foreign HTML, 0 without.

    `sort` says what it is where no person wrote it, `warnings` why not to trust it, `checked` what
    the receiving server found, `reached` whom else it went to, as everybody who got it can read.
    """

    template: str
    message: Message
    author: str
    family: str
    place: str
    address: str
    by_us: bool
    body: Markup
    frame: int = 0
    pictures: Pictures = Pictures.NONE
    sort: str = ""
    checked: str = ""
    reached: list[Mapping[str, Any]] = field(default_factory=list)
    invitation: ShownInvitation | None = None
    warnings: list[str] = field(default_factory=list)
    raw: str = ""
    notices: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    unsure: list[Mark] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """One grey line."""

    words: str
    at: datetime
    template: str = "parts/event_line.html"


def shown(
    items: Iterable[Item], replies: Mapping[int, Reply], blobs: Path
) -> list[ShownMessage | ShownEvent]:
    """The items of a thread; replies that were taken back or held are drafts again, not items."""
    gone = {State.CANCELLED, State.HELD}
    found: list[ShownMessage | ShownEvent] = []
    for item in items:
        if isinstance(item, EventItem):
            if item.kind in _TOLD_BY_ITS_CARD:
                continue
            found.append(ShownEvent(happening(item), item.at))
            continue
        reply = replies.get(item.message.id)
        if reply is None or reply.state not in gone:
            found.append(_message(item, reply, blobs))
    return found


def _message(item: MessageItem, reply: Reply | None, blobs: Path) -> ShownMessage:
    message = item.message
    read = marks(message.letter)
    raw = beginning(message, blobs)
    return ShownMessage(
        template=_template(message, item.family, raw),
        message=message,
        author=item.author or gettext("Unknown sender"),
        family="note" if message.direction == Direction.NOTE else item.family,
        place=item.channel_name,
        address=item.address,
        by_us=message.direction != Direction.INCOMING or message.role != "customer",
        body=marked(message.text, read) if read else linkify(message.text),
        frame=_frame(message),
        pictures=_pictures(item),
        sort=str(_SORTS.get(message.sort, "")),
        checked=checked(message, item.family),
        reached=_reached(message),
        invitation=invitation(message),
        warnings=warnings(message, item.family),
        raw=raw,
        notices=[str(words) for flag, words in _NOTICES.items() if flag in message.flags],
        lines=_lines(read),
        unsure=[mark for mark in read if not mark.sure],
        pages=_pages(item, read),
        files=[file for file in item.attachments if _is_listed(file, message)],
        reply=reply,
    )


def _reached(message: Message) -> list[Mapping[str, Any]]:
    """Ours with everybody; of others' mail "bcc" only says by which of our addresses it came."""
    is_ours = message.direction == Direction.OUTGOING
    return [one for one in message.recipients if is_ours or one.get("way") != "bcc"]


def _pictures(item: MessageItem) -> Pictures:
    message = item.message
    if not _frame(message) or not are_outside(message.html):
        return Pictures.NONE
    if stand(message, item.identity, in_spam=item.in_spam):
        return Pictures.SHOWN
    is_known = item.identity is not None and item.identity.verified
    if is_known and not item.in_spam and not is_doubtful(message):
        return Pictures.HELD
    return Pictures.HELD_FOR_NOW


def _template(message: Message, family: str, raw: str) -> str:
    if message.withheld_at is not None:
        return "message/withheld.html"
    if raw:
        return "message/unreadable.html"
    if family == Family.POST and message.direction == Direction.INCOMING:
        return "message/letter.html"
    return "message/framed.html" if _frame(message) else "message/plain.html"


def _frame(message: Message) -> int:
    """How tall the frame of a rich message begins; nothing inside it can tell us."""
    if not message.html or not message.flags.get("rich"):
        return 0
    open_ = _FOLDED.sub("<p>…", message.html)
    blocks = (_TAG.sub("", block).strip() for block in _BLOCK.split(open_))
    lines = sum(1 + len(block) // CHARACTERS_A_LINE for block in blocks if block)
    gaps = sum(open_.count(tag) for tag in ("<p", "<tr", "<h", "<ul", "<ol"))
    pictures = PICTURE_PIXELS * min(3, open_.count("<img"))
    height = 2 * GAP_PIXELS + lines * LINE_PIXELS + gaps * GAP_PIXELS + pictures
    return min(TALLEST_FRAME, max(SHORTEST_FRAME, height))


def _pages(item: MessageItem, read: Iterable[Mark]) -> list[Page]:
    return [
        Page(picture, number, [mark for mark in read if mark.page == number and mark.box])
        for number, picture in enumerate(item.pages, start=1)
    ]


def _lines(read: Iterable[Mark]) -> list[Line]:
    """What the card says in a table before the text: sender, customer number, reference, date."""
    first: dict[str, Mark] = {}
    for mark in read:
        first.setdefault(mark.name, mark)
    lines = [
        Line(label, [first[name] for name in names if name in first]) for label, names in _LINES
    ]
    return [line for line in lines if line.marks]


def _is_listed(file: Attachment, message: Message) -> bool:
    """A scan is its own original: the card offers it once, as such."""
    return file.use == "attached" and file.sha256 != message.raw_sha256
