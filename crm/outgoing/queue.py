"""Queueing a reply: stored, counted as answered and due, in one transaction; and undoing it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import File
from crm.contacts.card import Card
from crm.contacts.identity import Identity
from crm.conversations.attachment import Attachment
from crm.conversations.blob import Blob, BlobWriter
from crm.conversations.closing import reopen
from crm.conversations.conversation import Conversation, Status
from crm.conversations.drafting import discard, save
from crm.conversations.message import Direction, Message
from crm.conversations.moments import give_moments
from crm.conversations.placing import put_in_place
from crm.desk import Desk
from crm.history.record import record
from crm.outgoing.hold import back_to_draft, newer_than
from crm.outgoing.reply import Reply, State
from crm.outgoing.settling import bear, give_waiting_back
from crm.search.written import index_written


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Nothing was queued: this came in since the agent last looked. The text is a held draft."""

    newer: list[Message]


def queue(
    session: Session,
    desk: Desk,
    conversation: Conversation,
    text: str,
    *,
    by: int,
    channel_id: int,
    to_identity_id: int,
    answers_id: int | None = None,
    seen_message_id: int | None = None,
    files: Sequence[File] = (),
    regardless: bool = False,
    due_at: datetime | None = None,
) -> Message | Overtaken:
    """Queue a reply, due after the undo window or at `due_at`.

    Unless `regardless`, anything newer than the message the agent saw last holds it. Raises
    ValueError for an empty text, LookupError for an address that is not there.
    """
    text = text.replace("\0", "").strip()
    if not text:
        raise ValueError("an empty reply")
    identity = session.get(Identity, to_identity_id)
    if identity is None:
        raise LookupError(f"there is no identity {to_identity_id}")
    newer = newer_than(session, conversation.id, seen_message_id)
    if newer and not regardless:
        _keep_as_held(session, conversation, text, by, channel_id, to_identity_id)
        return Overtaken(newer)
    message = _write(session, desk, conversation, text, by, channel_id, identity, answers_id)
    _attach(session, desk, message, files)
    key = f"pk-{conversation.id}-{secrets.token_hex(12)}@{desk.host}"
    session.add(
        Reply(
            message_id=message.id,
            channel_id=channel_id,
            to_identity_id=to_identity_id,
            answers_id=answers_id,
            key=key,
            state=State.WAITING,
            due_at=due_at or now() + timedelta(seconds=desk.undo_seconds),
            seen_incoming_id=conversation.last_incoming_id,
            regardless=regardless,
            waiting_before=conversation.waiting_since,
        )
    )
    bear(session, conversation.id, message, key)
    message.message_id = key
    _answered(session, conversation, message, by)
    discard(session, conversation.id, by, "reply")
    index_written(session, message)
    return message


def cancel(session: Session, message_id: int, *, by: int | None) -> bool:
    """Undo: the text is the draft again and the customer waits as before; False when too late."""
    reply = session.scalar(select(Reply).where(Reply.message_id == message_id).with_for_update())
    if reply is None or reply.state != State.WAITING:
        return False
    message = session.get_one(Message, message_id)
    reply.state = State.CANCELLED
    back_to_draft(session, message, reply, held=False)
    give_waiting_back(session, reply)
    record(
        session,
        "reply.cancelled",
        ("message", message_id),
        by=by,
        conversation_id=message.conversation_id,
    )
    return True


def _keep_as_held(
    session: Session,
    conversation: Conversation,
    text: str,
    by: int,
    channel_id: int,
    to_identity_id: int,
) -> None:
    draft = save(
        session,
        conversation.id,
        by,
        "reply",
        text,
        channel_id=channel_id,
        to_identity_id=to_identity_id,
        seen_incoming_id=conversation.last_incoming_id,
    )
    if draft is not None:
        draft.held_at = now()
    record(
        session,
        "reply.held",
        ("conversation", conversation.id),
        by=by,
        conversation_id=conversation.id,
    )


def _write(
    session: Session,
    desk: Desk,
    conversation: Conversation,
    text: str,
    by: int,
    channel_id: int,
    identity: Identity,
    answers_id: int | None,
) -> Message:
    answered = session.get(Message, answers_id) if answers_id is not None else None
    card = session.get_one(Card, identity.card_id)
    at = now()
    message = Message(
        moment=give_moments(session, [at])[0],
        conversation_id=conversation.id,
        channel_id=channel_id,
        direction=Direction.OUTGOING,
        role="us",
        agent_id=by,
        at=at,
        stored_at=at,
        visibility=answered.visibility if answered else "private",
        remote_thread=answered.remote_thread if answered else "",
        flags={},
        letter=[],
        recipients=[
            {"name": card.name, "kind": identity.kind, "value": identity.shown, "way": "to"}
        ],
        subject=_answering(answered.subject if answered else conversation.subject),
        text=text,
    )
    session.add(message)
    session.flush()
    return message


def _answering(subject: str) -> str:
    return subject if subject[:3].casefold() in ("re:", "aw:") else f"Re: {subject}".strip()


def _attach(session: Session, desk: Desk, message: Message, files: Sequence[File]) -> None:
    blobs = BlobWriter(desk.blobs)
    for position, file in enumerate(files):
        name = blobs.write(file.content)
        if session.get(Blob, name) is None:
            session.add(Blob(sha256=name, size=len(file.content), stored_at=now()))
            session.flush()
        session.add(
            Attachment(
                message_id=message.id,
                sha256=name,
                name=file.name,
                type=file.type,
                size=len(file.content),
                use=file.use,
                cid=file.cid,
                position=position,
            )
        )
    blobs.sync()


def _answered(session: Session, conversation: Conversation, message: Message, by: int) -> None:
    if conversation.status in (Status.CLOSED, Status.SNOOZED):
        reopen(session, conversation, by=by)
    conversation.waiting_since = None
    conversation.last_message_at = message.at
    conversation.message_count += 1
    put_in_place(session, conversation)
    record(
        session,
        "reply.queued",
        ("message", message.id),
        by=by,
        conversation_id=conversation.id,
        channel=message.channel_id,
    )
