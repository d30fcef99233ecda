"""Threading: which conversation a message belongs to, and why; decides only, stores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from crm.conversations.conversation import Conversation


class Why(StrEnum):
    """What joined a message to its conversation."""

    REPLY_ADDRESS = "reply_address"
    OWN_REPLY = "own_reply"
    REFERENCES = "references"
    TOPIC = "topic"
    OUR_REFERENCE = "our_reference"
    COPY = "copy"
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


@dataclass(frozen=True, slots=True)
class Pointer:
    """A mentioned id found in a conversation. `borne`: a message there has it as its own."""

    candidate: Candidate
    borne: bool


@dataclass(frozen=True, slots=True)
class Original:
    """A stored message of which another channel brings a copy."""

    candidate: Candidate
    number: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a message says of where it belongs.

    contact     who wrote it; `trusted` contacts are taken for the same (a letter whose surname agrees)
    original    the message that this one is a copy of
    proven      the conversation of a signed reply address
    answered    the conversation of a reply of ours that it mentions
    mentioned   for each id it refers to, nearest first, where that id is known
    topic       the conversation of its remote thread
    quoted      conversations whose `[PK-...]` it quotes
    """

    contact: int
    at: datetime
    trusted: frozenset[int] = frozenset()
    original: Original | None = None
    proven: Candidate | None = None
    answered: Candidate | None = None
    mentioned: Sequence[Sequence[Pointer]] = ()
    topic: Candidate | None = None
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

    Ids that machines keep: RFC 5322, 3.6.4. An id that many conversations mention (a newsletter)
    joins only who takes part. A conversation closed longer than `new_after` is followed by a new
    one, which all that comes later joins. A copy stands beside its original, whatever else.
    """
    if evidence.original is not None:
        return Threading(evidence.original.candidate, Why.COPY, copy_of=evidence.original.number)
    found, why = _find(evidence)
    if found is None:
        return Threading(None, Why.NEW, offers=next(iter(evidence.quoted), None))
    while found.closed_longer_than(new_after, evidence.at):
        if found.follower is None:
            return Threading(None, Why.FOLLOWS, follows=found)
        found = found.follower
    return Threading(found, why)


def _find(evidence: Evidence) -> tuple[Candidate | None, Why]:
    if evidence.proven is not None:
        return evidence.proven, Why.REPLY_ADDRESS
    if evidence.answered is not None:
        return evidence.answered, Why.OWN_REPLY
    for pointers in evidence.mentioned:
        joined = _joined(pointers, evidence)
        if joined is not None:
            return joined, Why.REFERENCES
    if evidence.topic is not None:
        return evidence.topic, Why.TOPIC
    for candidate in evidence.quoted:
        if _takes_part(candidate, evidence):
            return candidate, Why.OUR_REFERENCE
    return None, Why.NEW


def _joined(pointers: Sequence[Pointer], evidence: Evidence) -> Candidate | None:
    for pointer in pointers:
        if _takes_part(pointer.candidate, evidence):
            return pointer.candidate
    borne = [pointer.candidate for pointer in pointers if pointer.borne]
    return borne[0] if len(borne) == 1 else None


def _takes_part(candidate: Candidate, evidence: Evidence) -> bool:
    return bool(candidate.contacts & ({evidence.contact} | evidence.trusted))
