"""A reply that goes out later."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.base import now
from crm.desk import Desk
from crm.outgoing.reply import Reply
from tests.inbox.arriving import arrive, conversation_of, mail, send
from tests.inbox.conftest import read, texts


@pytest.fixture
def asked(desk: Desk, client: FlaskClient) -> int:
    [number] = arrive(desk, mail("first"))
    return conversation_of(desk, number)


def test_the_times_of_snoozing_are_offered_and_one_click_chooses(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    page = read(client.get(f"/conversations/{asked}"))
    offered = page.css("#reply [name=due]")
    assert [one.text().split()[0] for one in offered][-3:] == ["Monday", "In", "Send"]
    until = str(offered[-2].attributes["value"])
    page = later(client, asked, due=until)
    assert texts(page, ".toast-text")[0].startswith("Goes out")
    assert texts(page, ".delivery-waiting p")[0].startswith("Goes out")
    assert texts(page, ".delivery-waiting button") == ["Send now", "Undo"]
    assert waits(desk) > timedelta(days=6)


def test_ones_own_time_is_read_in_ones_own_zone(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    at = (now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    later(client, asked, due="own", due_at=at)
    assert timedelta(days=2, hours=23) < waits(desk) <= timedelta(days=3)


@pytest.mark.parametrize("at", ["2020-01-01T09:00", "", "soon"])
def test_a_time_that_is_over_or_none_sends_nothing(
    desk: Desk, client: FlaskClient, asked: int, at: str
) -> None:
    page = later(client, asked, due="own", due_at=at)
    words = ["Not sent. Choose a time that is still to come."]
    assert texts(page, ".toast-bad .toast-text") == words
    assert texts(page, ".composer-reply textarea") == ["Tomorrow then."]


def test_a_time_that_stands_in_the_field_alone_delays_nothing(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    at = (now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    later(client, asked, due_at=at)
    assert waits(desk) < timedelta(minutes=1)


def test_send_now_and_too_late_for_it(desk: Desk, client: FlaskClient, asked: int) -> None:
    later(client, asked, due=(now() + timedelta(days=1)).isoformat())
    with desk.reading() as session:
        number = session.scalars(select(Reply.message_id)).one()
    page = send(client, f"/replies/{number}/now")
    assert texts(page, ".delivery-waiting p") == ["Goes out now"]
    with desk.writing() as session:
        session.get_one(Reply, number).state = "sent"
    page = send(client, f"/replies/{number}/now")
    assert texts(page, ".toast-bad .toast-text") == ["It does not wait any more."]


def test_it_can_be_taken_back_the_day_after(desk: Desk, client: FlaskClient, asked: int) -> None:
    later(client, asked, due=(now() + timedelta(days=2)).isoformat())
    with desk.reading() as session:
        number = session.scalars(select(Reply.message_id)).one()
    with time_machine.travel(now() + timedelta(hours=20), tick=True):
        page = send(client, f"/replies/{number}/undo")
    assert texts(page, ".composer-reply textarea") == ["Tomorrow then."]


def later(client: FlaskClient, number: int, **fields: object):  # type: ignore[no-untyped-def]
    given = {"way": "1", "text": "Tomorrow then.", "seen_message_id": "0"}
    return send(client, f"/conversations/{number}/replies", **{**given, **fields})


def waits(desk: Desk) -> timedelta:
    with desk.reading() as session:
        return session.scalars(select(Reply.due_at)).one() - now()
