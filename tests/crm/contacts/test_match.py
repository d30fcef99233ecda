"""New cards are found by their keys and suggested with reasons; nothing is joined."""

import pytest
from sqlalchemy import delete, func, select, update

from crm.channels.lock import hold
from crm.contacts.card import Card
from crm.contacts.fact import Fact
from crm.contacts.identity import Identity
from crm.contacts.keys import CAPS
from crm.contacts.match import match_new
from crm.contacts.merge import Merge, declare_distinct, merge
from crm.contacts.suggestion import State, Suggestion


def suggestions(desk):
    with desk.reading() as session:
        return {(row.card_a, row.card_b): row for row in session.scalars(select(Suggestion))}


@pytest.fixture
def by_mail(mail):
    return mail("Anna Kowalski", "anna.kowalski@example.org")


@pytest.fixture
def by_letter(letter):
    return letter("Frau Anna Kowalski", named=["Anna.Kowalski@example.org"])


def test_a_letter_that_names_a_known_address_is_suggested_with_reasons(
    desk, arrive, by_mail, by_letter
):
    one, other = arrive(by_mail, by_letter)
    assert match_new(desk) == 2
    row = suggestions(desk)[one, other]
    assert row.state == State.OPEN
    assert row.score > 0.9
    assert {reason["field"]: reason["verdict"] for reason in row.reasons} == {
        "name": "same",
        "email": "same",
    }
    assert row.reasons[0]["left"] == "Anna Kowalski"
    assert row.reasons[0]["right"] == "Frau Anna Kowalski"


def test_the_smaller_card_stands_left_whichever_came_last(desk, arrive, by_mail, by_letter):
    (one,) = arrive(by_mail)
    match_new(desk)
    (other,) = arrive(by_letter)
    match_new(desk)
    assert suggestions(desk)[one, other].reasons[0]["left"] == "Anna Kowalski"


def test_nothing_is_joined_by_itself(desk, arrive, by_mail, by_letter):
    cards = arrive(by_mail, by_letter)
    match_new(desk)
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(Merge)) == 0
        assert [session.get_one(Card, card).contact_id for card in cards] == cards


def test_a_card_is_matched_once(desk, arrive, by_mail, by_letter):
    arrive(by_mail, by_letter)
    assert match_new(desk) == 2
    assert match_new(desk) == 0


def test_no_more_cards_than_asked_are_matched(desk, arrive, mail):
    arrive(*(mail(f"Person {n}", f"p{n}@example.org") for n in range(7)))
    assert [match_new(desk, limit=5), match_new(desk, limit=5)] == [5, 2]


def test_strangers_are_not_suggested(desk, arrive, by_mail, mail):
    arrive(by_mail, mail("Bert Schneider", "bert@example.com"))
    match_new(desk)
    assert suggestions(desk) == {}


def test_husband_and_wife_at_one_address_are_not_suggested(desk, arrive, letter):
    arrive(letter("Anna Kowalski"), letter("Peter Kowalski"))
    match_new(desk)
    assert suggestions(desk) == {}


def test_cards_of_one_contact_are_not_suggested(desk, arrive, by_mail, by_letter):
    one, other = arrive(by_mail, by_letter)
    with desk.writing() as session:
        merge(session, one, other, by=None)
    match_new(desk)
    assert suggestions(desk) == {}


def test_nothing_is_suggested_across_a_declared_difference_of_any_of_their_cards(
    desk, arrive, by_mail, by_letter, mail
):
    one, other, third = arrive(by_mail, by_letter, mail("Anna K.", "anna.kowalski@example.net"))
    with desk.writing() as session:
        merge(session, one, third, by=None)
        declare_distinct(session, third, other, by=None)
    match_new(desk)
    assert suggestions(desk) == {}


@pytest.mark.parametrize("state", [State.DECLINED, State.ACCEPTED])
def test_a_decision_survives_matching_again(desk, arrive, by_mail, by_letter, state):
    pair = arrive(by_mail, by_letter)
    match_new(desk)
    with desk.writing() as session:
        session.execute(update(Suggestion).values(state=state, score=0.5))
        session.execute(update(Card).values(matched_at=None))
    match_new(desk)
    assert (suggestions(desk)[tuple(pair)].state, suggestions(desk)[tuple(pair)].score) == (
        state,
        0.5,
    )


def test_an_open_suggestion_goes_when_nothing_speaks_for_it_any_more(
    desk, arrive, by_mail, by_letter
):
    one, _ = arrive(by_mail, by_letter)
    match_new(desk)
    with desk.writing() as session:
        card = session.get_one(Card, one)
        card.name, card.matched_at = "Bert Schneider", None
        session.execute(delete(Fact).where(Fact.card_id == one))
        session.execute(
            update(Identity).where(Identity.card_id == one).values(value="bert@example.com")
        )
    match_new(desk)
    assert suggestions(desk) == {}


@pytest.mark.parametrize(("holders", "suggested"), [(3, 3), (4, 0)])
def test_a_key_that_too_many_share_finds_nobody(
    desk, arrive, mail, monkeypatch, holders, suggested
):
    monkeypatch.setitem(CAPS, "customer", 3)
    arrive(
        *(mail("", f"{word}@example.org", customer_number="K-1")
          for word in ("apfel", "birne", "kirsche", "pflaume")[:holders]),
    )  # fmt: skip
    match_new(desk)
    assert len(suggestions(desk)) == suggested


def test_two_matchers_do_not_work_at_once(desk, arrive, by_mail):
    arrive(by_mail)
    with hold(desk.engine, desk.locks, 0, "match") as is_ours:
        assert is_ours
        assert match_new(desk) == 0
    assert match_new(desk) == 1
