"""Merges are edges: any can be taken back in any order, and every card comes out as it went in."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from crm.base import now
from crm.channels.contract import Address, IdentityKind, Person
from crm.contacts.card import Card
from crm.contacts.merge import (
    AlreadyOne,
    DistinctPair,
    Merge,
    declare_distinct,
    distinct_contacts,
    merge,
    standing,
    unmerge,
)
from crm.contacts.resolve import Seen, resolve
from crm.conversations.conversation import Conversation
from crm.history.event import Event

numbers = st.integers(0, 30)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), numbers, numbers),
        st.tuples(st.just("write"), numbers, numbers),
        st.tuples(st.just("merge"), numbers, numbers),
        st.tuples(st.just("merge"), numbers, numbers),
        st.tuples(st.just("unmerge"), numbers, numbers),
    ),
    max_size=25,
)
on_one_database = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Town:
    """Some people, what they wrote, and which of their cards were joined."""

    def __init__(self, session):
        self.session, self.people, self.cards = session, [], []
        self.edges, self.conversations = [], {}
        for _ in range(3):
            self.arrive()

    def arrive(self, *_):
        start = self.session.scalar(select(func.count()).select_from(Card))
        address = Address(IdentityKind.EMAIL, f"somebody{start}@example.org")
        self.people.append(Person(name=f"Somebody {start}", address=address))
        self.cards.append(self.resolved(-1).card_id)

    def resolved(self, number):
        seen = [Seen(self.people[number], now())]
        return resolve(self.session, seen, source="imap", channel_id=None, country="DE")[0]

    def write(self, number, _):
        card = self.resolved(number % len(self.people)).card_id
        conversation = Conversation(card_id=card, last_message_at=now(), created_at=now())
        conversation.arrange()
        self.session.add(conversation)
        self.session.flush()
        self.conversations[conversation.id] = card

    def merge(self, one, other):
        one, other = (self.cards[number % len(self.cards)] for number in (one, other))
        if self.contact_of()[one] == self.contact_of()[other]:
            with pytest.raises(AlreadyOne):
                merge(self.session, one, other, by=None)
        else:
            self.edges.append(merge(self.session, one, other, by=None))

    def unmerge(self, number, _):
        if self.edges:
            unmerge(self.session, self.edges.pop(number % len(self.edges)), by=None)

    def contact_of(self):
        """Each card's contact, computed afresh from the edges that stand."""
        groups = [{card} for card in self.cards]
        for edge in self.edges:
            one = next(group for group in groups if edge.card_a in group)
            other = next(group for group in groups if edge.card_b in group)
            groups.remove(other)
            one |= other
        return {card: min(group) for group in groups for card in group}

    def stored(self):
        rows = self.session.execute(select(Card.id, Card.contact_id).where(Card.id.in_(self.cards)))
        return dict(rows.all())

    def check(self):
        assert self.stored() == self.contact_of()
        for number in range(len(self.people)):
            assert self.resolved(number).contact_id == self.contact_of()[self.cards[number]]
        rows = self.session.execute(
            select(Conversation.id, Conversation.card_id).where(
                Conversation.id.in_(list(self.conversations))
            )
        )
        assert dict(rows.all()) == self.conversations


@on_one_database
@given(history=acts)
def test_any_history_ends_in_what_its_standing_merges_say(desk, history):
    with desk.writing() as session:
        town = Town(session)
        for act, one, other in history:
            getattr(town, act)(one, other)
            assert town.stored() == town.contact_of()
        town.check()


@on_one_database
@given(history=acts, order=st.randoms(use_true_random=False))
def test_undoing_all_merges_in_any_order_gives_every_card_back(desk, history, order):
    with desk.writing() as session:
        town = Town(session)
        for act, one, other in history:
            getattr(town, act)(one, other)
        order.shuffle(town.edges)
        while town.edges:
            unmerge(session, town.edges.pop(), by=None)
        assert town.stored() == {card: card for card in town.cards}
        town.check()


@pytest.fixture
def cards(arrive, mail):
    return arrive(*(mail(f"Somebody {n}", f"somebody{n}@example.org") for n in range(4)))


def state(desk):
    with desk.reading() as session:
        return (
            session.execute(select(Card.id, Card.contact_id).order_by(Card.id)).all(),
            session.scalar(select(func.count()).select_from(Merge)),
            session.scalar(select(func.count()).select_from(Event)),
        )


def test_a_card_is_not_merged_with_itself(desk, cards):
    before = state(desk)
    with pytest.raises(AlreadyOne), desk.writing() as session:
        merge(session, cards[0], cards[0], by=None)
    assert state(desk) == before


def test_two_cards_are_not_merged_twice_not_even_by_a_detour(desk, cards):
    with desk.writing() as session:
        merge(session, cards[0], cards[1], by=None)
        merge(session, cards[2], cards[1], by=None)
    before = state(desk)
    for pair in ((0, 1), (1, 0), (0, 2)):
        with pytest.raises(AlreadyOne), desk.writing() as session:
            merge(session, cards[pair[0]], cards[pair[1]], by=None)
    assert state(desk) == before


def test_a_card_that_is_not_there_is_named(desk, cards):
    with pytest.raises(LookupError, match="9999"), desk.writing() as session:
        merge(session, cards[0], 9999, by=None)


def test_undoing_twice_changes_nothing(desk, cards):
    with desk.writing() as session:
        edge = merge(session, cards[0], cards[1], by=None)
        unmerge(session, edge, by=None)
    before = state(desk)
    with desk.writing() as session:
        assert unmerge(session, session.get_one(Merge, edge.id), by=None) == (cards[0], cards[1])
    assert state(desk) == before


def test_taking_apart_the_middle_leaves_both_ends_whole(desk, cards):
    with desk.writing() as session:
        merge(session, cards[0], cards[1], by=None)
        middle = merge(session, cards[1], cards[2], by=None)
        merge(session, cards[2], cards[3], by=None)
        assert unmerge(session, middle, by=None) == (cards[0], cards[2])
        assert len(standing(session, cards[0])) == len(standing(session, cards[2])) == 1


def test_an_unmerge_is_remembered_as_a_difference_that_a_new_merge_retires(desk, cards, agent):
    one, other = cards[:2]
    with desk.writing() as session:
        unmerge(session, merge(session, one, other, by=agent), by=agent)
        assert distinct_contacts(session, [one]) == {(one, other)}
        merge(session, one, other, by=agent)
        assert distinct_contacts(session, [one]) == set()
        assert session.get_one(DistinctPair, (one, other)).retired_at is not None


def test_a_difference_holds_for_the_contacts_of_both_cards(desk, cards):
    with desk.writing() as session:
        merge(session, cards[0], cards[1], by=None)
        merge(session, cards[2], cards[3], by=None)
        declare_distinct(session, cards[3], cards[1], by=None)
        assert distinct_contacts(session, [cards[2]]) == {(cards[0], cards[2])}


def test_merging_and_taking_apart_leave_events(desk, cards, agent):
    with desk.writing() as session:
        unmerge(session, merge(session, cards[0], cards[1], by=agent), by=agent)
    with desk.reading() as session:
        told = session.execute(select(Event.kind, Event.agent_id).order_by(Event.id)).all()
    assert told == [("contact.merged", agent), ("contact.unmerged", agent)]
