"""Search: what is found stands as rows, with the words marked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from crm.search.query import Hits
from inbox.marking import hits
from tests.inbox.conftest import read, texts


def test_an_empty_box_says_what_can_be_searched(client: FlaskClient) -> None:
    assert texts(client.get("/search"), ".empty h2") == ["Search all conversations"]


def test_nothing_found_says_how_to_find_more(client: FlaskClient) -> None:
    page = client.get("/search?q=unfindable")
    assert texts(page, ".empty h2") == ["Nothing found"]
    assert read(page).css_first("[name=q]").attributes["value"] == "unfindable"


def test_what_is_found_stands_as_rows_with_the_words_marked(
    client: FlaskClient, put: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = put("Battery of the T7"), put("Brakes", preview="the batteries are flat")
    monkeypatch.setattr("inbox.pages.search.search", lambda *_, **__: Hits([second, first], ""))
    page = client.get("/search?q=batter")
    assert texts(page, ".row-subject .one-line") == ["Brakes", "Battery of the T7"]
    assert texts(page, "mark") == ["batteries", "Battery"]


def test_more_hits_come_by_a_link(
    client: FlaskClient, put: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = put()
    monkeypatch.setattr("inbox.pages.search.search", lambda *_, **__: Hits([number], "42"))
    link = read(client.get("/search?q=battery")).css_first(".rows-older").attributes["hx-get"]
    assert link == "/search?q=battery&before=42"
    assert read(client.get(link, headers={"HX-Request": "true"})).css_first(".rail") is None


def test_a_continuation_that_no_page_gave_is_not_there(client: FlaskClient) -> None:
    assert client.get("/search?q=x&before=nonsense").status_code == 404


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Akku lädt nicht", "akku", "<mark>Akku</mark> lädt nicht"),
        ("Akkulaufzeit", "akku", "<mark>Akkulaufzeit</mark>"),
        ("a < b", "b", "a &lt; <mark>b</mark>"),
        ("<akku>", "akku", "&lt;<mark>akku</mark>&gt;"),
        ("nothing", "", "nothing"),
        ("(a+b)*", "*(", "(a+b)*"),
    ],
)
def test_hits_are_marked_and_the_rest_is_escaped(text: str, query: str, marked: str) -> None:
    assert str(hits(text, query)) == marked
