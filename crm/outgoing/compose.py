"""Composing: a queued reply as the connector is given it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.channels.contract import (
    File,
    FileUse,
    Limits,
    Outgoing,
    Recipient,
    Visibility,
)
from crm.contacts.fact import Fact
from crm.contacts.identity import Identity
from crm.conversations.attachment import Attachment
from crm.conversations.blob import path_of
from crm.conversations.message import Message
from crm.conversations.reference import Seal
from crm.desk import Desk
from crm.outgoing.history import history_of
from crm.outgoing.recipients import from_rows, key
from crm.outgoing.reply import Reply
from crm.outgoing.writing import alone
from crm.staff.agent import Agent


def compose(session: Session, desk: Desk, reply: Reply, limits: Limits) -> Outgoing:
    """Everything a connector needs to send this reply."""
    message = session.get_one(Message, reply.message_id)
    identity = session.get_one(Identity, reply.to_identity_id)
    agent = session.get(Agent, message.agent_id) if message.agent_id else None
    answered = session.get(Message, reply.answers_id) if reply.answers_id else None
    seal, sender = Seal(desk.secret), _sender(reply, limits)
    forwards = reply.forwards_id is not None
    facts = {} if forwards else _facts(session, identity.card_id)
    recipients = _recipients(session, message, identity)
    return Outgoing(
        key=reply.key,
        at=message.at,
        recipients=recipients,
        subject=message.subject,
        text=message.text,
        sender_name=agent.name if agent else "",
        reference=seal.reference(message.conversation_id),
        language=facts.get("language") or desk.language,
        reply_to=seal.reply_address(sender, message.conversation_id, reply.channel_id)
        if sender
        else "",
        thread=message.remote_thread,
        answers=_id_of(answered),
        mentions=() if forwards else tuple(_mentions(session, message, answered)),
        visibility=Visibility(message.visibility),
        files=tuple(_files(session, desk, message)),
        facts=facts,
        signature=message.signature,
        history=() if forwards else history_of(session, message, recipients, reply.answers_id),
        sender=sender,
        forwards=forwards,
    )


def _recipients(session: Session, message: Message, identity: Identity) -> tuple[Recipient, ...]:
    """Everybody it goes to, as it was queued; where a handle is known stands with its identity."""
    queued = from_rows(message.recipients) or alone(session, identity)
    return tuple(
        replace(one, address=replace(one.address, scope=identity.scope))
        if (one.address.kind, one.address.value) == (identity.kind, identity.shown)
        else one
        for one in queued
    )


def _sender(reply: Reply, limits: Limits) -> str:
    """The address of ours it was to leave from, while the channel has it; else the first."""
    ours = {key(address): address for address in limits.addresses}
    return ours.get(key(reply.from_address), limits.address)


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
    """Its files; a picture that the text shows stands in the text."""
    rows = session.scalars(
        select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.position)
    )
    return [
        File(
            row.name,
            row.type,
            path_of(desk.blobs, row.sha256).read_bytes(),
            FileUse.INLINE if is_shown(message.text, row.name, row.type) else FileUse(row.use),
            row.cid,
        )
        for row in rows
    ]


def _facts(session: Session, card_id: int) -> dict[str, str]:
    rows = session.execute(
        select(Fact.field, Fact.value).where(Fact.card_id == card_id).order_by(Fact.last_seen)
    )
    return {row.field: row.value for row in rows}


def is_shown(text: str, name: str, kind: str) -> bool:
    """Whether the text says where this picture stands: "[image: NAME]"."""
    return bool(name) and kind.startswith("image/") and f"[image: {name}]" in text
