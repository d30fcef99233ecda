"""What was written before an answer: quoted only to those who were there when it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from crm.channels.channel import Channel
from crm.channels.contract import Past, Recipient, Sort
from crm.contacts.identity import Identity
from crm.conversations.message import Direction, Message
from crm.outgoing.recipients import from_rows, key
from crm.outgoing.reply import Reply, State
from crm.staff.agent import Agent

MOST = 10
LONGEST = 20_000
"""Messages, and characters of each, that are quoted at the most."""

_LOOKED_AT = 100
_WRITTEN_BY_PEOPLE = (Sort.CUSTOMER, Sort.LIST)


@dataclass(frozen=True, slots=True)
class _Earlier:
    message: Message
    author: str
    addresses: frozenset[str]


def history_of(
    session: Session, message: Message, recipients: Sequence[Recipient], answers_id: int | None
) -> tuple[Past, ...]:
    """The message answered, then the earlier ones of this way, the nearest first.

    Only what every one of `recipients` wrote or was sent: a copy to somebody new quotes nothing
    that they have never seen. Notes, and what was taken back or never went, are quoted to nobody.
    """
    there = {key(one.address.value) for one in recipients}
    seen = [one for one in _earlier(session, message) if there <= one.addresses]
    seen.sort(key=lambda one: one.message.id != answers_id)
    return tuple(
        Past(one.message.at, one.author, one.message.text[:LONGEST]) for one in seen[:MOST]
    )


def _earlier(session: Session, message: Message) -> list[_Earlier]:
    """Messages of this family before it, the newest first, each with those who know it."""
    wanted = aliased(Identity)
    family = select(Channel.family).where(Channel.id == message.channel_id).scalar_subquery()
    rows = session.execute(
        select(Message, Identity.shown, wanted.shown, Agent.name)
        .join(Channel, Channel.id == Message.channel_id)
        .outerjoin(Identity, Identity.id == Message.identity_id)
        .outerjoin(wanted, wanted.id == Message.answer_to_id)
        .outerjoin(Agent, Agent.id == Message.agent_id)
        .outerjoin(Reply, Reply.message_id == Message.id)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.moment < message.moment,
            Message.direction != Direction.NOTE,
            Message.sort.in_(_WRITTEN_BY_PEOPLE),
            Message.withheld_at.is_(None),
            Message.stopped_at.is_(None),
            Message.copy_of_id.is_(None),
            Channel.family == family,
            or_(Reply.state.is_(None), Reply.state == State.SENT),
        )
        .order_by(Message.moment.desc())
        .limit(_LOOKED_AT)
    )
    return [
        _Earlier(
            earlier,
            agent or earlier.sender_name or shown or "",
            frozenset(key(value) for value in (shown, answer_to, *_sent_to(earlier)) if value),
        )
        for earlier, shown, answer_to, agent in rows
    ]


def _sent_to(message: Message) -> list[str]:
    return [one.address.value for one in from_rows(message.recipients)]
