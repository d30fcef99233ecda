"""Queueing a reply: stored, counted as answered and due, in one transaction; and undoing it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import File, FileUse
from crm.contacts.card import Card
from crm.contacts.identity import Identity
from crm.conversations.attachment import Attachment
from crm.conversations.closing import reopen
from crm.conversations.conversation import Conversation, Status, take
from crm.conversations.drafting import (
    Draft,
    DraftFile,
    discard,
    enclose,
    files_of_draft,
    keep_files,
    save,
)
from crm.conversations.message import Direction, Message, is_again, newest
from crm.conversations.moments import give_moments
from crm.conversations.placing import put_in_place
from crm.desk import Desk
from crm.history.record import record
from crm.outgoing.hold import newer_than, stop
from crm.outgoing.reply import Reply, State
from crm.outgoing.settling import bear, take_reply
from crm.search.written import index_written

TWICE = timedelta(seconds=10)
"""Within this time the same words are the same reply, posted twice."""


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
    """Queue a reply, due after the undo window or at `due_at`; the files of its draft go along.

    Unless `regardless`, anything newer than the message the agent saw last holds it. The same
    reply posted twice is the first one. Raises ValueError for an empty text, LookupError for an
    address that is not there.
    """
    text = text.replace("\0", "").strip()
    if not text:
        raise ValueError("an empty reply")
    identity = session.get(Identity, to_identity_id)
    if identity is None:
        raise LookupError(f"there is no identity {to_identity_id}")
    take(session, conversation)
    newer = newer_than(session, conversation.id, seen_message_id)
    first = _posted_before(session, conversation, text, by, seen_message_id, newer)
    if first is not None:
        return first
    draft = _draft(session, desk, conversation, text, by, channel_id, to_identity_id, files)
    if newer and not regardless:
        _hold_draft(session, draft, seen_message_id)
        return Overtaken(newer)
    message = _write(session, conversation, text, by, channel_id, identity, answers_id)
    _attach(session, message, files_of_draft(session, conversation.id, by))
    _make_due(session, desk, conversation, message, to_identity_id, answers_id, regardless, due_at)
    _answered(session, conversation, message, by)
    discard(session, conversation.id, by, "reply")
    index_written(session, message)
    return message


def cancel(session: Session, message_id: int, *, by: int | None) -> bool:
    """Undo: the text is the draft again and the customer waits as before; False when too late."""
    reply = session.get(Reply, message_id)
    if reply is None:
        return False
    take_reply(session, reply)
    if reply.state != State.WAITING:
        return False
    message = stop(session, reply, State.CANCELLED)
    record(
        session,
        "reply.cancelled",
        ("message", message_id),
        by=by,
        conversation_id=message.conversation_id,
    )
    return True


def _posted_before(
    session: Session,
    conversation: Conversation,
    text: str,
    by: int,
    seen_message_id: int | None,
    newer: Sequence[Message],
) -> Message | None:
    """The same reply when a double click or a browser that asks again posts it once more.

    It is the only thing that its writer has not seen; who says nothing of what they saw does not
    write the same within seconds.
    """
    last = newest(session, conversation.id)
    if last is None or not is_again(last, Direction.OUTGOING, text, by):
        return None
    if seen_message_id is None:
        return last if last.at > now() - TWICE else None
    return last if list(newer) == [last] else None


def _draft(
    session: Session,
    desk: Desk,
    conversation: Conversation,
    text: str,
    by: int,
    channel_id: int,
    to_identity_id: int,
    files: Sequence[File],
) -> Draft:
    """What is sent is the draft as it now stands, with the files added to it."""
    draft = save(
        session,
        conversation.id,
        by,
        "reply",
        text,
        channel_id=channel_id,
        to_identity_id=to_identity_id,
    )
    assert draft is not None, "a draft with a text"
    enclose(session, draft, keep_files(session, desk.blobs, files))
    return draft


def _hold_draft(session: Session, draft: Draft, seen_message_id: int | None) -> None:
    draft.held_at, draft.seen_message_id = now(), seen_message_id
    record(
        session,
        "reply.held",
        ("conversation", draft.conversation_id),
        by=draft.agent_id,
        conversation_id=draft.conversation_id,
    )


def _write(
    session: Session,
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


def _attach(session: Session, message: Message, files: Sequence[DraftFile]) -> None:
    rows = [
        {
            "message_id": message.id,
            "sha256": file.sha256,
            "name": file.name,
            "type": file.type,
            "size": file.size,
            "use": FileUse.ATTACHED,
            "position": position,
        }
        for position, file in enumerate(files)
    ]
    if rows:
        session.execute(insert(Attachment), rows)


def _make_due(
    session: Session,
    desk: Desk,
    conversation: Conversation,
    message: Message,
    to_identity_id: int,
    answers_id: int | None,
    regardless: bool,
    due_at: datetime | None,
) -> None:
    assert message.channel_id is not None, "a reply leaves by a channel"
    key = f"pk-{conversation.id}-{secrets.token_hex(12)}@{desk.host}"
    session.add(
        Reply(
            message_id=message.id,
            channel_id=message.channel_id,
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
    message.message_id = key
    bear(session, conversation.id, message, key)


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
