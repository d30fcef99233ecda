"""What an agent decides of a reply that failed or may have gone."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import Receipt
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.conversations.placing import put_in_place
from crm.history.record import record
from crm.outgoing.reply import Reply, State
from crm.outgoing.settling import settle_sent

_RETRIED = (State.FAILED, State.UNKNOWN)


def retry(session: Session, message_id: int, *, by: int | None) -> bool:
    """Send it again now; False when it is neither failed nor unknown (any more)."""
    reply = _locked(session, message_id)
    if reply is None or reply.state not in _RETRIED:
        return False
    message = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    reply.state, reply.due_at, reply.attempts, reply.regardless = State.WAITING, now(), 0, True
    reply.error = reply.error_words = reply.remedy = ""
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


def it_went(session: Session, message_id: int, *, by: int | None) -> bool:
    """The agent knows that it arrived; False when nobody asked."""
    reply = _locked(session, message_id)
    if reply is None or reply.state != State.UNKNOWN:
        return False
    settle_sent(session, reply, Receipt(at=now(), words="confirmed by an agent"))
    return True


def _locked(session: Session, message_id: int) -> Reply | None:
    return session.scalar(select(Reply).where(Reply.message_id == message_id).with_for_update())
