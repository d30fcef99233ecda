"""Composing: a queued reply as the connector is given it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.channels.contract import (
    Address,
    File,
    FileUse,
    IdentityKind,
    Limits,
    Outgoing,
    Recipient,
    Visibility,
)
from crm.contacts.card import Card
from crm.contacts.fact import Fact
from crm.contacts.identity import Identity
from crm.conversations.attachment import Attachment
from crm.conversations.blob import path_of
from crm.conversations.message import Message
from crm.conversations.reference import Seal
from crm.desk import Desk
from crm.outgoing.reply import Reply
from crm.staff.agent import Agent


def compose(session: Session, desk: Desk, reply: Reply, limits: Limits) -> Outgoing:
    """Everything a connector needs to send this reply."""
    message = session.get_one(Message, reply.message_id)
    identity = session.get_one(Identity, reply.to_identity_id)
    card = session.get_one(Card, identity.card_id)
    agent = session.get(Agent, message.agent_id) if message.agent_id else None
    answered = session.get(Message, reply.answers_id) if reply.answers_id else None
    seal = Seal(desk.secret)
    facts = _facts(session, card.id)
    return Outgoing(
        key=reply.key,
        at=message.at,
        recipients=(
            Recipient(
                Address(IdentityKind(identity.kind), identity.shown, identity.scope), card.name
            ),
        ),
        subject=message.subject,
        text=message.text,
        sender_name=agent.name if agent else "",
        reference=seal.reference(message.conversation_id),
        language=facts.get("language") or desk.language,
        reply_to=seal.reply_address(limits.address, message.conversation_id, reply.channel_id)
        if limits.address
        else "",
        thread=message.remote_thread,
        answers=_id_of(answered),
        mentions=tuple(_mentions(session, message, answered)),
        visibility=Visibility(message.visibility),
        files=tuple(_files(session, desk, message)),
        facts=facts,
    )


def _id_of(answered: Message | None) -> str:
    """Its Message-ID where it has one (mail), else its remote id."""
    if answered is None:
        return ""
    return answered.message_id or answered.remote_id or ""


def _mentions(session: Session, message: Message, answered: Message | None) -> Sequence[str]:
    """The Message-IDs of this channel before it, the answered one first, then nearest first."""
    rows = session.scalars(
        select(Message.message_id)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.moment < message.moment,
            Message.message_id != "",
            Message.channel_id == message.channel_id,
        )
        .order_by(Message.moment.desc())
        .limit(20)
    ).all()
    last = _id_of(answered)
    earlier = [value for value in rows if value != last]
    return [last, *earlier] if last else earlier


def _files(session: Session, desk: Desk, message: Message) -> list[File]:
    rows = session.scalars(
        select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.position)
    )
    return [
        File(
            row.name,
            row.type,
            path_of(desk.blobs, row.sha256).read_bytes(),
            FileUse(row.use),
            row.cid,
        )
        for row in rows
    ]


def _facts(session: Session, card_id: int) -> dict[str, str]:
    rows = session.execute(
        select(Fact.field, Fact.value).where(Fact.card_id == card_id).order_by(Fact.last_seen)
    )
    return {row.field: row.value for row in rows}
