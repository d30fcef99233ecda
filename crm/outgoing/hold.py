"""Holding: a reply that something new has overtaken is the draft again, marked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import Sort
from crm.conversations.conversation import Conversation
from crm.conversations.drafting import Draft, save
from crm.conversations.message import Message
from crm.history.record import record
from crm.outgoing.reply import Reply, State
from crm.outgoing.settling import give_waiting_back


def newer_than(
    session: Session, conversation_id: int, seen_message_id: int | None
) -> list[Message]:
    """What anybody wrote into the conversation since the message the agent saw last.

    Automatic mail and what was taken back do not count.
    """
    if seen_message_id is None:
        return []
    seen = select(Message.moment).where(Message.id == seen_message_id).scalar_subquery()
    cancelled = select(Reply.message_id).where(
        Reply.state.in_((State.CANCELLED, State.HELD)), Reply.message_id == Message.id
    )
    return list(
        session.scalars(
            select(Message)
            .where(
                Message.conversation_id == conversation_id,
                Message.moment > seen,
                Message.id != seen_message_id,
                Message.sort == Sort.CUSTOMER,
                ~cancelled.exists(),
            )
            .order_by(Message.moment)
        )
    )


def is_overtaken(session: Session, reply: Reply) -> bool:
    """Whether somebody outside wrote after what the reply's writer had seen."""
    if reply.regardless:
        return False
    newest = session.scalar(
        select(Conversation.last_incoming_id)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Message.id == reply.message_id)
    )
    return newest is not None and newest > (reply.seen_incoming_id or 0)


def hold(session: Session, reply: Reply) -> None:
    """Stop a waiting reply: its text is the writer's draft again, the customer waits again."""
    message = session.get_one(Message, reply.message_id)
    reply.state = State.HELD
    back_to_draft(session, message, reply, held=True)
    give_waiting_back(session, reply)
    record(
        session,
        "reply.held",
        ("message", message.id),
        conversation_id=message.conversation_id,
        agent=message.agent_id,
    )


def back_to_draft(session: Session, message: Message, reply: Reply, *, held: bool) -> Draft | None:
    """The reply's text as its writer's draft, before whatever they have begun since."""
    if message.agent_id is None:
        return None
    begun = session.get(Draft, (message.conversation_id, message.agent_id, "reply"))
    rest = f"\n\n{begun.body}" if begun is not None and begun.body.strip() else ""
    draft = save(
        session,
        message.conversation_id,
        message.agent_id,
        "reply",
        message.text + rest,
        channel_id=reply.channel_id,
        to_identity_id=reply.to_identity_id,
        seen_incoming_id=reply.seen_incoming_id,
    )
    if draft is not None:
        draft.held_at = now() if held else None
        draft.seen_incoming_id = reply.seen_incoming_id
    return draft
