"""A contact is a view over its cards: nothing is copied, so nothing has to be put back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from crm.base import now
from crm.channels.channel import declare
from crm.contacts.fact import Fact
from crm.contacts.merge import merge, unmerge
from crm.contacts.view import choose, contact, contacts, names

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def post(desk):
    with desk.writing() as session:
        return declare(session, "letters", "scan_folder", "post").id


@pytest.fixture
def join(desk):
    def join(one, other):
        with desk.writing() as session:
            return merge(session, one, other, by=None)

    return join


def value(desk, card, field):
    with desk.reading() as session:
        return contact(session, card).value(field)


def test_any_of_its_cards_leads_to_the_contact(desk, arrive, mail, join):
    one, other = arrive(mail("Anna Meier", "a@example.org"), mail("Anna M.", "b@example.org"))
    join(one, other)
    with desk.reading() as session:
        assert contact(session, one) == contact(session, other)
        assert contact(session, other).id == one
        assert [card.id for card in contact(session, other).cards] == [one, other]


def test_an_unknown_contact_is_named(desk):
    with pytest.raises(LookupError, match="4711"), desk.reading() as session:
        contact(session, 4711)


def test_a_verified_value_stands_before_a_newer_one(desk, arrive, mail, join):
    old, new = arrive(mail("Anna", "a@example.org", city="Köln"), at=LONG_AGO) + arrive(
        mail("Anna", "b@example.org", city="Bonn")
    )
    join(old, new)
    assert value(desk, old, "city") == "Bonn"
    with desk.writing() as session:
        session.query(Fact).filter_by(card_id=old, field="city").update({"verified": True})
    assert value(desk, old, "city") == "Köln"


def test_the_newest_value_stands_and_the_others_are_told(desk, arrive, mail, join):
    (old,) = arrive(mail("Anna", "a@example.org", city="Köln"), at=LONG_AGO, source="maildir")
    (new,) = arrive(mail("Anna", "b@example.org", city="Bonn"))
    join(old, new)
    with desk.reading() as session:
        city = next(one for one in contact(session, old).fields if one.name == "city")
    assert (city.value, city.sources, city.others, city.chosen) == (
        "Bonn", ("imap",), ("Köln",), False,
    )  # fmt: skip


def test_what_a_letter_says_stands_last(desk, arrive, mail, letter, post, join):
    (known,) = arrive(mail("Anna Meier", "a@example.org"), at=LONG_AGO)
    (scanned,) = arrive(letter("Anna Mcier"), channel_id=post)
    join(known, scanned)
    assert value(desk, scanned, "name") == "Anna Meier"
    assert value(desk, known, "street") == "Goethestr. 7"


def test_an_agents_choice_stands_before_all_and_stays_on_its_card(desk, arrive, mail, join, agent):
    one, other = arrive(
        mail("Anna", "a@example.org", city="Köln"), mail("Anna", "b@example.org", city="Bonn")
    )
    edge = join(one, other)
    with desk.writing() as session:
        choose(session, other, "city", "Köln", by=agent)
        choose(session, other, "city", " Wesel ", by=agent)
    assert value(desk, one, "city") == "Wesel"
    with desk.writing() as session:
        unmerge(session, session.merge(edge), by=agent)
    assert (value(desk, one, "city"), value(desk, other, "city")) == ("Köln", "Wesel")


def test_only_known_fields_can_be_chosen(desk, arrive, mail, agent):
    (card,) = arrive(mail("Anna", "a@example.org"))
    with pytest.raises(ValueError, match="colour"), desk.writing() as session:
        choose(session, card, "colour", "red", by=agent)


def test_an_address_tells_its_source_and_its_card(desk, arrive, mail, letter, join):
    (one,) = arrive(mail("Anna Meier", "A@Example.org"), at=LONG_AGO)
    (other,) = arrive(letter("Anna Meier", named=["anna@example.com"]), source="scan_folder")
    join(one, other)
    with desk.reading() as session:
        known = contact(session, one).identities
    assert [(a.kind, a.shown, a.verified, a.source, a.card_id) for a in known] == [
        ("email", "A@Example.org", True, "imap", one),
        ("postal", "Anna Meier|Goethestr. 7|49074 Osnabrück", True, "scan_folder", other),
        ("email", "anna@example.com", False, "scan_folder", other),
    ]
    assert known[0].first_seen == LONG_AGO


@pytest.mark.parametrize(
    ("name", "facts", "called"),
    [
        ("Anna Meier", {"company": "Meier GmbH"}, "Anna Meier"),
        ("", {"company": "Meier GmbH"}, "Meier GmbH"),
        ("", {}, "A@example.org"),
    ],
)
def test_a_contact_is_called_by_name_company_or_address(desk, arrive, mail, name, facts, called):
    (card,) = arrive(mail(name, "A@example.org", **facts))
    with desk.reading() as session:
        assert names(session, [card]) == {card: called}
        assert contact(session, card).name == called


def test_taking_a_merge_back_gives_both_their_values_back(desk, arrive, mail, join):
    one, other = arrive(
        mail("Anna", "a@example.org", city="Köln"), mail("Berta", "b@example.org", city="Bonn")
    )
    edge = join(one, other)
    with desk.writing() as session:
        unmerge(session, session.merge(edge), by=None)
    assert [value(desk, card, "city") for card in (one, other)] == ["Köln", "Bonn"]
    with desk.reading() as session:
        assert names(session, [one, other]) == {one: "Anna", other: "Berta"}


@pytest.mark.parametrize("read", [contacts, names])
def test_many_contacts_need_no_more_queries_than_two(desk, arrive, mail, read):
    cards = arrive(
        *(mail("" if n % 2 else "Anna", f"a{n}@example.org") for n in range(40)),
        at=now() - timedelta(days=1),
    )
    asked = []
    event.listen(desk.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    for several in (cards[:2], cards):
        asked.append("|")
        with desk.reading() as session:
            assert len(read(session, several)) == len(several)
    few, many = "\n".join(asked).split("|")[1:]
    assert few.count("SELECT") == many.count("SELECT")
