"""The ways out: by which channel and to which address a conversation can be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from crm.channels.channel import Channel
from crm.channels.contract import Family, IdentityKind, Sort
from crm.contacts.card import Card
from crm.contacts.identity import Identity
from crm.conversations.conversation import Conversation
from crm.conversations.message import Direction, Message
from crm.conversations.participant import FORWARDED_TO, NEWCOMER, Participant
from crm.outgoing.reply import Reply


@dataclass(frozen=True, slots=True)
class WayOut:
    """`answers_id` is the message that is answered, None for a way not yet used here.

    `name` and `shown` are whom it leads to, `went_to` to whom the message answered went
    (Message.recipients).
    """

    channel_id: int
    channel_name: str
    family: str
    identity_id: int
    shown: str
    answers_id: int | None
    visibility: str
    name: str = ""
    went_to: Sequence[Mapping[str, Any]] = ()


def ways_out(session: Session, conversation_id: int, to: int | None = None) -> list[WayOut]:
    """How the contact can be answered: the last message's way first, then the others.

    A way that was used in the conversation goes back to the address last used there by a person,
    or to the one named for answers, never to where a bounce came from, and to whom a message was
    passed on only where the identity `to` says so. A mailbox or letter channel is also offered for
    the contact's own verified address or known street. A paused channel is no way.
    Who came in by naming a mail alone is answered only where `to` says so, or after it was done once.
    """
    used = _used(session, conversation_id, to)
    return used + _possible(session, conversation_id, {way.channel_id for way in used})


def _used(session: Session, conversation_id: int, to: int | None) -> list[WayOut]:
    ways: dict[int, WayOut] = {}
    for message, channel, identity, name in session.execute(_answerable(conversation_id, to)):
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
                name,
                message.recipients,
            ),
        )
    return list(ways.values())


def _answerable(conversation_id: int, to: int | None) -> Select[Message, Channel, Identity, str]:
    """The messages that an answer can go to, the first choice first, with where it would go."""
    goes_to = func.coalesce(Message.answer_to_id, Message.identity_id)
    brought_in = select(Participant.identity_id).where(
        Participant.conversation_id == conversation_id, Participant.role == FORWARDED_TO
    )
    return (
        select(Message, Channel, Identity, Card.name)
        .join(Channel, Channel.id == Message.channel_id)
        .join(Identity, Identity.id == goes_to)
        .join(Card, Card.id == Identity.card_id)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.INCOMING,
            Message.withheld_at.is_(None),
            Message.copy_of_id.is_(None),
            Message.sort != Sort.BOUNCE,
            Channel.paused_at.is_(None),
            or_(
                goes_to == to,
                func.coalesce(Message.identity_id, 0).not_in(brought_in),
                Card.contact_id == _contact_of(conversation_id),
            ),
        )
        .order_by(
            case((goes_to == to, 0), else_=1),
            case((Message.sort == Sort.CUSTOMER, 0), else_=1),
            case((_is_stranger(conversation_id, goes_to), 1), else_=0),
            Message.moment.desc(),
        )
        .limit(200)
    )


def _is_stranger(conversation_id: int, goes_to: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether they came in by naming a mail alone, and nobody of ours has answered them since."""
    came_in = select(Participant.identity_id).where(
        Participant.conversation_id == conversation_id, Participant.role == NEWCOMER
    )
    answered = (
        select(Reply.to_identity_id)
        .join(Sent, Sent.id == Reply.message_id)
        .where(Sent.conversation_id == conversation_id, Sent.stopped_at.is_(None))
    )
    return and_(
        func.coalesce(Message.identity_id, 0).in_(came_in),
        goes_to.not_in(answered),
        Card.contact_id != _contact_of(conversation_id),
    )


Sent = aliased(Message)
_REACHES = {Family.EMAIL: IdentityKind.EMAIL, Family.POST: IdentityKind.POSTAL}


def _possible(session: Session, conversation_id: int, used: set[int]) -> list[WayOut]:
    identities = session.execute(
        select(Identity, Card.name)
        .join(Card, Card.id == Identity.card_id)
        .where(Card.contact_id == _contact_of(conversation_id), Identity.verified.is_(True))
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
        found = next((row for row in identities if row[0].kind == reached), None)
        if found is not None and channel.id not in used:
            identity, name = found
            ways.append(
                WayOut(
                    channel.id,
                    channel.name,
                    channel.family,
                    identity.id,
                    identity.shown,
                    None,
                    "private",
                    name,
                )
            )
    return ways


def _contact_of(conversation_id: int) -> ScalarSelect[int]:
    return (
        select(Card.contact_id)
        .join(Conversation, Conversation.card_id == Card.id)
        .where(Conversation.id == conversation_id)
        .correlate(None)
        .scalar_subquery()
    )
