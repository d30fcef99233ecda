"""The tray: its rows, headings, counts, pages and news."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event

from crm.base import now
from crm.conversations.conversation import Conversation, Status
from crm.conversations.tagging import tag
from crm.desk import Desk
from crm.staff.agent import Agent
from tests.inbox.conftest import read, texts

Put = Callable[..., int]


def test_the_day_begins_with_what_is_mine(client: FlaskClient, mara: Agent, put: Put) -> None:
    put(assignee=mara)
    assert client.get("/").location == "/mine"


def test_who_has_nothing_begins_with_what_is_nobodys(client: FlaskClient, put: Put) -> None:
    put()
    assert client.get("/").location == "/unassigned"


def test_who_waits_longest_stands_first_and_under_its_heading(
    client: FlaskClient, put: Put
) -> None:
    noon = (now() + timedelta(days=1)).replace(hour=12)
    with time_machine.travel(noon, tick=False):
        put("Since this morning", waited=timedelta(hours=3))
        put("Since yesterday", waited=timedelta(hours=29))
        put("Answered", waited=None)
        page = client.get("/open")
    assert texts(page, ".row-subject .one-line") == [
        "Since yesterday",
        "Since this morning",
        "Answered",
    ]
    assert texts(page, ".rows-title") == ["Since yesterday or longer 1", "Today 1", "Answered 1"]


def test_a_row_says_who_what_and_how_long(client: FlaskClient, jonas: Agent, put: Put) -> None:
    put(
        "Battery",
        who="Annegret Brandt",
        waited=timedelta(hours=29),
        assignee=jonas,
        message_count=4,
        preview="It charges no more",
    )
    page = client.get("/open")
    assert texts(page, ".row") == ["E-mail Annegret Brandt 4 29 h Battery It charges no more JT"]


def test_a_row_shows_at_most_two_tags(client: FlaskClient, desk: Desk, put: Put) -> None:
    number = put()
    with desk.writing() as session:
        conversation = session.get_one(Conversation, number)
        for word in ("brakes", "dealer", "urgent"):
            tag(session, conversation, word, by=None)
    assert texts(client.get("/open"), ".chip-tag") == ["brakes", "dealer"]


def test_new_is_what_waits_and_is_mine_or_nobodys(
    client: FlaskClient, mara: Agent, jonas: Agent, put: Put
) -> None:
    put("nobody's")
    put("mine", assignee=mara)
    put("a colleague's", assignee=jonas)
    put("answered", assignee=mara, waited=None)
    assert sorted(texts(client.get("/open"), ".row-new .row-subject .one-line")) == [
        "mine",
        "nobody's",
    ]


def test_the_late_one_is_a_disc_with_a_stroke_and_says_so_in_words(
    client: FlaskClient, put: Put
) -> None:
    put(waited=timedelta(hours=29))
    put(waited=timedelta(hours=5))
    page = client.get("/open")
    assert texts(page, ".waiting-late:has(.ring-disc)") == ["29 h"]
    assert texts(page, ".waiting-soon:has(.ring-part)") == ["5 h"]


def test_counts_are_those_of_the_lists(client: FlaskClient, mara: Agent, put: Put) -> None:
    put(assignee=mara)
    put()
    put(status=Status.PENDING)
    counts = texts(client.get("/counts"), ".rail-row")
    assert counts[:4] == ["Mine 1", "Unassigned 1", "All open 2", "Pending 1"]


def test_a_thousand_is_shown_as_more_than_999(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm.conversations.tray import View

    monkeypatch.setattr("inbox.rail.counts", lambda *_: dict.fromkeys(View, 1000))
    assert "All open 999+" in texts(client.get("/counts"), ".rail-row")


def test_older_rows_come_by_a_link_that_continues_without_repeating_the_heading(
    client: FlaskClient, put: Put
) -> None:
    for number in range(60):
        put(f"number {number}", waited=timedelta(minutes=120 - number))
    first = client.get("/open")
    older = read(first).css_first(".rows-older").attributes["hx-get"]
    rest = client.get(older, headers={"HX-Request": "true"})
    assert len(texts(first, ".row")) == 50
    assert texts(rest, ".row-subject .one-line") == [f"number {number}" for number in range(50, 60)]
    assert read(rest).css_first(".rail, .rows-title") is None


def test_without_a_script_the_older_link_is_a_page(client: FlaskClient, put: Put) -> None:
    for _ in range(51):
        put()
    older = read(client.get("/open")).css_first(".rows-older").attributes["href"]
    page = client.get(older)
    assert len(texts(page, ".row")) == 1
    assert read(page).css_first(".rail") is not None


def test_a_cursor_that_no_page_gave_is_not_there(client: FlaskClient) -> None:
    assert client.get("/open?after=nonsense").status_code == 404


def test_news_are_offered_and_nothing_jumps(client: FlaskClient, desk: Desk, put: Put) -> None:
    put(last_incoming_id=7)
    news = read(client.get("/unassigned")).css_first(".list-news").attributes["hx-get"]
    assert client.get(news).status_code == 204
    put("Another", last_incoming_id=8)
    assert texts(client.get(news), "a") == ["1 new conversation"]


def test_an_empty_view_names_the_next_step(client: FlaskClient, put: Put) -> None:
    put()
    page = client.get("/mine")
    assert texts(page, ".pane-list h2") == ["Nobody waits"]
    assert read(page).css_first(".pane-list .empty a").attributes["href"] == "/unassigned"


def test_a_tag_narrows_the_view(client: FlaskClient, desk: Desk, put: Put) -> None:
    put("plain")
    number = put("tagged")
    with desk.writing() as session:
        tag(session, session.get_one(Conversation, number), "warranty", by=None)
    assert texts(client.get("/open?tag=warranty"), ".row-subject .one-line") == ["tagged"]


def test_a_list_needs_as_many_queries_for_five_rows_as_for_fifty(
    client: FlaskClient, desk: Desk, put: Put
) -> None:
    def queries() -> int:
        seen: list[str] = []
        listener = lambda *call: seen.append(call[2])  # noqa: E731
        event.listen(desk.engine, "before_cursor_execute", listener)
        client.get("/open")
        event.remove(desk.engine, "before_cursor_execute", listener)
        return len(seen)

    for _ in range(5):
        put()
    few = queries()
    for _ in range(45):
        put()
    assert queries() == few


def test_words_of_strangers_are_shown_as_words(client: FlaskClient, put: Put) -> None:
    put("<script>alert(1)</script>", who="<b>x</b>", preview='" onload="x')
    page = client.get("/open")
    assert texts(page, ".row-subject .one-line") == ["<script>alert(1)</script>"]
    assert read(page).css_first(".row b, .row script, .row [onload]") is None
