"""The ways out: by which channel and to which address a conversation can be answered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.channels.contract import Family, IdentityKind, Sort
from crm.contacts.card import Card
from crm.contacts.identity import Identity
from crm.conversations.conversation import Conversation
from crm.conversations.message import Direction, Message


@dataclass(frozen=True, slots=True)
class WayOut:
    """`answers_id` is the message that is answered, None for a way not yet used here."""

    channel_id: int
    channel_name: str
    family: str
    identity_id: int
    shown: str
    answers_id: int | None
    visibility: str


def ways_out(session: Session, conversation_id: int) -> list[WayOut]:
    """How the contact can be answered: the last message's way first, then the others.

    A way that was used in the conversation goes back to the address last used there by a person,
    or to the one named for answers, never to where a bounce came from; a mailbox or letter channel is also offered for the
    contact's own verified address or known street. A paused channel is no way.
    """
    used = _used(session, conversation_id)
    return used + _possible(session, conversation_id, {way.channel_id for way in used})


def _used(session: Session, conversation_id: int) -> list[WayOut]:
    rows = session.execute(
        select(Message, Channel, Identity)
        .join(Channel, Channel.id == Message.channel_id)
        .join(Identity, Identity.id == func.coalesce(Message.answer_to_id, Message.identity_id))
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.INCOMING,
            Message.withheld_at.is_(None),
            Message.copy_of_id.is_(None),
            Message.sort != Sort.BOUNCE,
            Channel.paused_at.is_(None),
        )
        .order_by(case((Message.sort == Sort.CUSTOMER, 0), else_=1), Message.moment.desc())
        .limit(200)
    )
    ways: dict[int, WayOut] = {}
    for message, channel, identity in rows:
        ways.setdefault(
            channel.id,
            WayOut(
                channel.id,
                channel.name,
                channel.family,
                identity.id,
                identity.shown,
                message.id,
                message.visibility,
            ),
        )
    return list(ways.values())


_REACHES = {Family.EMAIL: IdentityKind.EMAIL, Family.POST: IdentityKind.POSTAL}


def _possible(session: Session, conversation_id: int, used: set[int]) -> list[WayOut]:
    contact = (
        select(Card.contact_id)
        .join(Conversation, Conversation.card_id == Card.id)
        .where(Conversation.id == conversation_id)
        .scalar_subquery()
    )
    identities = session.scalars(
        select(Identity)
        .join(Card, Card.id == Identity.card_id)
        .where(Card.contact_id == contact, Identity.verified.is_(True))
        .order_by(Identity.last_seen.desc(), Identity.id)
    ).all()
    channels = session.scalars(
        select(Channel)
        .where(
            Channel.family.in_([family.value for family in _REACHES]), Channel.paused_at.is_(None)
        )
        .order_by(Channel.id)
    ).all()
    ways = []
    for channel in channels:
        reached = _REACHES[Family(channel.family)]
        identity = next((one for one in identities if one.kind == reached), None)
        if identity is not None and channel.id not in used:
            ways.append(
                WayOut(
                    channel.id,
                    channel.name,
                    channel.family,
                    identity.id,
                    identity.shown,
                    None,
                    "private",
                )
            )
    return ways
