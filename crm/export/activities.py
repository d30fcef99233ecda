"""Activities for the CRM: one row for each conversation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.contacts.card import Card
from crm.contacts.view import names
from crm.conversations.conversation import Conversation, Place
from crm.conversations.message import Direction, Message
from crm.conversations.tagging import tags_of
from crm.export.snapshot import CHUNK, several, stand_still, written
from crm.outgoing.reply import Reply, State
from crm.staff.agent import Agent

HEADER = (
    "id", "reference", "contact_id", "contact", "channels", "opened", "first_answer", "closed",
    "status", "subject", "tags", "agent", "messages",
)  # fmt: skip


def rows(session: Session, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    """All conversations by id but those in spam and bin, as HEADER says; read in chunks."""
    stand_still(session)
    last = 0
    while chunk := _after(session, last):
        numbers = [conversation.id for conversation, _, _ in chunk]
        last = numbers[-1]
        called = names(session, (contact for _, contact, _ in chunk))
        channels, answers = _channels(session, numbers), _first_answers(session, numbers)
        tags = tags_of(session, numbers)
        for conversation, contact, agent in chunk:
            number = conversation.id
            yield (
                str(number),
                f"PK-{number}",
                str(contact),
                called[contact],
                several(channels[number]),
                written(conversation.created_at, zone),
                written(answers.get(number), zone),
                written(conversation.closed_at, zone),
                conversation.status,
                conversation.subject,
                several(tags[number]),
                agent or "",
                str(conversation.message_count),
            )


def _after(session: Session, last: int) -> Sequence[tuple[Conversation, int, str | None]]:
    found = session.execute(
        select(Conversation, Card.contact_id, Agent.name)
        .join(Card, Card.id == Conversation.card_id)
        .outerjoin(Agent, Agent.id == Conversation.assignee_id)
        .where(Conversation.id > last, Conversation.place != Place.OUTSIDE)
        .order_by(Conversation.id)
        .limit(CHUNK)
    )
    return [(conversation, contact, agent) for conversation, contact, agent in found]


def _channels(session: Session, numbers: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for number, name in session.execute(
        select(Message.conversation_id, Channel.name)
        .join(Channel, Channel.id == Message.channel_id)
        .where(Message.conversation_id.in_(numbers))
        .group_by(Message.conversation_id, Channel.name)
        .order_by(func.min(Message.moment))
    ):
        found[number].append(name)
    return found


def _first_answers(session: Session, numbers: Sequence[int]) -> dict[int, datetime]:
    """When a reply first left us; one that was held, cancelled or failed is no answer, nor is
    what was passed on to somebody else."""
    answered = session.execute(
        select(Message.conversation_id, func.min(Message.at))
        .outerjoin(Reply, Reply.message_id == Message.id)
        .where(
            Message.conversation_id.in_(numbers),
            Message.direction == Direction.OUTGOING,
            Reply.forwards_id.is_(None),
            or_(Reply.state.is_(None), Reply.state.in_((State.SENT, State.UNKNOWN))),
        )
        .group_by(Message.conversation_id)
    )
    return dict(answered.all())
