"""Threading: which conversation a message belongs to, and why; decides only, stores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from crm.channels.contract import Sort
from crm.conversations.conversation import Conversation
from crm.conversations.subject import is_another_matter


class Why(StrEnum):
    """What joined a message to its conversation."""

    REPLY_ADDRESS = "reply_address"
    OWN_REPLY = "own_reply"
    REFERENCES = "references"
    TOPIC = "topic"
    FAR_REFERENCE = "far_reference"
    OUR_REFERENCE = "our_reference"
    COPY = "copy"
    LOOP = "loop"
    NEW = "new"
    FOLLOWS = "follows"


@dataclass(slots=True)
class Candidate:
    """A conversation that something points to. `contacts` are those who take part in it.

    follower   the conversation that goes on from it, when it was closed for long
    """

    conversation: Conversation
    contacts: set[int] = field(default_factory=set)
    follower: Candidate | None = None

    def closed_longer_than(self, after: timedelta, at: datetime) -> bool:
        closed_at = self.conversation.closed_at
        return closed_at is not None and at - closed_at > after


class Bearer(StrEnum):
    """Who wrote the message that bears an id: a reply from here proves more than a newsletter."""

    THEM = "them"
    US = "us"
    OUR_REPLY = "our_reply"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Pointer:
    """A mentioned id found in a conversation. `borne` by a message there, or by none yet seen.

    `subject` and `channel` are that message's.
    """

    candidate: Candidate
    borne: Bearer
    subject: str = ""
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """A stored message of which another channel brings a copy."""

    candidate: Candidate
    number: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a message says of where it belongs.

    contact     who wrote it; `trusted` contacts are taken for the same (a letter whose surname agrees)
    subject     as it came; `is_forward` when it passes another mail on
    is_person   a person outside wrote it: only they begin something new below an old mail
    original    the message that this one is a copy of
    proven      the conversation of a signed reply address
    mentioned   for each id it refers to, nearest first, where that id is known
    topic       the conversation of its remote thread
    far         conversations that know the name which the sender's help desk gives the matter
    quoted      conversations whose `[PK-...]` it quotes
    """

    contact: int
    at: datetime
    subject: str = ""
    is_forward: bool = False
    is_person: bool = True
    sort: Sort = Sort.CUSTOMER
    channel: int | None = None
    trusted: frozenset[int] = frozenset()
    original: Original | None = None
    proven: Candidate | None = None
    mentioned: Sequence[Sequence[Pointer]] = ()
    topic: Candidate | None = None
    far: Sequence[Candidate] = ()
    quoted: Sequence[Candidate] = ()


@dataclass(frozen=True, slots=True)
class Threading:
    """Where a message belongs: `joins` None begins a conversation.

    A new one `follows` a long closed one, or `offers` one that was quoted by somebody who takes
    no part in it. `copy_of` is the message that alone is shown.
    """

    joins: Candidate | None
    why: Why
    follows: Candidate | None = None
    offers: Candidate | None = None
    copy_of: int | None = None


def thread(evidence: Evidence, new_after: timedelta) -> Threading:
    """Proof beats references, references beat the topic, the topic beats what a person quoted.

    Ids that machines keep: RFC 5322, 3.6.4. Whom they join:

    * Who answers the signed address, or a reply of ours, is let in, from whatever address and
      under whatever subject: customers add "URGENT" or write about what they now think of.
    * Below any other mail an entirely new subject is a new matter: people take an old mail to
      save themselves the typing of an address.
    * A forward ("WG:", "Fwd:") joins only where its sender takes part and only by a channel the
      conversation has used. Passed on by somebody else, or to another of our addresses, it asks
      something of its own, and what was passed on is not theirs to read.
    * An id that many mention joins only who takes part: hundreds answer one newsletter, also one
      that we sent ourselves by another program. A bounce of it goes where it went.

    A conversation closed longer than `new_after` is followed by a new one, which all that comes
    later joins. A copy stands beside its original, whatever else.
    """
    if evidence.original is not None:
        return Threading(evidence.original.candidate, Why.COPY, copy_of=evidence.original.number)
    found, why = _find(evidence)
    if found is None:
        return Threading(None, Why.NEW, offers=_offered(evidence))
    while found.closed_longer_than(new_after, evidence.at):
        if found.follower is None:
            return Threading(None, Why.FOLLOWS, follows=found)
        found = found.follower
    return Threading(found, why)


def _find(evidence: Evidence) -> tuple[Candidate | None, Why]:
    if evidence.proven is not None:
        return evidence.proven, Why.REPLY_ADDRESS
    for pointers in evidence.mentioned:
        for pointer in pointers:
            if pointer.borne is Bearer.OUR_REPLY and not _passes_on(pointer, evidence):
                return pointer.candidate, Why.OWN_REPLY
    for pointers in evidence.mentioned:
        joined = _joined(pointers, evidence)
        if joined is not None:
            return joined, Why.REFERENCES
    if evidence.topic is not None:
        return evidence.topic, Why.TOPIC
    far = _one_of(evidence.far, evidence)
    if far is not None:
        return far, Why.FAR_REFERENCE
    for candidate in evidence.quoted:
        if _takes_part(candidate, evidence):
            return candidate, Why.OUR_REFERENCE
    return None, Why.NEW


def _joined(pointers: Sequence[Pointer], evidence: Evidence) -> Candidate | None:
    """Where the sender takes part; else the one conversation that has the message itself."""
    for pointer in pointers:
        if _takes_part(pointer.candidate, evidence) and not _is_new(pointer, evidence):
            return pointer.candidate
    borne = [pointer for pointer in pointers if pointer.borne is not Bearer.NOBODY]
    if len(borne) != 1 or _is_new(borne[0], evidence):
        return None
    if borne[0].borne is Bearer.US and evidence.sort is not Sort.BOUNCE:
        return None
    return borne[0].candidate


def _one_of(candidates: Sequence[Candidate], evidence: Evidence) -> Candidate | None:
    """Where the sender takes part, else the only one there is."""
    for candidate in candidates:
        if _takes_part(candidate, evidence):
            return candidate
    return candidates[0] if len(candidates) == 1 else None


def _is_new(pointer: Pointer, evidence: Evidence) -> bool:
    """Whether it begins something new below an old mail."""
    if not evidence.is_person:
        return False
    earlier = filter(None, (pointer.subject, pointer.candidate.conversation.subject))
    others = [is_another_matter(evidence.subject, subject) for subject in earlier]
    return (bool(others) and all(others)) or _passes_on(pointer, evidence)


def _passes_on(pointer: Pointer, evidence: Evidence) -> bool:
    """Whether it is a forward by a stranger, or to another address than the conversation's."""
    if not (evidence.is_person and evidence.is_forward):
        return False
    used = {pointer.channel, pointer.candidate.conversation.last_channel_id}
    return not _takes_part(pointer.candidate, evidence) or evidence.channel not in used


def _offered(evidence: Evidence) -> Candidate | None:
    """What a new conversation mentions without belonging there."""
    known = (one for pointers in evidence.mentioned for one in pointers)
    borne = (pointer.candidate for pointer in known if pointer.borne is not Bearer.NOBODY)
    return next(iter(evidence.quoted), None) or next(borne, None)


def _takes_part(candidate: Candidate, evidence: Evidence) -> bool:
    return bool(candidate.contacts & ({evidence.contact} | evidence.trusted))
