"""The contact: one page for a person, whatever cards it is made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from crm.contacts.card import Card
from crm.contacts.merge import Merge, declare_distinct, merge
from crm.desk import Desk
from crm.staff.agent import Agent
from inbox.showing.lifeline import lifeline
from tests.inbox.arriving import arrive, letter, mail, post, send
from tests.inbox.conftest import texts


def test_a_contact_shows_its_addresses_with_their_sources(desk: Desk, client: FlaskClient) -> None:
    one, _ = _two(desk)
    page = client.get(f"/contacts/{one}")
    assert texts(page, ".identity-value") == [
        "a.brandt@example.org A message came through this address"
    ]
    assert texts(page, ".identity-source")[0].startswith("E-mail · first ")


def test_every_card_s_number_leads_to_its_contact(
    desk: Desk, client: FlaskClient, mara: Agent
) -> None:
    one, other = _merged(desk, mara)
    page = client.get(f"/contacts/{other}")
    assert (page.status_code, page.location) == (302, f"/contacts/{one}")


def test_all_conversations_stand_on_one_line_by_month(
    desk: Desk, client: FlaskClient, mara: Agent
) -> None:
    one, _ = _merged(desk, mara)
    page = client.get(f"/contacts/{one}")
    assert sorted(texts(page, ".line-subject .one-line")) == ["Battery T7", "Letter of 19 November"]
    assert len(texts(page, ".lifeline-names > span")) == 2


def test_a_merge_is_taken_apart_and_joined_again(
    desk: Desk, client: FlaskClient, mara: Agent
) -> None:
    one, other = _merged(desk, mara)
    with desk.reading() as session:
        edge = session.scalars(select(Merge.id)).one()
    page = send(client, f"/merges/{edge}/undo")
    assert texts(page, ".toast-text") == ["Taken apart"]
    assert _contact_of(desk, other) == other
    assert "declared not the same" in " ".join(texts(page, ".join"))
    send(client, f"/merges?a={one}&b={other}")
    assert _contact_of(desk, other) == one


def test_what_was_declared_not_the_same_is_named(
    desk: Desk, client: FlaskClient, mara: Agent
) -> None:
    one, other = _two(desk)
    with desk.writing() as session:
        declare_distinct(session, one, other, by=mara.id)
    page = client.get(f"/contacts/{one}")
    assert texts(page, ".join a") == ["Annegret Brandt"]
    assert "Mara Feldkamp" in texts(page, ".join")[0]


def test_contacts_are_found_by_name_and_address(desk: Desk, client: FlaskClient) -> None:
    arrive(desk, mail())
    arrive(desk, post(), family="community")
    assert len(texts(client.get("/contacts"), ".contacts li")) == 2
    assert texts(client.get("/contacts?q=a.brandt"), ".contacts .one-line") == ["Annegret Brandt"]
    assert texts(client.get("/contacts?q=100%25"), ".contacts li") == []


def test_a_contact_or_merge_that_is_not_there_is_said_so(client: FlaskClient) -> None:
    assert client.get("/contacts/4711").status_code == 404
    assert send(client, "/merges/4711/undo").status_code == 404
    assert send(client, "/merges?a=1&b=4711").status_code == 404


def test_a_lifeline_has_a_row_per_channel_and_a_mark_per_year() -> None:
    today = datetime(2026, 11, 25, tzinfo=UTC)
    line = lifeline(
        [(today, "email"), (today - timedelta(days=400), "post"), (today, "email")], today
    )
    assert [lane.family for lane in line.lanes] == ["email", "post"]
    assert line.lanes[0].dots == [99.0]
    assert line.lanes[1].dots == [1.0]
    assert [year.year for year in line.years] == [2026]


def _two(desk: Desk) -> tuple[int, int]:
    arrive(desk, mail())
    arrive(desk, letter("Dear Sirs"), family="post")
    with desk.reading() as session:
        one, other = session.scalars(select(Card.id).order_by(Card.id))
        return one, other


def _merged(desk: Desk, by: Agent) -> tuple[int, int]:
    one, other = _two(desk)
    with desk.writing() as session:
        merge(session, one, other, by=by.id)
    return one, other


def _contact_of(desk: Desk, card: int) -> int:
    with desk.reading() as session:
        return session.get_one(Card, card).contact_id
