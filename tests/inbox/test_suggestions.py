"""Duplicates: two contacts compared, with what speaks for and against one person."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.base import now
from crm.channels.contract import Address, IdentityKind, Person
from crm.contacts.card import Card
from crm.contacts.compare import Reason
from crm.contacts.suggestion import State, Suggestion
from crm.contacts.view import contact
from crm.desk import Desk
from inbox.showing.difference import differing
from inbox.showing.reasons import bars
from tests.inbox.arriving import arrive, conversation_of, mail, send
from tests.inbox.conftest import read, texts

REASONS = [
    {"field": "phone", "verdict": "same", "bits": 11.2, "left": "1", "right": "1"},
    {"field": "name", "verdict": "given_differs", "bits": -0.4, "left": "Anna", "right": "Ada"},
]


@pytest.fixture
def pair(desk: Desk) -> tuple[int, int]:
    """Two cards that are suggested."""
    return _suggest(desk, "Annegret Brandt", "A. Brandt", 0.94)


def test_the_surest_pair_comes_first_and_is_laid_side_by_side(
    desk: Desk, client: FlaskClient, pair: tuple[int, int]
) -> None:
    _suggest(desk, "Ysolde Tann", "Y. Tann", 0.7)
    page = client.get("/suggestions")
    assert texts(page, ".pairs-name") == ["Annegret Brandt", "Ysolde Tann"]
    assert texts(page, ".fields-name") == ["Annegret Brandt", "A. Brandt"]
    assert texts(page, ".pair-foot .push") == ["Next: Ysolde Tann, 70%"]


def test_reasons_have_words_and_weights(client: FlaskClient, pair: tuple[int, int]) -> None:
    page = client.get("/suggestions")
    assert texts(page, ".reason-bits") == ["+11.2", "−0.4"]
    assert texts(page, ".reasons-total .number") == ["+10.8"]
    assert texts(page, ".reason-against .reason-words")[0].startswith("First name differs")


def test_the_same_person_becomes_one_contact_with_the_chosen_values(
    desk: Desk, client: FlaskClient, pair: tuple[int, int]
) -> None:
    one, other = pair
    page = send(client, f"/suggestions/{one}/{other}/acceptance", **{"choice-name": "A. Brandt"})
    assert texts(page, ".toast-text") == ["One contact now"]
    with desk.reading() as session:
        assert contact(session, other).id == one
        assert contact(session, other).name == "A. Brandt"
    send(client, read(page).css_first(".toast form").attributes["action"])
    with desk.reading() as session:
        assert contact(session, other).id == other


def test_different_persons_are_not_suggested_again(
    desk: Desk, client: FlaskClient, pair: tuple[int, int]
) -> None:
    page = send(client, "/suggestions/{}/{}/refusal".format(*pair))
    assert texts(page, ".empty h2") == ["No open proposals"]
    assert _state(desk) == State.DECLINED


@pytest.mark.parametrize("act", ["refusal", "later"])
def test_a_decision_can_be_taken_back(
    desk: Desk, client: FlaskClient, pair: tuple[int, int], act: str
) -> None:
    page = send(client, "/suggestions/{}/{}/{}".format(*pair, act))
    page = send(client, read(page).css_first(".toast form").attributes["action"])
    assert texts(page, ".fields-name") == ["Annegret Brandt", "A. Brandt"]
    assert texts(page, ".pairs-name") == ["Annegret Brandt"]
    assert _state(desk) == State.OPEN


def test_a_decision_of_the_thread_is_taken_back_there(
    desk: Desk, client: FlaskClient, pair: tuple[int, int]
) -> None:
    number = conversation_of(desk, 1)
    address = "/suggestions/{}/{}/refusal?back=/conversations/{}".format(*pair, number)
    page = send(client, address)
    page = send(client, read(page).css_first(".toast form").attributes["action"])
    assert page.request.path == f"/conversations/{number}"
    assert texts(page, ".suggestion-acts button")[0].startswith("Same")


def test_what_is_put_off_leaves_the_queue_and_can_be_looked_at(
    desk: Desk, client: FlaskClient, pair: tuple[int, int]
) -> None:
    send(client, "/suggestions/{}/{}/later".format(*pair))
    assert texts(client.get("/suggestions"), ".pairs-row") == []
    page = client.get("/suggestions?a={}&b={}".format(*pair))
    assert texts(page, ".fields-name") == ["Annegret Brandt", "A. Brandt"]


def test_a_thread_asks_and_the_answer_comes_back_to_it(
    desk: Desk, client: FlaskClient, pair: tuple[int, int]
) -> None:
    number = conversation_of(desk, 1)
    page = client.get(f"/conversations/{number}?view=open")
    action = read(page).css_first(".suggestion-acts").attributes["action"]
    page = send(client, action)
    assert page.request.path == f"/conversations/{number}"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_an_answer_never_leads_out_of_the_house(
    client: FlaskClient, pair: tuple[int, int], back: str
) -> None:
    page = send(client, "/suggestions/{}/{}/later?back={}".format(*pair, back))
    assert page.request.path == "/suggestions"


def test_a_pair_that_nobody_suggested_cannot_be_decided(client: FlaskClient) -> None:
    assert send(client, "/suggestions/1/2/acceptance").status_code == 404


def test_bars_start_at_the_zero_line_and_stay_inside() -> None:
    good, bad = bars(
        [Reason("name", "differs", -90.0, "", ""), Reason("email", "same", 90, "", "")]
    )
    assert (good.start, good.start + good.width) == (33.0, 100.0)
    assert (bad.start, bad.width) == (0.0, 33.0)


@pytest.mark.parametrize(
    ("value", "other", "shown"),
    [
        ("Alten Deich 7a", "Alten Deich 7", 'Alten Deich 7<span class="differs">a</span>'),
        ("<b>", "", "&lt;b&gt;"),
        ("same", "same", "same"),
    ],
)
def test_what_differs_is_marked_letter_by_letter(value: str, other: str, shown: str) -> None:
    assert str(differing(value, other)) == shown


def _suggest(desk: Desk, one: str, other: str, score: float) -> tuple[int, int]:
    arrive(desk, *(mail(sender=_person(name), subject=name) for name in (one, other)))
    with desk.writing() as session:
        cards = session.scalars(
            select(Card.id).where(Card.name.in_((one, other))).order_by(Card.id)
        ).all()
        session.add(
            Suggestion(
                card_a=cards[0], card_b=cards[1], score=score, reasons=REASONS, at=now(),
                state=State.OPEN,
            )
        )  # fmt: skip
        return cards[0], cards[1]


def _person(name: str) -> Person:
    local = name.replace(" ", "").lower().strip(".")
    return Person(name, Address(IdentityKind.EMAIL, f"{local}@example.org"))


def _state(desk: Desk) -> str:
    with desk.reading() as session:
        return session.scalars(select(Suggestion.state)).one()
