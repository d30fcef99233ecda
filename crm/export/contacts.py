"""Contacts for the CRM: one row for each person, whatever cards they were made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from crm.contacts.card import Card
from crm.contacts.view import Contact, contacts
from crm.conversations.conversation import Conversation, Place
from crm.export.snapshot import CHUNK, several, stand_still, written

HEADER = (
    "id", "merged_from", "name", "company", "emails", "phones", "street", "postcode", "city",
    "country", "handles", "customer_number", "first_seen", "last_seen", "conversations",
)  # fmt: skip


def rows(session: Session, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    """All persons by id, as HEADER says; read in chunks, all of one moment.

    `merged_from` are the ids that this one took up, so that an older export can be brought in
    line. Who wrote nothing but what lies in spam or the bin is no customer and left out.
    """
    stand_still(session)
    last = 0
    while numbers := _after(session, last):
        last = numbers[-1]
        kept, outside = _conversations(session, numbers)
        for number, contact in contacts(session, numbers).items():
            if kept.get(number) or not outside.get(number):
                yield _row(contact, kept.get(number, 0), zone)


def _after(session: Session, last: int) -> Sequence[int]:
    return session.scalars(
        select(Card.id)
        .where(Card.id > last, Card.id == Card.contact_id)
        .order_by(Card.id)
        .limit(CHUNK)
    ).all()


def _conversations(
    session: Session, numbers: Sequence[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """How many each contact has, and how many in spam and bin."""
    is_outside = case((Conversation.place == Place.OUTSIDE, 1), else_=0)
    found = session.execute(
        select(Card.contact_id, func.sum(1 - is_outside), func.sum(is_outside))
        .join(Conversation, Conversation.card_id == Card.id)
        .where(Card.contact_id.in_(numbers))
        .group_by(Card.contact_id)
    ).all()
    return {number: kept for number, kept, _ in found}, {number: out for number, _, out in found}


def _row(contact: Contact, conversations: int, zone: ZoneInfo) -> tuple[str, ...]:
    known = contact.identities
    first = [address.first_seen for address in known] or [card.created_at for card in contact.cards]
    last = [address.last_seen for address in known] or [card.created_at for card in contact.cards]
    return (
        str(contact.id),
        several(str(card.id) for card in contact.cards if card.id != contact.id),
        contact.name,
        contact.company,
        several(address.value for address in known if address.kind == "email"),
        several(address.value for address in known if address.kind == "phone"),
        contact.value("street"),
        contact.value("postcode"),
        contact.value("city"),
        contact.value("country"),
        several(f"{one.scope}/{one.value}".strip("/") for one in known if one.kind == "handle"),
        contact.value("customer_number"),
        written(min(first), zone),
        written(max(last), zone),
        str(conversations),
    )
