"""Forwarding: a message passed on to somebody else, whole; it answers nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import Family, File, FileUse, Person, Recipient
from crm.contacts.resolve import Seen, resolve
from crm.conversations.attachment import Attachment
from crm.conversations.blob import Blob
from crm.conversations.conversation import Conversation
from crm.conversations.drafting import Draft, Kept, enclose, save
from crm.conversations.message import Message
from crm.conversations.participant import FORWARDED_TO, Participant
from crm.database import Turn, insert, take_turn
from crm.desk import Desk
from crm.outgoing.queue import put_into_queue
from crm.outgoing.writing import Leaving

_MAIL = "message/rfc822"
_ENDINGS = {_MAIL: "eml", "application/pdf": "pdf", "image/tiff": "tif", "image/png": "png"}
_NOT_IN_NAMES = re.compile(r"[^\w .,()+-]+")


class CannotForward(Exception):
    """What its author took back is not passed on."""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """To whom a message is passed on, and by which mailbox and address of ours."""

    message_id: int
    channel_id: int
    recipients: tuple[Recipient, ...]
    from_address: str = ""
    due_at: datetime | None = None


def begin(session: Session, message: Message, *, by: int, from_address: str = "") -> Draft:
    """A draft that passes this message on, with all that goes along; begun twice it is one.

    Raises CannotForward for a message that was taken back.
    """
    if message.withheld_at is not None:
        raise CannotForward
    there = session.get(Draft, (message.conversation_id, by, "forward"))
    if there is not None and there.forwards_id == message.id:
        return there
    if there is not None:
        session.delete(there)
        session.flush()
    original = _original(session, message)
    draft = save(
        session,
        message.conversation_id,
        by,
        "forward",
        "" if original else _in_words(message),
        from_address=from_address,
        forwards_id=message.id,
        seen_message_id=message.id,
    )
    assert draft is not None, "what passes a message on is a draft without words, too"
    enclose(session, draft, [*original, *_files(session, message, without_pages=bool(original))])
    return draft


def mailboxes(session: Session) -> Sequence[Channel]:
    """The channels by which a message may be passed on."""
    return session.scalars(
        select(Channel)
        .where(Channel.family == Family.EMAIL, Channel.paused_at.is_(None))
        .order_by(Channel.id)
    ).all()


def forward(
    session: Session,
    desk: Desk,
    conversation: Conversation,
    text: str,
    passed_on: PassedOn,
    *,
    by: int,
    seen_message_id: int | None = None,
    files: Sequence[File] = (),
) -> Message:
    """Queue it. Whom it goes to is a contact from now on and takes part, so that answers join.

    Nothing new holds it and nobody is answered by it: who waits goes on waiting. Raises
    ValueError without a recipient.
    """
    first = next((one for one in passed_on.recipients if one.way == "to"), None)
    if first is None:
        raise ValueError("a message passed on to nobody")
    identity_id = _make_known(session, desk, conversation, passed_on.channel_id, first)
    leaving = Leaving(
        passed_on.channel_id,
        identity_id,
        passed_on.recipients,
        forwards_id=passed_on.message_id,
        from_address=passed_on.from_address,
        regardless=True,
        due_at=passed_on.due_at,
    )
    text = text.replace("\0", "").strip()
    queued = put_into_queue(session, desk, conversation, text, leaving, by, seen_message_id, files)
    assert isinstance(queued, Message), "what is passed on is never held"
    return queued


def _make_known(
    session: Session, desk: Desk, conversation: Conversation, channel_id: int, first: Recipient
) -> int:
    """The identity of an address, as intake would find or make it, and its part in this."""
    take_turn(session, Turn.INTAKE)
    resolved = resolve(
        session,
        [Seen(Person(first.name, first.address), now())],
        source=session.get_one(Channel, channel_id).family,
        channel_id=channel_id,
        country=desk.country,
    )[0]
    if resolved.identity_id is None:
        raise ValueError(f"nothing can be sent to {first.address.value}")
    session.execute(
        insert(session, Participant)
        .values(
            identity_id=resolved.identity_id,
            conversation_id=conversation.id,
            role=FORWARDED_TO,
        )
        .on_conflict_do_nothing()
    )
    return resolved.identity_id


def _original(session: Session, message: Message) -> list[Kept]:
    ending = _ENDINGS.get(message.raw_type)
    blob = session.get(Blob, message.raw_sha256) if message.raw_sha256 and ending else None
    if blob is None:
        return []
    name = " ".join(_NOT_IN_NAMES.sub(" ", message.subject).split())[:80].strip(" .")
    return [Kept(blob.sha256, f"{name or 'message'}.{ending}", message.raw_type, blob.size)]


def _files(session: Session, message: Message, *, without_pages: bool) -> list[Kept]:
    """The files of the message; the pictures of a letter's pages where they are all there is."""
    rows = session.scalars(
        select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.position)
    )
    wanted = {FileUse.ATTACHED} if without_pages else {FileUse.ATTACHED, FileUse.PAGE}
    return [
        Kept(row.sha256, row.name or f"file-{row.position + 1}", row.type, row.size)
        for row in rows
        if row.use in wanted and row.sha256 != message.raw_sha256
    ]


def _in_words(message: Message) -> str:
    """What was written, below room for one's own words; for what has no original to open."""
    if not message.text.strip():
        return ""
    return "\n\n" + "\n".join(_quoted_lines(message))


def _quoted_lines(message: Message) -> Iterable[str]:
    if message.permalink:
        yield message.permalink
    for line in message.text.strip().split("\n"):
        yield f"> {line}".rstrip()
