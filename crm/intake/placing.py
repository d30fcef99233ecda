"""Finding the conversations of a batch: all look-ups together, then one decision a message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.channels.contract import Role
from crm.contacts.card import Card
from crm.contacts.identity import Identity
from crm.contacts.resolve import Resolved, surnames_agree
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.conversations.participant import Participant
from crm.conversations.reference import Reference, Seal, message_key, topic_key
from crm.conversations.threading import (
    Candidate,
    Evidence,
    Original,
    Pointer,
    Threading,
    thread,
)
from crm.intake.prepare import Prepared
from crm.outgoing.reply import Reply

_AT_ONCE = 400
"""Values of one statement; databases bound them."""


class Finder:
    """What is known of the conversations that a batch points to; grows as the batch is placed."""

    def __init__(
        self, session: Session, channel: Channel, seal: Seal, new_after: timedelta
    ) -> None:
        self._session, self._channel, self._seal = session, channel, seal
        self._new_after = new_after
        self._candidates: dict[int, Candidate] = {}
        self._pointers: dict[str, list[Pointer]] = defaultdict(list)
        self._bearers: dict[str, list[Message]] = defaultdict(list)
        self._answered: set[str] = set()
        self._names: dict[int, list[tuple[int, str]]] = defaultdict(list)

    def look_up(self, batch: Sequence[Prepared]) -> None:
        """Read all that the batch points to, in a handful of statements; its rows are taken."""
        values = sorted({value for one in batch for value in self._values(one)})
        found: list[tuple[str, int, int | None]] = []
        for start in range(0, len(values), _AT_ONCE):
            part = values[start : start + _AT_ONCE]
            rows = self._session.execute(
                select(Reference.value, Reference.conversation_id, Reference.message_id).where(
                    Reference.value.in_(part)
                )
            )
            found += [(value, number, message) for value, number, message in rows]
            self._answered |= set(
                self._session.scalars(select(Reply.key).where(Reply.key.in_(part)))
            )
        quoted = {quoted.number for one in batch for quoted in one.quoted_ours}
        proven = {number for one in batch for number in self._proven(one)}
        self._load({number for _, number, _ in found} | quoted | proven)
        for value, number, message in found:
            pointer = Pointer(self._candidates[number], message is not None)
            self._pointers[value].append(pointer)
        self._load_bearers(batch, found)

    def decide(self, one: Prepared, sender: Resolved) -> Threading:
        """Where this message belongs."""
        incoming = one.incoming
        topic = self._pointers.get(topic_key(self._channel.id, incoming.remote_thread), [])
        mentioned = [
            self._pointers[message_key(value)]
            for value in (incoming.bounced, incoming.message_id, *incoming.mentions)
            if value and message_key(value) in self._pointers
        ]
        evidence = Evidence(
            contact=sender.contact_id,
            at=incoming.at,
            trusted=self._trusted(one),
            original=self._original(one, sender),
            proven=self._candidates.get(next(iter(self._proven(one)), 0)),
            answered=self._reply_of_ours(one),
            mentioned=mentioned,
            topic=topic[0].candidate if incoming.remote_thread and topic else None,
            quoted=[
                self._candidates[quoted.number]
                for quoted in one.quoted_ours
                if quoted.number in self._candidates and quoted.checks is not False
            ],
        )
        return thread(evidence, self._new_after)

    def learn(self, candidate: Candidate, one: Prepared, contact: int) -> None:
        """Let the rest of the batch find a conversation by the message just placed there.

        `contact` 0 is nobody: what one of us wrote makes nobody take part.
        """
        if contact:
            candidate.contacts.add(contact)
        for value, borne in borne_by(self._channel.id, one).items():
            pointers = self._pointers[value]
            if all(pointer.candidate is not candidate for pointer in pointers):
                pointers.append(Pointer(candidate, borne))

    def _values(self, one: Prepared) -> Iterable[str]:
        yield from borne_by(self._channel.id, one)
        if one.incoming.bounced:
            yield message_key(one.incoming.bounced)

    def _proven(self, one: Prepared) -> list[int]:
        found = (
            self._seal.answered(recipient.address.value, self._channel.id)
            for recipient in one.incoming.recipients
        )
        return [number for number in found if number is not None]

    def _reply_of_ours(self, one: Prepared) -> Candidate | None:
        """The conversation of the reply of ours that this message answers or bounces."""
        for value in (one.incoming.bounced, *one.incoming.mentions):
            if value and message_key(value) in self._answered:
                for pointer in self._pointers[message_key(value)]:
                    if pointer.borne:
                        return pointer.candidate
        return None

    def _original(self, one: Prepared, sender: Resolved) -> Original | None:
        """The same words of the same sender under the same Message-ID, by another channel."""
        for message in self._bearers.get(message_key(one.incoming.message_id), ()):
            if (message.subject, message.text, message.identity_id) == (
                one.subject,
                one.text,
                sender.identity_id,
            ):
                return Original(self._candidates[message.conversation_id], message.id)
        return None

    def _trusted(self, one: Prepared) -> frozenset[int]:
        """Contacts of a quoted conversation whose surname or company a letter's sender bears."""
        if not one.incoming.reference or one.incoming.role is not Role.CUSTOMER:
            return frozenset()
        person = one.incoming.sender
        names = [name for name in (person.name, person.facts.get("company", "")) if name]
        return frozenset(
            contact
            for quoted in one.quoted_ours
            for contact, known in self._names.get(quoted.number, ())
            if any(surnames_agree(known, name) for name in names)
        )

    def _load(self, numbers: set[int]) -> None:
        """Candidates for these conversations and for those that go on from them."""
        wanted = sorted(numbers - self._candidates.keys())
        if not wanted:
            return
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            for conversation in self._session.scalars(
                select(Conversation)
                .where(Conversation.id.in_(part))
                .order_by(Conversation.id)
                .with_for_update()
                .execution_options(populate_existing=True)
            ):
                self._candidates[conversation.id] = Candidate(conversation)
            self._load_contacts(part)
        self._load_followers(wanted)

    def _load_contacts(self, part: Sequence[int]) -> None:
        own = (
            select(Conversation.id, Card.contact_id, Card.name)
            .join(Card, Card.id == Conversation.card_id)
            .where(Conversation.id.in_(part))
        )
        others = (
            select(Participant.conversation_id, Card.contact_id, Card.name)
            .join(Identity, Identity.id == Participant.identity_id)
            .join(Card, Card.id == Identity.card_id)
            .where(Participant.conversation_id.in_(part))
        )
        for number, contact, name in self._session.execute(union(own, others)):
            self._candidates[number].contacts.add(contact)
            self._names[number].append((contact, name))

    def _load_followers(self, numbers: Sequence[int]) -> None:
        pairs: list[tuple[int, int]] = []
        for start in range(0, len(numbers), _AT_ONCE):
            rows = self._session.execute(
                select(Conversation.follows_id, Conversation.id)
                .where(Conversation.follows_id.in_(numbers[start : start + _AT_ONCE]))
                .order_by(Conversation.id)
            )
            pairs += [(before, number) for before, number in rows if before is not None]
        self._load({number for _, number in pairs})
        for before, number in pairs:
            self._candidates[before].follower = self._candidates[number]

    def _load_bearers(
        self, batch: Sequence[Prepared], found: Sequence[tuple[str, int, int | None]]
    ) -> None:
        """The messages of other channels that bear the Message-ID of one of this batch."""
        own = {message_key(one.incoming.message_id) for one in batch if one.incoming.message_id}
        numbers = [message for value, _, message in found if message and value in own]
        if not numbers:
            return
        for message in self._session.scalars(
            select(Message).where(
                Message.id.in_(numbers),
                Message.channel_id != self._channel.id,
                Message.identity_id.is_not(None),
            )
        ):
            self._bearers[message_key(message.message_id)].append(message)


def borne_by(channel_id: int, one: Prepared) -> dict[str, bool]:
    """The references a message brings: its own id and topic (True), those it mentions (False)."""
    incoming = one.incoming
    values = {message_key(value): False for value in incoming.mentions if value}
    for own in filter(None, (incoming.message_id, *incoming.other_ids)):
        values[message_key(own)] = True
    if incoming.remote_thread:
        values[topic_key(channel_id, incoming.remote_thread)] = True
    return values
