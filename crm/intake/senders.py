"""Senders: the contact that each message of a batch is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.channels.contract import Person, Role
from crm.contacts.resolve import Resolved, Seen, resolve
from crm.desk import Desk
from crm.intake.joining import join_letter
from crm.intake.prepare import Prepared

NOBODY = Resolved(0, 0, None)
"""One of us wrote to nobody in particular (a post in a topic): whom it is about, its topic tells."""


def senders_of(
    session: Session, desk: Desk, channel: Channel, fresh: Sequence[Prepared]
) -> list[Resolved]:
    """Who wrote each message, or to whom we wrote."""
    people = [_about(one) for one in fresh]
    seen = [
        Seen(person, one.incoming.at)
        for one, person in zip(fresh, people, strict=True)
        if person is not None
    ]
    found = iter(_resolve(session, desk, channel, seen))
    return [NOBODY if person is None else next(found) for person in people]


def author_of(session: Session, desk: Desk, channel: Channel, one: Prepared) -> Resolved:
    """Who wrote it, also when it was one of us: for a conversation that needs a contact."""
    return _resolve(session, desk, channel, [Seen(one.incoming.sender, one.incoming.at)])[0]


def _about(one: Prepared) -> Person | None:
    incoming = one.incoming
    if incoming.role is Role.CUSTOMER:
        return incoming.sender
    if not incoming.recipients:
        return None
    first = incoming.recipients[0]
    return Person(name=first.name, address=first.address)


def _resolve(
    session: Session, desk: Desk, channel: Channel, seen: Sequence[Seen]
) -> list[Resolved]:
    """Cards by their addresses; a new card with a customer number joins its contact, once."""
    resolved = resolve(
        session, seen, source=channel.family, channel_id=channel.id, country=desk.country
    )
    contacts: dict[int, int] = {}
    for answer, one in zip(resolved, seen, strict=True):
        if answer.is_new and answer.card_id not in contacts:
            contacts[answer.card_id] = join_letter(session, answer, one.person).contact_id
    return [
        replace(answer, contact_id=contacts.get(answer.card_id, answer.contact_id))
        for answer in resolved
    ]
