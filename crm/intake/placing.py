"""Finding the conversations of a batch: all look-ups together, then one decision a message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.channels.contract import Role
from crm.contacts.card import Card
from crm.contacts.identity import Identity
from crm.contacts.resolve import Resolved, surnames_agree
from crm.conversations.conversation import Conversation
from crm.conversations.far import far_key
from crm.conversations.message import Direction, Message
from crm.conversations.participant import Participant
from crm.conversations.reference import Reference, Seal, message_key, topic_key
from crm.conversations.subject import read_subject
from crm.conversations.threading import (
    Bearer,
    Candidate,
    Evidence,
    Original,
    Pointer,
    Threading,
    Why,
    thread,
)
from crm.intake.copies import Bearers
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
        self._bearers = Bearers(session)
        self._names: dict[int, list[tuple[int, str]]] = defaultdict(list)

    def look_up(self, batch: Sequence[Prepared]) -> None:
        """Read all that the batch points to, in a handful of statements; its rows are taken."""
        values = sorted({value for one in batch for value in self._values(one)})
        found = [row for part in _parts(values) for row in self._known(part)]
        quoted = {quoted.number for one in batch for quoted in one.quoted_ours}
        proven = {number for one in batch for number in self._proven(one)}
        self._load({row.conversation_id for row in found} | quoted | proven)
        for row in found:
            candidate = self._candidates[row.conversation_id]
            self._pointers[row.value].append(
                Pointer(candidate, _bearer(row), row.subject or "", row.channel_id)
            )
        self._bearers.look_up(batch, [(row.value, row.message_id) for row in found])

    def decide(self, one: Prepared, sender: Resolved) -> Threading:
        """Where this message belongs."""
        incoming = one.incoming
        topic = self._pointers.get(topic_key(self._channel.id, incoming.remote_thread), [])
        evidence = Evidence(
            contact=sender.contact_id,
            at=incoming.at,
            subject=one.subject,
            is_forward=read_subject(one.subject).is_forward,
            is_person=one.counts and incoming.role is Role.CUSTOMER,
            sort=incoming.sort,
            channel=self._channel.id,
            trusted=self._trusted(one),
            original=self._original(one, sender),
            proven=self._candidates.get(next(iter(self._proven(one)), 0)),
            mentioned=self._mentioned(one),
            topic=topic[0].candidate if incoming.remote_thread and topic else None,
            far=[pointer.candidate for pointer in self._pointers.get(_far(one), ())],
            quoted=[
                self._candidates[quoted.number]
                for quoted in one.quoted_ours
                if quoted.number in self._candidates and quoted.checks is not False
            ],
        )
        return thread(evidence, self._new_after)

    def keep_in(self, place: Candidate | int, threading: Threading) -> Threading:
        """Where a turn of a loop belongs: if nowhere, then beside the turn before it."""
        if threading.joins is not None:
            return threading
        if isinstance(place, int):
            self._load({place})
            place = self._candidates[place]
        return Threading(place, Why.LOOP)

    def shares_id(self, one: Prepared, threading: Threading) -> bool:
        """Whether another mail, of which this is no copy, bears its Message-ID."""
        return threading.copy_of is None and self._bearers.is_borne(one)

    def learn(self, candidate: Candidate, one: Prepared, contact: int) -> None:
        """Let the rest of the batch find a conversation by the message just placed there.

        `contact` 0 is nobody: what one of us wrote makes nobody take part.
        """
        self._bearers.learn(one)
        if contact:
            candidate.contacts.add(contact)
        writer = Bearer.THEM if one.incoming.role is Role.CUSTOMER else Bearer.US
        for value, borne in borne_by(self._channel.id, one).items():
            bearer = writer if borne else Bearer.NOBODY
            pointer = Pointer(candidate, bearer, one.subject, self._channel.id)
            known = self._pointers[value]
            earlier = next((old for old in known if old.candidate is candidate), None)
            if earlier is None:
                known.append(pointer)
            elif earlier.borne is Bearer.NOBODY:
                known[known.index(earlier)] = pointer

    def _values(self, one: Prepared) -> Iterable[str]:
        yield from borne_by(self._channel.id, one)
        if one.incoming.bounced:
            yield message_key(one.incoming.bounced)

    def _known(self, values: Sequence[str]) -> Sequence[Any]:
        """Where these are known, and what of the messages that bear them says whose they are."""
        return self._session.execute(
            select(
                Reference.value,
                Reference.conversation_id,
                Reference.message_id,
                Message.subject,
                Message.channel_id,
                Message.direction,
                Reply.key,
            )
            .outerjoin(Message, Message.id == Reference.message_id)
            .outerjoin(Reply, Reply.message_id == Reference.message_id)
            .where(Reference.value.in_(values))
            .order_by(Reference.conversation_id)
        ).all()

    def _mentioned(self, one: Prepared) -> list[list[Pointer]]:
        """Where the ids it refers to are known, the nearest first; its own, if it comes late."""
        incoming = one.incoming
        keys = (
            message_key(value)
            for value in (incoming.bounced, incoming.message_id, *incoming.mentions)
            if value
        )
        return [self._pointers[key] for key in keys if key in self._pointers]

    def _proven(self, one: Prepared) -> list[int]:
        found = (
            self._seal.answered(recipient.address.value, self._channel.id)
            for recipient in one.incoming.recipients
        )
        return [number for number in found if number is not None]

    def _original(self, one: Prepared, sender: Resolved) -> Original | None:
        message = self._bearers.original(one, sender)
        if message is None:
            return None
        return Original(self._candidates[message.conversation_id], message.id)

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
        for part in _parts(wanted):
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
        for part in _parts(numbers):
            rows = self._session.execute(
                select(Conversation.follows_id, Conversation.id)
                .where(Conversation.follows_id.in_(part))
                .order_by(Conversation.id)
            )
            pairs += [(before, number) for before, number in rows if before is not None]
        self._load({number for _, number in pairs})
        for before, number in pairs:
            self._candidates[before].follower = self._candidates[number]


def borne_by(channel_id: int, one: Prepared) -> dict[str, bool]:
    """The references a message brings: its own ids and topic (True), those it mentions (False)."""
    incoming = one.incoming
    values = {message_key(value): False for value in incoming.mentions if value}
    if far := _far(one):
        values[far] = False
    for own in filter(None, (incoming.message_id, *incoming.other_ids)):
        values[message_key(own)] = True
    if incoming.remote_thread:
        values[topic_key(channel_id, incoming.remote_thread)] = True
    return values


def _far(one: Prepared) -> str:
    """The key of the name that the sender's help desk gives the matter; "" for none."""
    incoming = one.incoming
    if not incoming.far or incoming.role is not Role.CUSTOMER or incoming.sender.address is None:
        return ""
    return far_key(incoming.sender.address.value, incoming.far)


def _bearer(row: Any) -> Bearer:
    match row:
        case _ if row.message_id is None:
            return Bearer.NOBODY
        case _ if row.key is not None:
            return Bearer.OUR_REPLY
        case _ if row.direction == Direction.OUTGOING:
            return Bearer.US
    return Bearer.THEM


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
