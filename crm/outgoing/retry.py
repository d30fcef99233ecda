"""What an agent decides of a reply that failed or may have gone."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import Receipt
from crm.conversations.placing import put_in_place, take_back
from crm.history.record import record
from crm.outgoing.hold import draft_again
from crm.outgoing.reply import Reply, State
from crm.outgoing.settling import settle_sent, take_reply
from crm.search.written import forget_written

_RETRIED = (State.FAILED, State.UNKNOWN)


def retry(session: Session, message_id: int, *, by: int | None) -> bool:
    """Send it again now; False when it is neither failed nor unknown (any more)."""
    reply = session.get(Reply, message_id)
    if reply is None:
        return False
    message, conversation = take_reply(session, reply)
    if reply.state not in _RETRIED:
        return False
    reply.state, reply.due_at, reply.attempts, reply.regardless = State.WAITING, now(), 0, True
    reply.error = reply.error_words = reply.remedy = ""
    message.stopped_at = None
    if reply.forwards_id is None:
        reply.waiting_before = conversation.waiting_since or reply.waiting_before
        conversation.waiting_since = None
    put_in_place(session, conversation)
    record(
        session,
        "reply.retried",
        ("message", message_id),
        by=by,
        conversation_id=message.conversation_id,
    )
    return True


def change(session: Session, message_id: int, *, by: int) -> bool:
    """Let its words and recipients be corrected in the composer; False when it has not failed.

    What never left is gone from the thread; what came back stays there, as it reached others.
    """
    reply = session.get(Reply, message_id)
    if reply is None:
        return False
    message, conversation = take_reply(session, reply)
    if reply.state != State.FAILED:
        return False
    draft_again(session, message, reply, by)
    if reply.receipt is None:
        reply.state = State.CANCELLED
        take_back(session, conversation, message)
        forget_written(session, message)
        put_in_place(session, conversation)
        record(
            session,
            "reply.cancelled",
            ("message", message_id),
            by=by,
            conversation_id=message.conversation_id,
        )
    return True


def it_went(session: Session, message_id: int, *, by: int | None) -> bool:
    """The agent knows that it arrived; False when nobody asked."""
    reply = session.get(Reply, message_id)
    if reply is None:
        return False
    take_reply(session, reply)
    if reply.state != State.UNKNOWN:
        return False
    settle_sent(session, reply, Receipt(at=now(), words="confirmed by an agent"), by=by)
    return True
