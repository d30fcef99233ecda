"""The tray: the lists that agents work from, and the counts beside them.

A count is its list's own clause, capped, so that it can neither drift nor be slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_, union_all
from sqlalchemy import Row as Record
from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.contacts.card import Card
from crm.contacts.view import names
from crm.conversations.attachment import Attachment
from crm.conversations.conversation import Conversation, Place
from crm.conversations.drafting import Draft
from crm.conversations.message import Message
from crm.conversations.tagging import ConversationTag, Tag, tags_of
from crm.staff.agent import Agent

PAGE = 50
CAP = 1000


class View(StrEnum):
    MINE = "mine"
    UNASSIGNED = "unassigned"
    OPEN = "open"
    PENDING = "pending"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    SPAM = "spam"


_PLACES = {
    View.MINE: (Place.WAITING, Place.ANSWERED),
    View.UNASSIGNED: (Place.WAITING, Place.ANSWERED),
    View.OPEN: (Place.WAITING, Place.ANSWERED),
    View.PENDING: (Place.PENDING, Place.PENDING),
    View.SNOOZED: (Place.SNOOZED, Place.SNOOZED),
    View.CLOSED: (Place.CLOSED, Place.CLOSED),
    View.SPAM: (Place.OUTSIDE, Place.OUTSIDE),
}
"""The first and last place of each view: a range, so that its index is read in order."""

_NEWEST_FIRST = (View.CLOSED, View.SPAM)


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation as a list shows it."""

    id: int
    subject: str
    status: str
    contact_id: int
    contact_name: str
    family: str
    message_count: int
    waiting_since: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    last_message_at: datetime
    preview: str
    assignee_id: int | None
    assignee_name: str
    place: int
    order_at: datetime
    tags: tuple[str, ...] = ()
    draft: bool = False
    files: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the next page begins ("" at the end)."""

    rows: list[Row]
    next: str


def page(session: Session, view: View, agent_id: int, *, after: str = "", tag: str = "") -> Page:
    """Up to 50 rows of a view; `after` is the `next` of the page before."""
    statement = _rows().where(clause(view, agent_id))
    if tag:
        statement = statement.where(
            Conversation.id.in_(
                select(ConversationTag.conversation_id)
                .join(Tag, Tag.id == ConversationTag.tag_id)
                .where(Tag.name == tag)
            )
        )
    keys = (Conversation.place, Conversation.order_at, Conversation.id)
    newest_first = view in _NEWEST_FIRST
    if after:
        place, order_at, number = _cursor(after)
        seen = tuple_(
            literal(place), literal(order_at, Conversation.order_at.type), literal(number)
        )
        statement = statement.where(tuple_(*keys) < seen if newest_first else tuple_(*keys) > seen)
    order = [key.desc() for key in keys] if newest_first else list(keys)
    found = session.execute(statement.order_by(*order).limit(PAGE + 1)).all()
    rows = [_row(record) for record in found[:PAGE]]
    last = rows[-1] if len(found) > PAGE else None
    return Page(
        _complete(session, rows, agent_id),
        f"{last.place}_{last.order_at.isoformat()}_{last.id}" if last else "",
    )


def clause(view: View, agent_id: int) -> ColumnElement[bool]:
    """What belongs to a view; list and count both stand on this."""
    first, last = _PLACES[view]
    parts: list[ColumnElement[bool]] = [Conversation.place.between(first, last)]
    if view is View.MINE:
        parts.append(Conversation.assignee_id == agent_id)
    elif view is View.UNASSIGNED:
        parts.append(Conversation.assignee_id.is_(None))
    return and_(*parts)


def counts(session: Session, agent_id: int) -> dict[View, int]:
    """How many rows each view has, at most 1000, in one statement."""
    parts = []
    for view in View:
        rows = select(Conversation.id).where(clause(view, agent_id)).limit(CAP).subquery()
        parts.append(select(literal(view.value), func.count()).select_from(rows))
    return {View(name): count for name, count in session.execute(union_all(*parts))}


def rows_of(session: Session, conversations: Sequence[int], agent_id: int = 0) -> list[Row]:
    """The rows of these conversations, in this order; unknown ones are left out."""
    found = session.execute(_rows().where(Conversation.id.in_(conversations))).all()
    by_id = {record[0].id: _row(record) for record in found}
    rows = [by_id[number] for number in conversations if number in by_id]
    return _complete(session, rows, agent_id)


def of_contact(session: Session, contact_id: int, limit: int = 50) -> list[Row]:
    """The conversations of a contact's cards, newest first."""
    found = session.execute(
        _rows()
        .where(Card.contact_id == contact_id)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(limit)
    ).all()
    return _complete(session, [_row(record) for record in found], 0)


