"""What an agent does with a suggestion."""

import pytest
from sqlalchemy import select

from crm.contacts.match import match_new
from crm.contacts.merge import AlreadyOne, merge, unmerge
from crm.contacts.suggest import (
    accept,
    count_open,
    decline,
    later,
    open_suggestions,
    suggestions_of,
)
from crm.contacts.suggestion import State, Suggestion
from crm.contacts.view import contact
from crm.history.event import Event


@pytest.fixture
def pair(desk, arrive, mail, letter):
    cards = arrive(
        mail("Anna Kowalski", "anna.kowalski@example.org"),
        letter("Frau Anna Kowalski", named=["anna.kowalski@example.org"]),
    )
    match_new(desk)
    return cards


def kinds(session):
    return session.scalars(select(Event.kind).order_by(Event.id)).all()


def test_an_open_suggestion_names_both_and_says_why(desk, pair):
    with desk.reading() as session:
        (shown,) = open_suggestions(session)
        assert count_open(session) == 1
        assert suggestions_of(session, pair[1]) == [shown]
    assert (shown.card_a, shown.card_b, shown.contact_a, shown.contact_b) == (*pair, *pair)
    assert (shown.name_a, shown.name_b) == ("Anna Kowalski", "Frau Anna Kowalski")
    assert shown.score > 0.9
    assert [(reason.field, reason.verdict) for reason in shown.reasons] == [
        ("name", "same"),
        ("email", "same"),
    ]


def test_accepting_joins_by_the_evidence_shown(desk, pair, agent):
    with desk.writing() as session:
        (shown,) = open_suggestions(session)
        edge = accept(session, pair[1], pair[0], by=agent)
    assert (edge.card_a, edge.card_b, edge.by, edge.score) == (*pair, agent, shown.score)
    assert edge.reasons[0]["field"] == "name"
    with desk.reading() as session:
        row = session.get_one(Suggestion, tuple(pair))
        assert (row.state, row.decided_by) == (State.ACCEPTED, agent)
        assert contact(session, pair[1]).id == pair[0]
        assert (open_suggestions(session), count_open(session)) == ([], 0)
        assert kinds(session) == ["contact.merged", "suggestion.accepted"]


def test_accepting_what_is_already_one_changes_nothing(desk, pair, agent):
    with desk.writing() as session:
        merge(session, *pair, by=agent)
    with pytest.raises(AlreadyOne), desk.writing() as session:
        accept(session, *pair, by=agent)
    with desk.reading() as session:
        assert session.get_one(Suggestion, tuple(pair)).state == State.OPEN


def test_declining_is_remembered_as_a_difference(desk, pair, agent):
    with desk.writing() as session:
        decline(session, *pair, by=agent)
    with desk.reading() as session:
        assert session.get_one(Suggestion, tuple(pair)).state == State.DECLINED
        assert [(one.card_a, one.card_b) for one in contact(session, pair[0]).apart] == [
            tuple(pair)
        ]
        assert (open_suggestions(session), count_open(session)) == ([], 0)
        assert suggestions_of(session, pair[0]) == []
        assert kinds(session) == ["suggestion.declined"]


def test_what_is_put_off_leaves_the_queue_but_not_the_contact(desk, pair, agent):
    with desk.writing() as session:
        later(session, *pair, by=agent)
    with desk.reading() as session:
        assert (open_suggestions(session), count_open(session)) == ([], 0)
        assert len(suggestions_of(session, pair[0])) == 1


def test_contacts_that_became_one_another_way_are_not_shown(desk, pair, agent):
    with desk.writing() as session:
        edge = merge(session, *pair, by=agent)
        assert (open_suggestions(session), count_open(session)) == ([], 0)
        unmerge(session, edge, by=agent)
        assert (open_suggestions(session), count_open(session)) == ([], 0)


def test_two_contacts_are_shown_once_however_many_of_their_cards_agree(
    desk, arrive, mail, pair, agent
):
    (third,) = arrive(mail("Anna Kowalski", "a.kowalski@example.com", postcode="49074"))
    match_new(desk)
    with desk.writing() as session:
        merge(session, pair[0], third, by=agent)
    with desk.reading() as session:
        assert len(session.scalars(select(Suggestion)).all()) > 1
        assert len(open_suggestions(session)) == count_open(session) == 1


def test_the_likeliest_comes_first(desk, arrive, mail, pair):
    arrive(mail("A. Kowalski", "kowalski@example.com"), mail("A. Kowalski", "ak@example.net"))
    match_new(desk)
    with desk.reading() as session:
        scores = [shown.score for shown in open_suggestions(session)]
        assert len(open_suggestions(session, limit=1)) == 1
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("act", [accept, decline, later])
def test_a_pair_that_was_never_suggested_is_named(desk, pair, agent, act):
    with pytest.raises(LookupError, match="9999"), desk.writing() as session:
        act(session, pair[0], 9999, by=agent)
