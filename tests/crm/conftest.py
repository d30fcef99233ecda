"""A mailbox and the people who write to it, for tests of the customer database."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel, declare
from crm.channels.contract import Address, IdentityKind, Incoming, Person
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.desk import Desk
from crm.intake.pull import pull
from crm.outgoing.deliver import deliver
from crm.outgoing.queue import Overtaken, queue
from crm.staff.agent import Agent
from tests.servers.source import Source

_numbers = itertools.count(1)


def mail(
    sender: str | Person = "anna@example.org", name: str = "Anna Berg", **more: Any
) -> Incoming:
    """A mail that just came in, told by what is special about it."""
    number = next(_numbers)
    return Incoming(
        **{
            "remote_id": f"1:{number}",
            "at": now(),
            "sender": sender
            if isinstance(sender, Person)
            else Person(name, Address(IdentityKind.EMAIL, sender)),
            "subject": "Battery",
            "text": "The battery does not charge.",
            "message_id": f"m{number}@example.org",
            "raw": f"raw {number}".encode(),
            "raw_type": "message/rfc822",
            **more,
        }
    )


@dataclass
class Mailbox:
    """A connected channel: what comes in, what an agent answers, what leaves."""

    desk: Desk
    source: Source = field(default_factory=Source)
    channel_id: int = 0
    agent_id: int = 0
    name: str = "support"

    def __post_init__(self) -> None:
        with self.desk.writing() as session:
            channel = declare(session, self.name, "imap", "email")
            channel.connected_at = now() - timedelta(days=60)
            agent = Agent(name="Mara Feldkamp", email=f"mara.{self.name}@lindenrad.example")
            session.add(agent)
            session.flush()
            self.channel_id, self.agent_id = channel.id, agent.id

    def receives(self, *messages: Incoming, **more: Any) -> int:
        self.source.brings(*messages, **more)
        return self.pull()

    def pull(self, since: datetime | None = None) -> int:
        return pull(
            self.desk, self.channel_id, self.source, since=since or now() - timedelta(days=30)
        )

    def answers(self, conversation_id: int, text: str = "We send a new one.", **more: Any) -> Any:
        with self.desk.writing() as session:
            conversation = session.get_one(Conversation, conversation_id)
            identity = session.scalar(
                select(Message.identity_id)
                .where(Message.conversation_id == conversation_id, Message.identity_id > 0)
                .order_by(Message.moment.desc())
                .limit(1)
            )
            queued = queue(
                session,
                self.desk,
                conversation,
                text,
                by=self.agent_id,
                channel_id=self.channel_id,
                **{"to_identity_id": identity or 0, "due_at": now(), **more},
            )
            return queued if isinstance(queued, Overtaken) else queued.id

    def delivers(self) -> int:
        return deliver(self.desk, self.channel_id, self.source)

    def look(self, question: Callable[[Session], Any]) -> Any:
        with self.desk.reading() as session:
            return question(session)

    def conversations(self) -> list[Conversation]:
        return self.look(lambda s: list(s.scalars(select(Conversation).order_by(Conversation.id))))

    def messages(self) -> list[Message]:
        return self.look(lambda s: list(s.scalars(select(Message).order_by(Message.moment))))

    def channel(self) -> Channel:
        return self.look(lambda s: s.get_one(Channel, self.channel_id))


@pytest.fixture
def mailbox(desk: Desk) -> Mailbox:
    return Mailbox(desk)
