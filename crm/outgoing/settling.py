"""Writing back what became of a reply: sent, failed, held, unknown; who waits follows from it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.channels.contract import ChannelError, Receipt
from crm.conversations.conversation import Conversation, Status
from crm.conversations.message import Message
from crm.conversations.placing import put_in_place
from crm.conversations.reference import Reference, message_key
from crm.history.record import record
from crm.outgoing.reply import Reply, State


def settle_sent(session: Session, reply: Reply, receipt: Receipt) -> None:
    """The other side has it. Settling twice changes nothing."""
    if reply.state == State.SENT:
        return
    message = session.get_one(Message, reply.message_id)
    reply.state, reply.error, reply.error_words, reply.remedy = State.SENT, "", "", ""
    reply.receipt = {
        "at": receipt.at.isoformat(),
        "remote_id": receipt.remote_id,
        "words": receipt.words,
    }
    if receipt.remote_id and message.remote_id is None:
        message.remote_id = receipt.remote_id
    message.permalink = receipt.permalink or message.permalink
    record(
        session,
        "reply.sent",
        ("message", message.id),
        by=message.agent_id,
        conversation_id=message.conversation_id,
        words=receipt.words,
    )


def settle_failed(session: Session, reply: Reply, error: ChannelError) -> None:
    """It did not arrive: the agent is told in the thread, and the customer waits again."""
    reply.state = State.FAILED
    reply.error, reply.error_words, reply.remedy = error.summary, error.words, error.remedy
    message = session.get_one(Message, reply.message_id)
    give_waiting_back(session, reply)
    record(
        session,
        "reply.failed",
        ("message", message.id),
        by=message.agent_id,
        conversation_id=message.conversation_id,
        error=error.summary,
        words=error.words,
    )


def settle_unknown(session: Session, reply: Reply) -> None:
    """It may have gone; only a person can tell."""
    reply.state = State.UNKNOWN
    message = session.get_one(Message, reply.message_id)
    record(
        session,
        "reply.unknown",
        ("message", message.id),
        by=message.agent_id,
        conversation_id=message.conversation_id,
    )


def give_waiting_back(session: Session, reply: Reply) -> None:
    """The customer waits since when they waited before this reply; a closed conversation opens."""
    message = session.get_one(Message, reply.message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    if reply.waiting_before is None or conversation.status in (Status.SPAM, Status.BIN):
        return
    earliest = min(reply.waiting_before, conversation.waiting_since or reply.waiting_before)
    conversation.waiting_since = earliest
    if conversation.status == Status.CLOSED:
        conversation.status, conversation.closed_at = Status.OPEN, None
    put_in_place(session, conversation)


def reply_of_id(session: Session, message_id: str) -> Reply | None:
    """The reply of ours that bears this Message-ID."""
    return session.scalar(select(Reply).where(Reply.key == message_key(message_id)))


def bear(session: Session, conversation_id: int, message: Message, key: str) -> None:
    """Let the conversation be found by a reply's own id."""
    session.add(
        Reference(value=message_key(key), conversation_id=conversation_id, message_id=message.id)
    )
