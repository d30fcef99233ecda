"""Letters: a customer number leads to its contact when the name agrees as well."""

from __future__ import annotations

from sqlalchemy import select

from crm.channels.contract import Address, IdentityKind, Incoming, Person
from crm.contacts.card import Card
from tests.crm.conftest import Mailbox, mail


def test_two_letters_of_one_new_address_in_a_batch_join_their_customer(mailbox: Mailbox) -> None:
    known = Person("Anna Berg", Address(IdentityKind.EMAIL, "anna@example.org"), (), NUMBER)
    mailbox.receives(mail(sender=known))
    mailbox.receives(letter("Anna Berg"), letter("Anna Berg"))
    assert contacts(mailbox) == [1, 1]


def test_a_customer_number_under_another_name_joins_nobody(mailbox: Mailbox) -> None:
    known = Person("Anna Berg", Address(IdentityKind.EMAIL, "anna@example.org"), (), NUMBER)
    mailbox.receives(mail(sender=known))
    mailbox.receives(letter("Jonas Feldkamp"))
    assert contacts(mailbox) == [1, 2]


NUMBER = {"customer_number": "4711"}


def letter(name: str) -> Incoming:
    street = Address(IdentityKind.POSTAL, f"{name}|Goethestr. 7|49074 Osnabrück")
    return mail(sender=Person(name, street, (), NUMBER), message_id="")


def contacts(mailbox: Mailbox) -> list[int]:
    return mailbox.look(lambda s: list(s.scalars(select(Card.contact_id).order_by(Card.id))))
