"""Writing back what became of a reply: sent, failed, unknown; who waits follows from it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import ChannelError, Receipt
from crm.conversations.closing import reopen
from crm.conversations.conversation import Conversation, Status, take
from crm.conversations.message import Message
from crm.conversations.placing import put_in_place
from crm.conversations.reference import Reference, message_key
from crm.history.record import record
from crm.outgoing.reply import Reply, State

_STOPPED = (State.FAILED, State.HELD, State.CANCELLED)


def take_reply(session: Session, reply: Reply) -> tuple[Message, Conversation]:
    """Keep the reply and its conversation as they stand now to the end of the transaction.

    The conversation first, always: two that wait for each other would wait for ever.
    """
    message = session.get_one(Message, reply.message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    take(session, conversation)
    session.refresh(reply, with_for_update=True)
    return message, conversation


def settle_sent(session: Session, reply: Reply, receipt: Receipt, *, by: int | None = None) -> None:
    """The other side has it, or an agent says so; what is settled already stays as it is."""
    message, _ = take_reply(session, reply)
    if reply.state == State.SENT or reply.state in _STOPPED:
        return
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
        by=by or message.agent_id,
        conversation_id=message.conversation_id,
        words=receipt.words,
    )


def settle_failed(session: Session, reply: Reply, error: ChannelError) -> None:
    """It did not arrive: the agent is told in the thread, and the customer waits again."""
    message, conversation = take_reply(session, reply)
    if reply.state in _STOPPED:
        return
    reply.state, message.stopped_at = State.FAILED, now()
    reply.error, reply.error_words, reply.remedy = error.summary, error.words, error.remedy
    give_waiting_back(session, reply, conversation)
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
    """It may have gone; only a person can tell. What is settled already stays as it is."""
    message, _ = take_reply(session, reply)
    if reply.state not in (State.WAITING, State.SENDING):
        return
    reply.state = State.UNKNOWN
    record(
        session,
        "reply.unknown",
        ("message", message.id),
        by=message.agent_id,
        conversation_id=message.conversation_id,
    )


def give_waiting_back(session: Session, reply: Reply, conversation: Conversation) -> None:
    """The customer waits since when they waited before this reply; a closed conversation opens.

    Where a later reply stands, it answers them, and gives it back if it is stopped as well. What
    was only passed on answered nobody: it opens what was closed when it failed.
    """
    is_outside = conversation.status in (Status.SPAM, Status.BIN)
    if is_outside or (reply.forwards_id is not None and reply.state != State.FAILED):
        put_in_place(session, conversation)
        return
    if _is_out_of_sight(reply, conversation):
        reopen(session, conversation, by=None)
    before = reply.waiting_before
    if before is not None:
        later = _standing_after(session, reply, conversation.id)
        if later is not None:
            later.waiting_before = min(before, later.waiting_before or before)
        else:
            conversation.waiting_since = min(before, conversation.waiting_since or before)
    put_in_place(session, conversation)


def _is_out_of_sight(reply: Reply, conversation: Conversation) -> bool:
    """Whether nobody would see that the customer waits: no answer comes to what never arrived."""
    match conversation.status:
        case Status.CLOSED:
            return True
        case Status.PENDING:
            return reply.state == State.FAILED
        case Status.SNOOZED:
            return reply.state == State.FAILED and conversation.wake_on_reply
    return False


def _standing_after(session: Session, reply: Reply, conversation_id: int) -> Reply | None:
    return session.scalar(
        select(Reply)
        .join(Message, Message.id == Reply.message_id)
        .where(
            Message.conversation_id == conversation_id,
            Reply.message_id > reply.message_id,
            Reply.forwards_id.is_(None),
            Reply.state.not_in(_STOPPED),
        )
        .order_by(Reply.message_id)
        .limit(1)
    )


def bear(session: Session, conversation_id: int, message: Message, key: str) -> None:
    """Let the conversation be found by a reply's own id."""
    session.add(
        Reference(value=message_key(key), conversation_id=conversation_id, message_id=message.id)
    )
