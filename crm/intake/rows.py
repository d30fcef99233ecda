"""The rows that a placed batch becomes: messages, files, references, events, search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import Role
from crm.contacts.identity import Identity
from crm.contacts.resolve import Resolved
from crm.conversations.attachment import Attachment
from crm.conversations.blob import Blob
from crm.conversations.conversation import Conversation
from crm.conversations.message import Direction, Message
from crm.conversations.participant import Participant
from crm.conversations.reference import Reference
from crm.conversations.threading import Threading, Why
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
    moment: int
    number: int = 0


def insert_messages(session: Session, channel: Channel, placed: Sequence[Placed]) -> None:
    """The messages themselves; each learns its number."""
    numbers = session.scalars(
        insert(Message).returning(Message.id, sort_by_parameter_order=True),
        [_message_row(channel, item) for item in placed],
    ).all()
    for item, number in zip(placed, numbers, strict=True):
        item.number = number


def _message_row(channel: Channel, item: Placed) -> dict[str, Any]:
    one, incoming = item.one, item.one.incoming
    ours = incoming.role is not Role.CUSTOMER
    flags = dict(one.flags)
    if item.threading.offers is not None:
        flags["offers"] = item.threading.offers
    return {
        "moment": item.moment,
        "conversation_id": item.conversation.id,
        "channel_id": channel.id,
        "remote_id": incoming.remote_id[:500],
        "remote_thread": incoming.remote_thread[:500],
        "message_id": incoming.message_id[:1000],
        "direction": Direction.OUTGOING if ours else Direction.INCOMING,
        "sort": incoming.sort,
        "role": incoming.role,
        "identity_id": None if ours else item.sender.identity_id,
        "at": incoming.at,
        "dated": incoming.dated,
        "stored_at": now(),
        "visibility": incoming.visibility,
        "permalink": incoming.permalink,
        "raw_sha256": one.raw_sha256,
        "raw_type": incoming.raw_type[:100],
        "flags": flags,
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
        "subject": one.subject,
        "text": one.text,
        "quoted": one.quoted,
        "signature": one.signature,
        "html": one.html,
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
                }
            )
    there = set(session.scalars(select(Blob.sha256).where(Blob.sha256.in_(sizes))))
    missing = [
        {"sha256": name, "size": size, "stored_at": now()}
        for name, size in sizes.items()
        if name not in there
    ]
    if missing:
        session.execute(insert(Blob), missing)
    if rows:
        session.execute(insert(Attachment), rows)


def insert_references(session: Session, channel: Channel, placed: Sequence[Placed]) -> None:
    """What the batch can be found by from now on, and who takes part."""
    wanted: dict[tuple[str, int], int | None] = {}
    people: set[tuple[int, int]] = set()
    for item in placed:
        for value, borne in borne_by(channel.id, item.one).items():
            key = (value, item.conversation.id)
            wanted[key] = item.number if borne else wanted.get(key)
        if item.sender.identity_id is not None:
            people.add((item.sender.identity_id, item.conversation.id))
    conversations = {item.conversation.id for item in placed}
    _add_missing(session, wanted, people, conversations)


def _add_missing(
    session: Session,
    wanted: dict[tuple[str, int], int | None],
    people: set[tuple[int, int]],
    conversations: Iterable[int],
) -> None:
    there = {
        (row.value, row.conversation_id): row
        for row in session.scalars(
            select(Reference).where(
                Reference.conversation_id.in_(conversations),
                Reference.value.in_({value for value, _ in wanted}),
            )
        )
    }
    rows = []
    for (value, conversation), message in wanted.items():
        known = there.get((value, conversation))
        if known is None:
            rows.append({"value": value, "conversation_id": conversation, "message_id": message})
        elif known.message_id is None and message is not None:
            known.message_id = message
    if rows:
        session.execute(insert(Reference), rows)
    present = {
        (identity, conversation)
        for identity, conversation in session.execute(
            select(Participant.identity_id, Participant.conversation_id).where(
                Participant.conversation_id.in_(conversations)
            )
        )
    }
    if missing := people - present:
        session.execute(
            insert(Participant),
            [
                {"identity_id": identity, "conversation_id": conversation, "role": "author"}
                for identity, conversation in sorted(missing)
            ],
        )


def insert_events(session: Session, placed: Sequence[Placed]) -> None:
    """That each was received and why it stands where it stands."""
    rows: list[dict[str, Any]] = []
    for item in placed:
        shared = {
            "at": now(),
            "agent_id": None,
            "conversation_id": item.conversation.id,
            "card_id": item.sender.card_id,
        }
        if item.threading.conversation is None:
            rows.append(
                {
                    **shared,
                    "kind": "conversation.began",
                    "subject_kind": "conversation",
                    "subject_id": item.conversation.id,
                    "data": {"follows": item.threading.follows},
                }
            )
        rows.append(
            {
                **shared,
                "kind": "message.received",
                "subject_kind": "message",
                "subject_id": item.number,
                "data": {"why": item.threading.why, "sort": item.one.incoming.sort},
            }
        )
        if item.threading.why is Why.OUR_REFERENCE:
            rows.append(
                {
                    **shared,
                    "kind": "conversation.joined",
                    "subject_kind": "message",
                    "subject_id": item.number,
                    "data": {"by": "our_reference"},
                }
            )
    session.execute(insert(Event), rows)


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