def next_after(session: Session, view: View, agent_id: int, conversation_id: int) -> int | None:
    """The conversation that follows in the view, else the first one of it."""
    here = session.get(Conversation, conversation_id)
    keys = (Conversation.place, Conversation.order_at, Conversation.id)
    newest_first = view in _NEWEST_FIRST
    order = [key.desc() for key in keys] if newest_first else list(keys)
    statement = (
        select(Conversation.id)
        .where(clause(view, agent_id), Conversation.id != conversation_id)
        .order_by(*order)
        .limit(1)
    )
    if here is not None:
        seen = tuple_(
            literal(here.place),
            literal(here.order_at, Conversation.order_at.type),
            literal(here.id),
        )
        beyond = tuple_(*keys) < seen if newest_first else tuple_(*keys) > seen
        following = session.scalar(statement.where(beyond))
        if following is not None:
            return following
    return session.scalar(statement)


def _rows() -> Select[Conversation, int, str, str]:
    return (
        select(Conversation, Card.contact_id, Channel.family, Agent.name)
        .join(Card, Card.id == Conversation.card_id)
        .outerjoin(Channel, Channel.id == Conversation.last_channel_id)
        .outerjoin(Agent, Agent.id == Conversation.assignee_id)
    )


def _row(record: Record[Conversation, int, str, str]) -> Row:
    conversation, contact_id, family, assignee = record
    return Row(
        id=conversation.id,
        subject=conversation.subject,
        status=conversation.status,
        contact_id=contact_id,
        contact_name="",
        family=family or "",
        message_count=conversation.message_count,
        waiting_since=conversation.waiting_since,
        snoozed_until=conversation.snoozed_until,
        closed_at=conversation.closed_at,
        last_message_at=conversation.last_message_at,
        preview=conversation.preview,
        assignee_id=conversation.assignee_id,
        assignee_name=assignee or "",
        place=conversation.place,
        order_at=conversation.order_at,
    )


def _complete(session: Session, rows: list[Row], agent_id: int) -> list[Row]:
    """Names, tags, drafts and clips of all rows, one query each."""
    if not rows:
        return rows
    numbers = [row.id for row in rows]
    named = names(session, list({row.contact_id for row in rows}))
    tags = tags_of(session, numbers)
    drafts = set(
        session.scalars(
            select(Draft.conversation_id).where(
                Draft.conversation_id.in_(numbers), Draft.agent_id == agent_id
            )
        )
    )
    clips = set(
        session.scalars(
            select(Message.conversation_id)
            .join(Attachment, Attachment.message_id == Message.id)
            .where(Message.conversation_id.in_(numbers), Attachment.use == "attached")
            .where(or_(Message.raw_sha256 == "", Attachment.sha256 != Message.raw_sha256))
            .distinct()
        )
    )
    return [
        replace(
            row,
            contact_name=named.get(row.contact_id, ""),
            tags=tuple(tags[row.id]),
            draft=row.id in drafts,
            files=row.id in clips,
        )
        for row in rows
    ]


def _cursor(text: str) -> tuple[int, datetime, int]:
    """Raises ValueError for a cursor that no page gave."""
    place, order_at, number = text.split("_")
    return int(place), datetime.fromisoformat(order_at), int(number)
