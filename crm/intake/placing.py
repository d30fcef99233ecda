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
from crm.conversations.participant import Participant
from crm.conversations.reference import Reference, Seal, message_key, topic_key
from crm.conversations.threading import Candidate, Evidence, Pointer, Threading, thread
from crm.intake.prepare import Prepared
from crm.outgoing.reply import Reply


class Finder:
    """What is known of the conversations that a batch points to; grows as the batch is placed."""

    def __init__(
        self, session: Session, channel: Channel, seal: Seal, new_after: timedelta
    ) -> None:
        self._session, self._channel, self._seal = session, channel, seal
        self._new_after = new_after
        self._candidates: dict[int, Candidate] = {}
        self._pointers: dict[str, list[Pointer]] = defaultdict(list)
        self._answered: set[str] = set()
        self._names: dict[int, list[tuple[int, str]]] = defaultdict(list)

    def look_up(self, batch: Sequence[Prepared]) -> None:
        """Read all that the batch points to, in a handful of statements."""
        values = sorted({value for one in batch for value in self._values(one)})
        found: list[tuple[str, int, bool]] = []
        for start in range(0, len(values), 400):
            rows = self._session.execute(
                select(Reference.value, Reference.conversation_id, Reference.message_id).where(
                    Reference.value.in_(values[start : start + 400])
                )
            )
            found += [(value, number, message is not None) for value, number, message in rows]
            self._answered |= set(
                self._session.scalars(
                    select(Reply.key).where(Reply.key.in_(values[start : start + 400]))
                )
            )
        quoted = {quoted.number for one in batch for quoted in one.quoted_ours}
        proven = {number for one in batch for number in self._proven(one)}
        self._load({number for _, number, _ in found} | quoted | proven)
        for value, number, borne in found:
            self._pointers[value].append(Pointer(self._candidates[number], borne))

    def decide(self, one: Prepared, sender: Resolved) -> Threading:
        """Where this message belongs."""
        incoming = one.incoming
        topic = self._pointers.get(topic_key(self._channel.id, incoming.remote_thread), [])
        mentioned = [
            self._pointers[message_key(value)]
            for value in (incoming.bounced, incoming.message_id, *incoming.mentions)
            if value and message_key(value) in self._pointers
        ]
        answered = next(
            (
                self._pointers[message_key(value)][0].candidate
                for value in (incoming.bounced, *incoming.mentions)
                if value and message_key(value) in self._answered
            ),
            None,
        )
        evidence = Evidence(
            contact=sender.contact_id,
            at=incoming.at,
            trusted=self._trusted(one),
            proven=next(
                (
                    self._candidates[number]
                    for number in self._proven(one)
                    if number in self._candidates
                ),
                None,
            ),
            answered=answered,
            mentioned=mentioned,
            topic=topic[0].candidate if incoming.remote_thread and topic else None,
            quoted=[
                self._candidates[quoted.number]
                for quoted in one.quoted_ours
                if quoted.number in self._candidates and quoted.checks is not False
            ],
        )
        return thread(evidence, self._new_after)

    def learn(self, conversation: Conversation, one: Prepared, contact: int) -> None:
        """Let the rest of the batch find this conversation by the message just placed there."""
        candidate = self._candidates.setdefault(
            conversation.id, Candidate(conversation.id, conversation.closed_at)
        )
        candidate.contacts.add(contact)
        candidate.closed_at = conversation.closed_at
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
        wanted = sorted(numbers - self._candidates.keys())
        for start in range(0, len(wanted), 400):
            part = wanted[start : start + 400]
            for number, closed_at in self._session.execute(
                select(Conversation.id, Conversation.closed_at).where(Conversation.id.in_(part))
            ):
                self._candidates[number] = Candidate(number, closed_at)
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


def borne_by(channel_id: int, one: Prepared) -> dict[str, bool]:
    """The references a message brings: its own id and topic (True), those it mentions (False)."""
    incoming = one.incoming
    values = {message_key(value): False for value in incoming.mentions if value}
    if incoming.message_id:
        values[message_key(incoming.message_id)] = True
    if incoming.remote_thread:
        values[topic_key(channel_id, incoming.remote_thread)] = True
    return values
