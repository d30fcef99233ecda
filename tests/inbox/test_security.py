"""Security: what the headers forbid, and that nothing is changed without a token."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.desk import Desk
from crm.staff.agent import Agent
from inbox.app import create_app
from tests.inbox.conftest import MARA, PASSWORD


def test_every_page_forbids_what_it_does_not_need(client: FlaskClient) -> None:
    policy = client.get("/mine").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_pages_are_kept_by_no_cache(client: FlaskClient) -> None:
    assert client.get("/mine").headers["Cache-Control"] == "no-store"


def test_no_address_takes_a_change_without_a_token(app: Flask, client: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods:
            path = app.url_map.bind("localhost").build(
                rule.endpoint, dict.fromkeys(rule.arguments, 1), method="POST", force_external=False
            )
            assert client.post(path).status_code == 400, path


def test_a_page_that_was_open_too_long_says_what_to_do(client: FlaskClient) -> None:
    page = client.post("/settings", data={"language": "de"}).get_data(as_text=True)
    assert "Nothing was changed. Go back, load the page again" in page


def test_the_session_is_for_this_site_and_no_script(visitor: FlaskClient, mara: Agent) -> None:
    cookie = visitor.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("address", "secure"), [("https://post.example", True), ("http://localhost", False)]
)
def test_behind_https_the_cookie_travels_by_https_alone(
    desk: Desk, address: str, secure: bool
) -> None:
    app = create_app(desk, site_name="x", base_url=address, ways={})
    cookie = app.test_client().get("/sign-in", base_url=address).headers["Set-Cookie"]
    assert ("Secure" in cookie) is secure


def test_another_installation_does_not_take_our_session(desk: Desk, client: FlaskClient) -> None:
    other = create_app(
        Desk(desk.engine, desk.folder, b"another secret"),
        site_name="x",
        base_url="http://localhost",
        ways={},
    ).test_client()
    cookie = client.get_cookie("postkorb")
    assert cookie is not None
    other.set_cookie("postkorb", cookie.value)
    assert other.get("/mine").status_code == 302


def test_neither_password_nor_address_stands_in_the_log(
    visitor: FlaskClient, mara: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    visitor.post("/sign-in", data={"email": MARA, "password": PASSWORD})
    assert PASSWORD not in caplog.text
    assert MARA not in caplog.text
