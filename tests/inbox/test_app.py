"""The application: its pages, its errors, and how it hangs together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.inbox.conftest import read, texts

SHELL_PAGES = [
    "/mine",
    "/unassigned",
    "/open",
    "/pending",
    "/snoozed",
    "/closed",
    "/spam",
    "/search",
    "/channels",
    "/settings",
    "/keys",
]


def test_every_page_of_the_shell_answers_and_names_its_place(client: FlaskClient) -> None:
    for path in SHELL_PAGES:
        page = client.get(path)
        assert page.status_code == 200, path
        assert read(page).css_first("title").text().endswith("· Lindenrad"), path


def test_no_page_carries_a_script_or_style_of_its_own(client: FlaskClient) -> None:
    for path in SHELL_PAGES:
        page = read(client.get(path))
        assert not page.css(
            "style, [style], [onclick], script:not([src]):not([type='application/json'])"
        )


def test_what_is_not_there_says_so_and_leads_back(client: FlaskClient) -> None:
    page = client.get("/no/such/page")
    assert page.status_code == 404
    assert texts(page, "h1") == ["Nothing here"]
    assert read(page).css_first(".failure a").attributes["href"] == "/"


def test_a_failure_shows_a_reference_that_stands_in_the_log(
    app: Flask,
    client: FlaskClient,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> str:
        raise RuntimeError("a secret of the database")

    monkeypatch.setitem(app.view_functions, "channels.show", fail)
    page = client.get("/channels")
    assert page.status_code == 500
    [reference] = texts(page, ".failure .small")
    assert reference.split()[-1] in caplog.text
    assert "a secret" not in page.get_data(as_text=True)


def test_static_files_change_their_address_with_their_content(client: FlaskClient) -> None:
    links = [
        node.attributes["href"] for node in read(client.get("/mine")).css("link[rel=stylesheet]")
    ]
    assert all("?v=" in str(link) for link in links)
    answer = client.get(links[1])
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_click_in_the_list_gets_the_stage_alone(
    client: FlaskClient, put: Callable[..., int]
) -> None:
    number = put()
    page = client.get(
        f"/conversations/{number}?view=open", headers={"HX-Request": "true", "HX-Target": "stage"}
    )
    assert read(page).css_first("#stage") is not None
    assert read(page).css_first(".rail, #list") is None


def test_a_phones_bar_has_four_places_and_more(client: FlaskClient) -> None:
    page = client.get("/mine")
    assert texts(page, ".phone-bar > a") == ["Mine", "Inbox", "Search", "Contacts"]
    assert texts(page, ".phone-bar .menu-row") == ["Duplicates", "Channels", "Settings", "Sign out"]


def test_every_icon_that_a_page_shows_is_drawn(
    client: FlaskClient, put: Callable[..., int]
) -> None:
    put()
    sprite = client.get("/static/vendor/icons.svg").get_data(as_text=True)
    for path in SHELL_PAGES:
        for use in read(client.get(path)).css("use"):
            name = str(use.attributes["href"]).partition("#")[2]
            assert f'id="{name}"' in sprite, f"{path}: {name}"
