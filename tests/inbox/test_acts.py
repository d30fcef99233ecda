"""Acts on a conversation: each answers with the page that comes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.conversations.conversation import Conversation, Status
from crm.conversations.tagging import tags_of
from crm.desk import Desk
from crm.history.event import Event
from crm.staff.agent import Agent
from inbox.pages.snooze import chosen, offers
from tests.inbox.arriving import send
from tests.inbox.conftest import texts

Put = Callable[..., int]


@pytest.mark.parametrize(
    ("act", "fields", "status"),
    [
        ("closure", {}, Status.CLOSED),
        ("pending", {}, Status.PENDING),
        ("snooze", {"at": "2999-01-01T09:00"}, Status.SNOOZED),
        ("spam", {}, Status.SPAM),
    ],
)
def test_an_act_changes_the_state_and_goes_on_to_the_next(
    desk: Desk, client: FlaskClient, put: Put, act: str, fields: dict[str, str], status: Status
) -> None:
    number, _ = put("first"), put("second")
    page = send(client, f"/conversations/{number}/{act}?view=open", **fields)
    assert texts(page, ".thread-title h1") == ["second"]
    assert _get(desk, number).status == status
    page = send(client, _undo_of(page))
    assert _get(desk, number).status == Status.OPEN


def test_the_last_one_closed_leads_back_to_the_list(client: FlaskClient, put: Put) -> None:
    page = send(client, f"/conversations/{put()}/closure?view=open")
    assert page.request.path == "/open"


def test_an_act_leaves_its_event_with_who_did_it(
    desk: Desk, client: FlaskClient, put: Put, mara: Agent
) -> None:
    send(client, f"/conversations/{put()}/closure")
    with desk.reading() as session:
        event = session.scalars(select(Event).where(Event.kind == "conversation.closed")).one()
        assert event.agent_id == mara.id


def test_a_conversation_is_given_to_a_colleague_and_back(
    desk: Desk, client: FlaskClient, put: Put, jonas: Agent
) -> None:
    number = put()
    page = send(client, f"/conversations/{number}/assignment", agent=str(jonas.id))
    assert texts(page, ".thread-assignee") == ["JT Jonas Thiel"]
    send(client, _undo_of(page))
    assert _get(desk, number).assignee_id is None


def test_nobody_outside_the_house_is_given_work(client: FlaskClient, put: Put) -> None:
    assert send(client, f"/conversations/{put()}/assignment", agent="999").status_code == 404
    assert send(client, f"/conversations/{put()}/assignment", agent="x").status_code == 404


def test_a_tag_is_put_on_and_taken_off(desk: Desk, client: FlaskClient, put: Put) -> None:
    number = put()
    send(client, f"/conversations/{number}/tags", name="warranty")
    with desk.reading() as session:
        assert tags_of(session, [number]) == {number: ["warranty"]}
    send(client, f"/conversations/{number}/tags/undo", name="warranty")
    with desk.reading() as session:
        assert tags_of(session, [number]) == {number: []}


def test_a_time_that_is_over_snoozes_nothing(desk: Desk, client: FlaskClient, put: Put) -> None:
    number = put()
    page = send(client, f"/conversations/{number}/snooze", at="2001-01-01T09:00")
    assert texts(page, ".toast-bad .toast-text") == [
        "Not snoozed. Choose a time that is still to come."
    ]
    assert _get(desk, number).status == Status.OPEN


def test_no_act_without_the_page_s_own_token(client: FlaskClient, put: Put) -> None:
    number = put()
    for act in ("closure", "pending", "snooze", "spam", "assignment", "tags", "notes", "replies"):
        assert client.post(f"/conversations/{number}/{act}").status_code == 400


def test_an_act_on_nothing_is_said_so(client: FlaskClient) -> None:
    assert send(client, "/conversations/4711/closure").status_code == 404


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # A Wednesday in November: Berlin is at +1.
        (
            datetime(2026, 11, 25, 9, 30, tzinfo=UTC),
            ["25 12:00", "26 08:00", "30 08:00", "02 08:00"],
        ),
        # In the evening nothing is offered for today.
        (datetime(2026, 11, 25, 19, 30, tzinfo=UTC), ["26 08:00", "30 08:00", "02 08:00"]),
        # On a Sunday tomorrow is Monday: said once.
        (datetime(2026, 11, 29, 19, 30, tzinfo=UTC), ["30 08:00", "06 08:00"]),
        # The clocks change that night: nine in the morning stays nine.
        (datetime(2026, 10, 24, 19, 30, tzinfo=UTC), ["25 08:00", "26 08:00", "31 08:00"]),
    ],
)
def test_snooze_offers_sensible_times_in_the_agent_s_zone(
    app: Flask, signed_in_berlin: None, at: datetime, expected: list[str]
) -> None:
    assert [f"{offer.until:%d %H:%M}" for offer in offers(at)] == expected


def test_an_own_time_is_meant_in_the_agent_s_zone(signed_in_berlin: None) -> None:
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC)):
        assert chosen("", "2026-07-01T09:00") == datetime(2026, 7, 1, 7, tzinfo=UTC)
        assert chosen("", "nonsense") is None


@pytest.fixture
def signed_in_berlin(app: Flask, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A request of somebody in Berlin."""
    agent = Agent(id=1, name="M", email="m@x", language="en", time_zone="Europe/Berlin")
    monkeypatch.setattr("inbox.pages.snooze.current_agent", lambda: agent)
    with app.test_request_context():
        yield


def _get(desk: Desk, number: int) -> Conversation:
    with desk.reading() as session:
        return session.get_one(Conversation, number)


def _undo_of(page) -> str:  # type: ignore[no-untyped-def]
    from tests.inbox.conftest import read

    return str(read(page).css_first(".toast form").attributes["action"])
