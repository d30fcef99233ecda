"""The rows that a placed batch becomes: messages, files, references, events, search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import Invitation, Role
from crm.contacts.identity import Identity
from crm.contacts.resolve import Resolved
from crm.conversations.attachment import Attachment
from crm.conversations.blob import keep
from crm.conversations.conversation import Conversation
from crm.conversations.message import Direction, Message
from crm.conversations.participant import AUTHOR, NEWCOMER, Participant
from crm.conversations.reference import Reference
from crm.conversations.threading import Threading, Why
from crm.database import insert as upsert
from crm.history.event import Event
from crm.intake.placing import borne_by
from crm.intake.prepare import Prepared
from crm.search import index


@dataclass(slots=True)
class Placed:
    """A message with where it belongs."""

    one: Prepared
    sender: Resolved
    conversation: Conversation
    threading: Threading
    moment: int = 0
    number: int = 0
    opened: bool = False
    begins_loop: bool = False
    shares_id: bool = False
    is_newcomer: bool = False
    answer_to: int | None = None

    @property
    def waits(self) -> bool:
        """Whether a person outside wrote it, and no other channel has brought it already."""
        from_outside = self.one.incoming.role is Role.CUSTOMER
        return from_outside and self.one.counts and self.threading.copy_of is None


def insert_messages(session: Session, channel: Channel, placed: Sequence[Placed]) -> None:
    """The messages themselves; each learns its number."""
    rows = session.connection().execute(
        insert(Message).returning(Message.id, sort_by_parameter_order=True),
        [_message_row(channel, item) for item in placed],
    )
    for item, row in zip(placed, rows, strict=True):
        item.number = row.id


def _message_row(channel: Channel, item: Placed) -> dict[str, Any]:
    one, incoming = item.one, item.one.incoming
    ours = incoming.role is not Role.CUSTOMER
    flags = dict(one.flags)
    if item.threading.offers is not None:
        flags["offers"] = item.threading.offers.conversation.id
    if item.is_newcomer:
        flags["newcomer"] = True
    if item.shares_id:
        flags["shared_id"] = True
    return {
        "moment": item.moment,
        "conversation_id": item.conversation.id,
        "channel_id": channel.id,
        "remote_id": incoming.remote_id,
        "remote_thread": incoming.remote_thread,
        "message_id": incoming.message_id,
        "direction": Direction.OUTGOING if ours else Direction.INCOMING,
        "sort": incoming.sort,
        "role": incoming.role,
        "identity_id": None if ours else item.sender.identity_id,
        "answer_to_id": item.answer_to,
        "at": incoming.at,
        "dated": incoming.dated,
        "stored_at": now(),
        "visibility": incoming.visibility,
        "permalink": incoming.permalink,
        "raw_sha256": one.raw_sha256,
        "raw_type": incoming.raw_type[:100],
        "flags": flags,
        "copy_of_id": item.threading.copy_of,
        "sender_name": incoming.sender.name or _shown(one),
        "recipients": _recipients(one),
        "letter": [
            {
                "name": read.name,
                "value": read.value,
                "confidence": read.confidence,
                "page": read.page,
                "box": list(read.box) if read.box else None,
            }
            for read in incoming.fields
        ],
        "verdicts": dict(incoming.verdicts),
        "invitation": _invitation(incoming.invitation),
        "subject": one.subject,
        "text": one.text,
        "quoted": one.quoted,
        "signature": one.signature,
        "html": one.html,
    }


def _invitation(invitation: Invitation | None) -> dict[str, Any] | None:
    if invitation is None:
        return None
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(invitation).items()
    }


def _recipients(one: Prepared) -> list[dict[str, str]]:
    return [
        {
            "name": recipient.name,
            "kind": recipient.address.kind.value,
            "value": recipient.address.value,
            "way": recipient.way,
        }
        for recipient in one.incoming.recipients
    ]


def _shown(one: Prepared) -> str:
    address = one.incoming.sender.address
    return address.value if address else ""


def insert_files(session: Session, placed: Sequence[Placed]) -> None:
    """Attachments and pictures of pages, and the blobs they and the originals are."""
    sizes: dict[str, int] = {}
    rows = []
    for item in placed:
        if item.one.raw_sha256:
            sizes[item.one.raw_sha256] = len(item.one.incoming.raw)
        for position, stored in enumerate(item.one.files):
            sizes[stored.sha256] = len(stored.file.content)
            rows.append(
                {
                    "message_id": item.number,
                    "sha256": stored.sha256,
                    "name": stored.file.name,
                    "type": stored.file.type[:200],
                    "size": len(stored.file.content),
                    "use": stored.file.use,
                    "cid": stored.file.cid,
                    "position": position,
                    "damaged": stored.file.damaged,
                }
            )
    keep(session, sizes)
    if rows:
        session.connection().execute(insert(Attachment), rows)


def insert_references(session: Session, channel: Channel, placed: Sequence[Placed]) -> None:
    """What the batch can be found by from now on, and who takes part."""
    borne: dict[tuple[str, int], int | None] = {}
    people: dict[tuple[int, int], str] = {}
    for item in placed:
        for value, is_own in borne_by(channel.id, item.one).items():
            key = (value, item.conversation.id)
            borne[key] = item.number if is_own else borne.get(key)
        if item.sender.identity_id is not None:
            role = NEWCOMER if item.is_newcomer else AUTHOR
            people.setdefault((item.sender.identity_id, item.conversation.id), role)
    _add_references(session, borne)
    if people:
        session.connection().execute(
            upsert(session, Participant).on_conflict_do_nothing(),
            [
                {"identity_id": identity, "conversation_id": conversation, "role": role}
                for (identity, conversation), role in sorted(people.items())
            ],
        )


def _add_references(session: Session, borne: Mapping[tuple[str, int], int | None]) -> None:
    """One that was merely mentioned learns which message bears it."""
    if not borne:
        return
    new = upsert(session, Reference)
    session.connection().execute(
        new.on_conflict_do_update(
            index_elements=[Reference.value, Reference.conversation_id],
            set_={"message_id": new.excluded.message_id},
            where=Reference.message_id.is_(None) & new.excluded.message_id.is_not(None),
        ),
        [
            {"value": value, "conversation_id": conversation, "message_id": message}
            for (value, conversation), message in borne.items()
        ],
    )


def insert_events(session: Session, placed: Sequence[Placed]) -> None:
    """That each was received, why it stands where it stands, and what it opened."""
    rows = [row for item in placed for row in _events_of(item)]
    session.connection().execute(insert(Event), rows)


def _events_of(item: Placed) -> Iterator[dict[str, Any]]:
    threading, number = item.threading, item.conversation.id
    if threading.joins is None:
        follows = threading.follows.conversation.id if threading.follows else None
        yield _event(item, "conversation.began", ("conversation", number), follows=follows)
    why = {"why": threading.why, "sort": item.one.incoming.sort}
    yield _event(item, "message.received", ("message", item.number), **why)
    if threading.why is Why.OUR_REFERENCE:
        yield _event(item, "conversation.joined", ("message", item.number), by="our_reference")
    if item.begins_loop:
        yield _event(item, "conversation.looping", ("message", item.number))
    if item.opened:
        yield _event(item, "conversation.reopened", ("conversation", number), message=item.number)


def _event(item: Placed, kind: str, subject: tuple[str, int], **data: Any) -> dict[str, Any]:
    return {
        "at": now(),
        "kind": kind,
        "agent_id": None,
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "conversation_id": item.conversation.id,
        "card_id": item.sender.card_id or None,
        "data": data,
    }


def add_to_index(session: Session, placed: Sequence[Placed]) -> None:
    """Search rows, last and together (see search/index)."""
    identities = {item.sender.identity_id for item in placed}
    shown = {
        row.id: row.shown
        for row in session.execute(
            select(Identity.id, Identity.shown).where(Identity.id.in_(identities - {None}))
        )
    }
    entries = []
    for item in placed:
        incoming = item.one.incoming
        came_through = (
            shown.get(item.sender.identity_id or 0, "") if incoming.role is Role.CUSTOMER else ""
        )
        entries.append(
            index.entry(
                item.moment,
                item.one.subject,
                item.one.text,
                (incoming.sender.name or _shown(item.one), came_through),
                _recipients(item.one),
            )
        )
    index.add(session, entries)
