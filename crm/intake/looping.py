"""Loops: two machines that answer each other are noticed, so that nobody waits for either.

Whoever writes more than `MOST_AN_HOUR` mails of one matter within an hour is taken for a machine
that does not say so: what comes beyond is kept in its conversation and changes nothing. A matter is
a conversation, or a subject once prefixes are off, as a desk that strips references begins a new
conversation with every turn. Twenty is far above what people write (one every three minutes, for an
hour), and a loop that turns once a minute is stopped before half an hour. Twenty-five photos in
twenty-five mails have subjects of their own or none, and are no loop. The hour is reckoned from
when the mailbox received a mail, not from when it is read: taking in an old mailbox is none either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.channels.contract import Family, Role, Sort
from crm.contacts.resolve import Resolved
from crm.conversations.message import Direction, Message, moment_of
from crm.conversations.subject import read_subject
from crm.conversations.threading import Candidate
from crm.intake.prepare import Prepared

MOST_AN_HOUR = 20
_HOUR = timedelta(hours=1)
_MOST_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class _Heard:
    """A mail that came before: when, about what, and where it stands (in the batch or stored)."""

    at: datetime
    base: str
    place: Candidate | int

    def is_in(self, candidate: Candidate | None) -> bool:
        if candidate is None:
            return False
        return self.place is candidate or self.place == candidate.conversation.id


@dataclass(frozen=True, slots=True)
class Turn:
    """A mail is one of a loop: where the one before it stands, and whether it is the first."""

    place: Candidate | int
    is_first: bool


class Loops:
    """How often the correspondents of a batch have written of late; grows as it is placed."""

    def __init__(self, session: Session, channel: Channel) -> None:
        self._session, self._channel = session, channel
        self._heard: dict[int, list[_Heard]] = defaultdict(list)

    def look_up(self, batch: Sequence[Prepared], senders: Sequence[Resolved]) -> None:
        """Read what these correspondents wrote in the hours of the batch, in one statement."""
        told = [
            (sender.identity_id, one.incoming.at)
            for one, sender in zip(batch, senders, strict=True)
            if self._may_turn(one, sender) and not sender.is_new
        ]
        if not told:
            return
        times = [at for _, at in told]
        rows = self._session.execute(
            select(Message.identity_id, Message.at, Message.subject, Message.conversation_id)
            .where(
                Message.identity_id.in_({identity for identity, _ in told}),
                Message.moment >= moment_of(min(times) - _HOUR),
                Message.moment <= moment_of(max(times) + _HOUR),
                Message.channel_id == self._channel.id,
                Message.direction == Direction.INCOMING,
                Message.sort.in_([Sort.CUSTOMER, Sort.LOOP]),
            )
            .order_by(Message.moment.desc())
            .limit(_MOST_ROWS)
        ).all()
        for identity, at, subject, conversation in reversed(rows):
            self._heard[identity or 0].append(_Heard(at, read_subject(subject).base, conversation))

    def turn_of(self, one: Prepared, sender: Resolved, joins: Candidate | None) -> Turn | None:
        """What loop this mail belongs to, None for an ordinary one; `joins` is where it belongs."""
        if not self._may_turn(one, sender):
            return None
        at, base = one.incoming.at, read_subject(one.subject).base
        before = [
            heard
            for heard in self._heard[sender.identity_id or 0]
            if at - _HOUR < heard.at <= at and (heard.is_in(joins) or (base and heard.base == base))
        ]
        if len(before) < MOST_AN_HOUR:
            return None
        return Turn(before[-1].place, len(before) == MOST_AN_HOUR)

    def hear(self, one: Prepared, sender: Resolved, candidate: Candidate) -> None:
        """Count a mail that was placed."""
        is_counted = one.incoming.sort in (Sort.CUSTOMER, Sort.LOOP)
        if sender.identity_id and is_counted and one.incoming.role is Role.CUSTOMER:
            base = read_subject(one.subject).base
            self._heard[sender.identity_id].append(_Heard(one.incoming.at, base, candidate))

    def _may_turn(self, one: Prepared, sender: Resolved) -> bool:
        is_mail = self._channel.family == Family.EMAIL
        is_theirs = one.incoming.role is Role.CUSTOMER and sender.identity_id is not None
        return is_mail and is_theirs and one.counts


def turned(one: Prepared) -> Prepared:
    """The same mail as one of a loop."""
    return replace(one, incoming=replace(one.incoming, sort=Sort.LOOP))
