"""The contacts' file: a row for each person, whatever cards they were made of."""

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from crm.channels.contract import IdentityKind
from crm.conversations.conversation import Status
from crm.export import contacts, snapshot

BERLIN = ZoneInfo("Europe/Berlin")


def export(desk):
    with desk.reading() as session:
        return [
            dict(zip(contacts.HEADER, row, strict=True)) for row in contacts.rows(session, BERLIN)
        ]


def test_a_person_has_one_row_with_the_ids_merged_into_it(desk, office):
    one = office.person(
        "Anna Meier", "Anna@Example.org", company="Meier GmbH", street="Goethestr. 7",
        postcode="49074", city="Osnabrück", country="DE", customer_number="K-1",
    )  # fmt: skip
    two = office.person("Anna M.", "0541 1234567", kind=IdentityKind.PHONE, hours=-24)
    three = office.person("", "@anna", kind=IdentityKind.HANDLE, scope="forum.example", hours=48)
    office.join(two, three)
    office.join(two, one)
    office.conversation(three)
    office.conversation(one)
    assert export(desk) == [
        {
            "id": str(one),
            "merged_from": f"{two}; {three}",
            "name": "Anna Meier",
            "company": "Meier GmbH",
            "emails": "anna@example.org",
            "phones": "+495411234567",
            "street": "Goethestr. 7",
            "postcode": "49074",
            "city": "Osnabrück",
            "country": "DE",
            "handles": "forum.example/anna",
            "customer_number": "K-1",
            "first_seen": "2026-06-30T10:30:15+02:00",
            "last_seen": "2026-07-03T10:30:15+02:00",
            "conversations": "2",
        }
    ]


def test_a_card_without_an_address_is_exported_too(desk, office):
    office.person("Anna Meier")
    assert [row["name"] for row in export(desk)] == ["Anna Meier"]


@pytest.mark.parametrize("outside", [Status.SPAM, Status.BIN])
def test_who_only_sent_spam_is_no_customer(desk, office, outside):
    stranger, customer = office.person("Win Now", "w@example.org"), office.person("A", "a@x.org")
    for card in (stranger, customer):
        office.conversation(card, status=outside)
    office.conversation(customer, status=Status.CLOSED, closed_hours=1)
    assert [(row["name"], row["conversations"]) for row in export(desk)] == [("A", "1")]


def test_chunks_join_without_a_gap_and_cost_the_same_number_of_queries(desk, office, monkeypatch):
    monkeypatch.setattr(contacts, "CHUNK", 2)
    cards = [office.person(f"Person {n}", f"p{n}@example.org") for n in range(5)]
    asked = []
    event.listen(desk.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert [int(row["id"]) for row in export(desk)] == cards
    few = len([one for one in asked if one.startswith("SELECT")])
    asked.clear()
    monkeypatch.setattr(contacts, "CHUNK", snapshot.CHUNK)
    export(desk)
    once = len([one for one in asked if one.startswith("SELECT")])
    assert (few - 1) == 3 * (once - 1)
