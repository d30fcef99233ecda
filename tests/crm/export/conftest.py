"""A small office: people, conversations, messages."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from crm.channels.channel import declare
from crm.channels.contract import Address, IdentityKind, Person
from crm.contacts.merge import merge
from crm.contacts.resolve import Seen, resolve
from crm.conversations.conversation import Conversation, Status
from crm.conversations.message import Message, moment_of
from crm.outgoing.reply import Reply

START = datetime(2026, 7, 1, 8, 30, 15, tzinfo=UTC)


class Office:
    """`hours` are counted from the morning of 1 July 2026, 10:30:15 in Berlin."""

    def __init__(self, desk):
        self.desk, self.moments = desk, count(moment_of(START))

    def person(self, name, address="", kind=IdentityKind.EMAIL, scope="", hours=0, **facts):
        reached = Address(kind, address, scope) if address else None
        seen = Seen(Person(name=name, address=reached, facts=facts), START + timedelta(hours=hours))
        with self.desk.writing() as session:
            found = resolve(session, [seen], source="imap", channel_id=None, country="DE")
            return found[0].card_id

    def join(self, one, other):
        with self.desk.writing() as session:
            merge(session, one, other, by=None)

    def conversation(self, card, status=Status.OPEN, closed_hours=None, **columns):
        closed = START + timedelta(hours=closed_hours) if closed_hours is not None else None
        with self.desk.writing() as session:
            row = Conversation(
                card_id=card, status=status, closed_at=closed, last_message_at=START,
                created_at=START, **columns,
            )  # fmt: skip
            row.arrange()
            session.add(row)
            session.flush()
            return row.id

    def message(self, conversation, direction="incoming", channel="support", hours=0, state=None):
        at = START + timedelta(hours=hours)
        with self.desk.writing() as session:
            family = "post" if channel == "letters" else "email"
            number = declare(session, channel, "imap", family).id
            row = Message(
                moment=next(self.moments), conversation_id=conversation, channel_id=number,
                direction=direction, at=at, stored_at=at, flags={}, recipients=[], letter=[],
            )  # fmt: skip
            session.add(row)
            session.flush()
            if state:
                self.reply(session, row, number, state)

    def reply(self, session, message, channel, state):
        card = session.get_one(Conversation, message.conversation_id).card_id
        identity = session.connection().exec_driver_sql(
            f"SELECT id FROM identity WHERE card_id = {card}"
        )
        reply = Reply(message_id=message.id, channel_id=channel, state=state, due_at=message.at)
        reply.to_identity_id, reply.key = identity.scalar_one(), f"key-{message.id}"
        session.add(reply)


@pytest.fixture
def office(desk):
    return Office(desk)
