"""Holding: a reply that something new has overtaken is the draft again, marked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.contract import Sort
from crm.conversations.attachment import Attachment
from crm.conversations.conversation import Conversation
from crm.conversations.drafting import Draft, Kept, enclose, save
from crm.conversations.message import Message
from crm.conversations.placing import take_back
from crm.history.record import record
from crm.outgoing.reply import Reply, State
from crm.outgoing.settling import give_waiting_back, take_reply
from crm.search.written import forget_written


def newer_than(
    session: Session, conversation_id: int, seen_message_id: int | None
) -> list[Message]:
    """What anybody wrote into the conversation since the message the agent saw last.

    Later is what was stored later: mail may come in long after it was sent. Automatic mail,
    copies and what was taken back do not count.
    """
    if seen_message_id is None:
        return []
    return list(
        session.scalars(
            select(Message)
            .where(
                Message.conversation_id == conversation_id,
                Message.id > seen_message_id,
                Message.sort == Sort.CUSTOMER,
                Message.copy_of_id.is_(None),
                Message.stopped_at.is_(None),
            )
            .order_by(Message.moment)
        )
    )


def is_overtaken(reply: Reply, conversation: Conversation) -> bool:
    """Whether somebody outside wrote after what the reply's writer had seen."""
    newest = conversation.last_incoming_id
    return not reply.regardless and newest is not None and newest > (reply.seen_incoming_id or 0)


def hold(session: Session, reply: Reply) -> None:
    """Stop a waiting reply: its text is the writer's draft again, the customer waits again."""
    message = stop(session, reply, State.HELD)
    record(
        session,
        "reply.held",
        ("message", message.id),
        conversation_id=message.conversation_id,
        agent=message.agent_id,
    )


def stop(session: Session, reply: Reply, state: State) -> Message:
    """A reply that will not go is the draft again, and everything as it was before it."""
    message, conversation = take_reply(session, reply)
    reply.state = state
    if message.agent_id is not None:
        draft_again(session, message, reply, message.agent_id)
    take_back(session, conversation, message)
    forget_written(session, message)
    give_waiting_back(session, reply, conversation)
    return message


def draft_again(session: Session, message: Message, reply: Reply, agent_id: int) -> None:
    """The reply's text, files and recipients as an agent's draft, before what they began since."""
    kind = "reply" if reply.forwards_id is None else "forward"
    begun = session.get(Draft, (message.conversation_id, agent_id, kind))
    rest = f"\n\n{begun.body}" if begun is not None and begun.body.strip() else ""
    draft = save(
        session,
        message.conversation_id,
        agent_id,
        kind,
        message.text + rest,
        channel_id=reply.channel_id,
        to_identity_id=reply.to_identity_id,
        recipients=list(message.recipients),
        from_address=reply.from_address,
        forwards_id=reply.forwards_id,
    )
    if draft is not None:
        draft.held_at = now() if reply.state == State.HELD else None
        draft.seen_message_id = message.id
        enclose(session, draft, _files(session, message))


def _files(session: Session, message: Message) -> list[Kept]:
    rows = session.scalars(
        select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.position)
    )
    return [Kept(row.sha256, row.name, row.type, row.size) for row in rows]
