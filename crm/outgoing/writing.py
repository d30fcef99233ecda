"""Writing a reply down: the message, its files, its row in the queue, and who still waits."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import (
    Address,
    Family,
    FileUse,
    IdentityKind,
    Recipient,
    Role,
)
from crm.contacts.card import Card
from crm.contacts.identity import Identity
from crm.conversations.attachment import Attachment
from crm.conversations.closing import reopen
from crm.conversations.conversation import Conversation, Status
from crm.conversations.drafting import DraftFile
from crm.conversations.message import Direction, Message
from crm.conversations.moments import give_moments
from crm.conversations.placing import put_in_place
from crm.conversations.reference import Seal
from crm.desk import Desk
from crm.history.record import record
from crm.outgoing.recipients import to_rows
from crm.outgoing.reply import Reply, State
from crm.outgoing.settling import bear
from crm.outgoing.signature import expand, signature_of, values_for
from crm.staff.agent import Agent

FORWARDED = re.compile(r"(?:fwd?|wg|tr|rv|doorst)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a reply leaves. `recipients` are all of them; `due_at` None is after the undo window.

    answers_id     the message it answers; `forwards_id` the one it passes on instead
    from_address   which address of ours it leaves from; "" for the channel's first
    """

    channel_id: int
    to_identity_id: int
    recipients: tuple[Recipient, ...] = ()
    answers_id: int | None = None
    forwards_id: int | None = None
    from_address: str = ""
    regardless: bool = False
    due_at: datetime | None = None

    @property
    def kind(self) -> str:
        """Which draft it comes from."""
        return "reply" if self.forwards_id is None else "forward"


def alone(session: Session, identity: Identity) -> tuple[Recipient, ...]:
    """The one behind an identity, as the only recipient."""
    card = session.get_one(Card, identity.card_id)
    address = Address(IdentityKind(identity.kind), identity.shown, identity.scope)
    return (Recipient(address, card.name),)


def write_reply(
    session: Session,
    desk: Desk,
    conversation: Conversation,
    text: str,
    files: Sequence[DraftFile],
    leaving: Leaving,
    by: int,
) -> Message:
    """Store it as a message of its conversation and put it into the queue."""
    message = _message(session, desk, conversation, text, leaving, by)
    _attach(session, message, files)
    _make_due(session, desk, conversation, message, leaving)
    _count(session, conversation, message, leaving, by)
    return message


def _message(
    session: Session,
    desk: Desk,
    conversation: Conversation,
    text: str,
    leaving: Leaving,
    by: int,
) -> Message:
    about_id = leaving.answers_id or leaving.forwards_id
    about = session.get(Message, about_id) if about_id is not None else None
    answered = about if leaving.forwards_id is None else None
    subject = about.subject if about else conversation.subject
    at = now()
    message = Message(
        moment=give_moments(session, [at])[0],
        conversation_id=conversation.id,
        channel_id=leaving.channel_id,
        direction=Direction.OUTGOING,
        role=Role.US,
        agent_id=by,
        at=at,
        stored_at=at,
        visibility=answered.visibility if answered else "private",
        remote_thread=answered.remote_thread if answered else "",
        flags={} if leaving.forwards_id is None else {"forwards": leaving.forwards_id},
        letter=[],
        recipients=to_rows(leaving.recipients),
        subject=_answering(subject) if leaving.forwards_id is None else _passing_on(subject),
        text=text,
        signature=_signature(session, desk, conversation, leaving, by),
    )
    session.add(message)
    session.flush()
    return message


def _answering(subject: str) -> str:
    return subject if subject[:3].casefold() in ("re:", "aw:") else f"Re: {subject}".strip()


def _passing_on(subject: str) -> str:
    return subject if FORWARDED.match(subject) else f"Fwd: {subject}".strip()


def _signature(
    session: Session, desk: Desk, conversation: Conversation, leaving: Leaving, by: int
) -> str:
    """What stands below a mail; letters close in their own way, posts are not signed."""
    if session.get_one(Channel, leaving.channel_id).family != Family.EMAIL:
        return ""
    agent = session.get_one(Agent, by)
    customer = session.get_one(Card, session.get_one(Identity, leaving.to_identity_id).card_id)
    values = values_for(
        agent.name,
        desk.company,
        reference=Seal(desk.secret).reference(conversation.id),
        customer=customer.name,
    )
    return expand(signature_of(agent.signature, desk.signature), values)


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
    session: Session, desk: Desk, conversation: Conversation, message: Message, leaving: Leaving
) -> None:
    key = f"pk-{conversation.id}-{secrets.token_hex(12)}@{desk.host}"
    answers = leaving.forwards_id is None
    session.add(
        Reply(
            message_id=message.id,
            channel_id=leaving.channel_id,
            to_identity_id=leaving.to_identity_id,
            answers_id=leaving.answers_id,
            forwards_id=leaving.forwards_id,
            from_address=leaving.from_address,
            key=key,
            state=State.WAITING,
            due_at=leaving.due_at or now() + timedelta(seconds=desk.undo_seconds),
            seen_incoming_id=conversation.last_incoming_id,
            regardless=leaving.regardless or not answers,
            waiting_before=conversation.waiting_since if answers else None,
        )
    )
    message.message_id = key
    bear(session, conversation.id, message, key)


def _count(
    session: Session, conversation: Conversation, message: Message, leaving: Leaving, by: int
) -> None:
    """A reply opens its conversation and ends the waiting; what is passed on answers nobody."""
    if leaving.forwards_id is None:
        if conversation.status in (Status.CLOSED, Status.SNOOZED):
            reopen(session, conversation, by=by)
        conversation.waiting_since = None
    conversation.last_message_at = message.at
    conversation.message_count += 1
    put_in_place(session, conversation)
    record(
        session,
        "reply.queued" if leaving.forwards_id is None else "message.forwarded",
        ("message", message.id),
        by=by,
        conversation_id=conversation.id,
        channel=message.channel_id,
    )
