"""What messages tell of their sender stands on the card, each value once."""

from __future__ import annotations

from sqlalchemy import select

from crm.contacts.card import Card
from crm.contacts.fact import Fact
from crm.contacts.learning import MOST_VALUES
from crm.contacts.match import match_new
from crm.contacts.view import names
from tests.crm.conftest import Mailbox, mail


def test_a_name_that_comes_later_is_learnt(mailbox: Mailbox) -> None:
    mailbox.receives(mail(name=""))
    mailbox.receives(mail(name="Anna Berg"))
    assert mailbox.look(lambda s: names(s, [1])) == {1: "Anna Berg"}


def test_the_same_name_again_is_one_fact_seen_later(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    mailbox.receives(mail())
    fact = mailbox.look(lambda s: s.scalars(select(Fact)).one())
    assert fact.last_seen > fact.first_seen


def test_a_card_that_learns_is_matched_again(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    match_new(mailbox.desk)
    mailbox.receives(mail())
    assert mailbox.look(lambda s: s.scalar(select(Card.matched_at))) is not None
    mailbox.receives(mail(name="Anna Berg-Holm"))
    assert mailbox.look(lambda s: s.scalar(select(Card.matched_at))) is None


def test_a_shared_mailbox_does_not_fill_its_card_without_end(mailbox: Mailbox) -> None:
    mailbox.receives(*(mail(name=f"Person {number}") for number in range(60)))
    mailbox.receives(*(mail(name=f"Other {number}") for number in range(60)))
    assert len(mailbox.look(lambda s: s.scalars(select(Fact.id)).all())) <= MOST_VALUES
