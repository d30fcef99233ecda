"""Queueing a reply: stored, counted as answered and due, in one transaction; and undoing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import File, Recipient
from crm.contacts.identity import Identity
from crm.conversations.conversation import Conversation, take
from crm.conversations.drafting import (
    Draft,
    discard,
    enclose,
    files_of_draft,
    keep_files,
    save,
)
from crm.conversations.message import Direction, Message, is_again, newest
from crm.desk import Desk
from crm.history.record import record
from crm.outgoing.hold import newer_than, stop
from crm.outgoing.recipients import each_once, to_rows
from crm.outgoing.reply import Reply, State
from crm.outgoing.settling import take_reply
from crm.outgoing.writing import Leaving, alone, write_reply
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
    recipients: Sequence[Recipient] = (),
    from_address: str = "",
    seen_message_id: int | None = None,
    files: Sequence[File] = (),
    regardless: bool = False,
    due_at: datetime | None = None,
) -> Message | Overtaken:
    """Queue a reply, due after the undo window or at `due_at`; the files of its draft go along.

    It goes to `recipients`, or to the identity alone. Unless `regardless`, anything newer than
    the message the agent saw last holds it. The same reply posted twice is the first one. Raises
    ValueError for an empty text, LookupError for an address that is not there.
    """
    text = text.replace("\0", "").strip()
    if not text:
        raise ValueError("an empty reply")
    leaving = Leaving(
        channel_id,
        to_identity_id,
        tuple(recipients),
        answers_id,
        from_address=from_address,
        regardless=regardless,
        due_at=due_at,
    )
    return put_into_queue(session, desk, conversation, text, leaving, by, seen_message_id, files)


def put_into_queue(
    session: Session,
    desk: Desk,
    conversation: Conversation,
    text: str,
    leaving: Leaving,
    by: int,
    seen_message_id: int | None,
    files: Sequence[File],
) -> Message | Overtaken:
    """Queue what leaves, a reply or a message passed on. Raises as `queue` does."""
    identity = session.get(Identity, leaving.to_identity_id)
    if identity is None:
        raise LookupError(f"there is no identity {leaving.to_identity_id}")
    leaving = replace(leaving, recipients=each_once(leaving.recipients) or alone(session, identity))
    take(session, conversation)
    newer = newer_than(session, conversation.id, seen_message_id)
    first = _posted_before(session, conversation, text, leaving, by, seen_message_id, newer)
    if first is not None:
        return first
    draft = _draft(session, desk, conversation, text, leaving, by, files)
    if newer and not leaving.regardless:
        _hold_draft(session, draft, seen_message_id)
        return Overtaken(newer)
    enclosed = files_of_draft(session, conversation.id, by, leaving.kind)
    message = write_reply(session, desk, conversation, text, enclosed, leaving, by)
    discard(session, conversation.id, by, leaving.kind)
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


def hasten(session: Session, message_id: int, *, by: int | None) -> bool:
    """Let what waits for its time go now; False when it does not wait (any more)."""
    reply = session.get(Reply, message_id)
    if reply is None:
        return False
    message, _ = take_reply(session, reply)
    if reply.state != State.WAITING:
        return False
    reply.due_at = min(now(), reply.due_at)
    record(
        session,
        "reply.hastened",
        ("message", message_id),
        by=by,
        conversation_id=message.conversation_id,
    )
    return True


def _posted_before(
    session: Session,
    conversation: Conversation,
    text: str,
    leaving: Leaving,
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
    if last.recipients != to_rows(leaving.recipients):
        return None
    if seen_message_id is None:
        return last if last.at > now() - TWICE else None
    return last if list(newer) == [last] else None


def _draft(
    session: Session,
    desk: Desk,
    conversation: Conversation,
    text: str,
    leaving: Leaving,
    by: int,
    files: Sequence[File],
) -> Draft:
    """What is sent is the draft as it now stands, with the files added to it."""
    draft = save(
        session,
        conversation.id,
        by,
        leaving.kind,
        text,
        channel_id=leaving.channel_id,
        to_identity_id=leaving.to_identity_id,
        recipients=to_rows(leaving.recipients),
        from_address=leaving.from_address,
        forwards_id=leaving.forwards_id,
    )
    assert draft is not None, "a draft with a text, or one that passes a message on"
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
