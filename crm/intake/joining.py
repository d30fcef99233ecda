"""A letter's customer number leads to its contact when the surname or company agrees as well."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.channels.contract import Person
from crm.contacts.card import Card
from crm.contacts.fact import Fact
from crm.contacts.merge import merge
from crm.contacts.resolve import Resolved, surnames_agree

FIELD = "customer_number"


def join_letter(session: Session, new: Resolved, person: Person) -> Resolved:
    """Join a new card to the contact of its customer number; the merge can be taken back."""
    number = person.facts.get(FIELD, "").strip()
    if not number:
        return new
    names = [name for name in (person.name, person.facts.get("company", "")) if name]
    others = session.execute(
        select(Card.id, Card.name)
        .join(Fact, Fact.card_id == Card.id)
        .where(Fact.field == FIELD, Fact.value == number, Card.contact_id != new.contact_id)
        .order_by(Card.id)
    )
    for card_id, known in others:
        if any(surnames_agree(known, name) for name in names):
            reasons = [
                {"field": FIELD, "verdict": "same", "bits": 12.0, "left": number, "right": number},
                {
                    "field": "name",
                    "verdict": "similar",
                    "bits": 4.0,
                    "left": known,
                    "right": names[0],
                },
            ]
            edge = merge(session, card_id, new.card_id, by=None, score=0.99, reasons=reasons)
            contact = session.scalar(select(Card.contact_id).where(Card.id == edge.card_a))
            return replace(new, contact_id=contact or new.contact_id)
    return new
