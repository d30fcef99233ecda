"""The thread: every message of a conversation in one time line, whichever way it came or went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.contacts.identity import Identity
from crm.conversations.attachment import Attachment
from crm.conversations.conversation import Conversation, Status
from crm.conversations.message import Message
from crm.history.event import Event
from crm.staff.agent import Agent

SHOWN_EVENTS = (
    "conversation.assigned",
    "conversation.closed",
    "conversation.reopened",
    "conversation.pending",
    "conversation.snoozed",
    "conversation.woken",
    "conversation.spam",
    "conversation.bin",
    "conversation.tagged",
    "conversation.untagged",
    "conversation.joined",
    "conversation.followed",
    "conversation.looping",
    "reply.held",
    "reply.cancelled",
    "reply.failed",
    "message.edited",
    "message.deleted",
)


@dataclass(frozen=True, slots=True)
class MessageItem:
    """A message with what the page shows of it. `pages` are pictures of a letter's pages.

    `identity` is the address it came through, `in_spam` whether its conversation lies in spam.
    """

    message: Message
    author: str
    agent_name: str
    family: str
    channel_name: str
    address: str
    identity: Identity | None = None
    in_spam: bool = False
    attachments: list[Attachment] = field(default_factory=list)
    pages: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EventItem:
    """Something that was done, as a thin line."""

    at: datetime
    kind: str
    agent_name: str
    data: Mapping[str, Any]


Item = MessageItem | EventItem


@dataclass(frozen=True, slots=True)
class Thread:
    conversation: Conversation
    items: list[Item]

    @property
    def messages(self) -> list[MessageItem]:
        return [item for item in self.items if isinstance(item, MessageItem)]


def thread(session: Session, conversation_id: int) -> Thread:
    """Everything of a conversation in order; the number of queries does not grow with it.

    Raises LookupError when there is no such conversation.
    """
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise LookupError(f"there is no conversation {conversation_id}")
    items: list[Item] = [*_messages(session, conversation)]
    items += _events(session, conversation_id)
    items.sort(key=_when)
    return Thread(conversation, items)


def _when(item: Item) -> tuple[datetime, int]:
    if isinstance(item, MessageItem):
        return item.message.at, item.message.moment
    return item.at, 0


def _messages(session: Session, conversation: Conversation) -> list[MessageItem]:
    files: dict[int, list[Attachment]] = defaultdict(list)
    for attachment in session.scalars(
        select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .where(Message.conversation_id == conversation.id)
        .order_by(Attachment.message_id, Attachment.position)
    ):
        files[attachment.message_id].append(attachment)
    rows = session.execute(
        select(Message, Identity, Agent.name, Channel.name, Channel.family)
        .outerjoin(Identity, Identity.id == Message.identity_id)
        .outerjoin(Agent, Agent.id == Message.agent_id)
        .outerjoin(Channel, Channel.id == Message.channel_id)
        .where(Message.conversation_id == conversation.id, Message.copy_of_id.is_(None))
        .order_by(Message.moment)
    )
    return [
        MessageItem(
            message=message,
            author=agent or message.sender_name or (identity.shown if identity else ""),
            agent_name=agent or "",
            family=family or "",
            channel_name=channel or "",
            address=identity.shown if identity else "",
            identity=identity,
            in_spam=conversation.status == Status.SPAM,
            attachments=[file for file in files[message.id] if file.use != "page"],
            pages=[file for file in files[message.id] if file.use == "page"],
        )
        for message, identity, agent, channel, family in rows
    ]


def _events(session: Session, conversation_id: int) -> list[EventItem]:
    rows = session.execute(
        select(Event, Agent.name)
        .outerjoin(Agent, Agent.id == Event.agent_id)
        .where(Event.conversation_id == conversation_id, Event.kind.in_(SHOWN_EVENTS))
        .order_by(Event.id)
    )
    return [EventItem(event.at, event.kind, name or "", event.data) for event, name in rows]
