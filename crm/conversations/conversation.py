"""A conversation: its table, its states, and the place it takes in the lists."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm.base import Base, primary_key
from crm.channels.channel import Channel
from crm.contacts.card import Card
from crm.staff.agent import Agent


class Status(StrEnum):
    """`spam` and `bin` stand outside all views."""

    OPEN = "open"
    PENDING = "pending"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    SPAM = "spam"
    BIN = "bin"


class Place(IntEnum):
    """The first key of every list: who waits for us comes first."""

    WAITING = 0
    ANSWERED = 1
    PENDING = 2
    SNOOZED = 3
    CLOSED = 4
    OUTSIDE = 5


class Conversation(Base):
    """It points to the card it began with; the contact is that card's.

    place, order_at     set by `arrange` alone, from the other columns
    last_incoming_id    the newest message of somebody outside; a reply written before it is held
    follows_id          the closed conversation that this one goes on from
    wake_on_reply       whether a customer's message ends the snooze
    """

    __tablename__ = "conversation"

    id: Mapped[int] = primary_key()
    card_id: Mapped[int] = mapped_column(ForeignKey(Card.id))
    subject: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10), default=Status.OPEN)
    waiting_since: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    wake_on_reply: Mapped[bool] = mapped_column(default=True)
    closed_at: Mapped[datetime | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey(Agent.id))
    place: Mapped[int] = mapped_column(SmallInteger)
    order_at: Mapped[datetime]
    last_message_at: Mapped[datetime]
    last_incoming_id: Mapped[int | None]
    last_channel_id: Mapped[int | None] = mapped_column(ForeignKey(Channel.id))
    message_count: Mapped[int] = mapped_column(default=0)
    preview: Mapped[str] = mapped_column(Text, default="")
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_conversation_place", "place", "order_at", "id"),
        Index(
            "ix_conversation_assignee",
            "assignee_id",
            "place",
            "order_at",
            "id",
            sqlite_where=text("assignee_id IS NOT NULL"),
            postgresql_where=text("assignee_id IS NOT NULL"),
        ),
        Index(
            "ix_conversation_unassigned",
            "place",
            "order_at",
            "id",
            sqlite_where=text("assignee_id IS NULL"),
            postgresql_where=text("assignee_id IS NULL"),
        ),
        Index("ix_conversation_card", "card_id", "last_message_at"),
        Index(
            "ix_conversation_follows",
            "follows_id",
            sqlite_where=text("follows_id IS NOT NULL"),
            postgresql_where=text("follows_id IS NOT NULL"),
        ),
    )

    def arrange(self) -> None:
        """Take the place in the lists that follows from status and times."""
        self.place, self.order_at = place_of(
            self.status,
            self.waiting_since,
            self.snoozed_until,
            self.closed_at,
            self.last_message_at,
        )


def take(session: Session, conversation: Conversation) -> None:
    """Read the row as it stands now and keep it to the end of the transaction.

    What changes a conversation takes it first, so that two acts at once come one after the other.
    What this transaction has changed itself is written before, else reading would undo it.
    """
    session.flush()
    session.refresh(conversation, with_for_update=True)


def place_of(
    status: str,
    waiting_since: datetime | None,
    snoozed_until: datetime | None,
    closed_at: datetime | None,
    last_message_at: datetime,
) -> tuple[Place, datetime]:
    """Where a conversation stands: who waits longest first, then the answered ones."""
    match status:
        case Status.OPEN if waiting_since is not None:
            return Place.WAITING, waiting_since
        case Status.OPEN:
            return Place.ANSWERED, last_message_at
        case Status.PENDING:
            return Place.PENDING, last_message_at
        case Status.SNOOZED:
            return Place.SNOOZED, snoozed_until or last_message_at
        case Status.CLOSED:
            return Place.CLOSED, closed_at or last_message_at
    return Place.OUTSIDE, last_message_at
