"""Sign-in: who may come in, by password or by a link that works once."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm.base import now
from crm.desk import Desk
from crm.staff.agent import Agent
from inbox.sign_in.account import Account
from inbox.sign_in.accounts import create_account
from inbox.sign_in.once import once_link
from tests.inbox.conftest import JONAS, MARA, PASSWORD, read, signed_in, texts


def sign_in(
    browser: FlaskClient, email: str = MARA, password: str = PASSWORD, path: str = "/sign-in"
) -> TestResponse:
    form = read(browser.get(path)).css_first("form")
    fields = {
        str(node.attributes["name"]): node.attributes["value"]
        for node in form.css("[type=hidden], [name=csrf_token]")
    }
    return browser.post("/sign-in", data={**fields, "email": email, "password": password})


def test_a_visitor_is_led_to_the_door_and_on_from_there(visitor: FlaskClient) -> None:
    assert visitor.get("/conversations/1?view=mine").location == (
        "/sign-in?next=/conversations/1?view%3Dmine"
    )


def test_every_address_but_the_door_is_closed(app: Flask, visitor: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in rule.methods or rule.rule == "/sign-in":
            continue
        assert visitor.get(rule.rule).status_code == 302, rule.rule


def test_a_part_asked_for_by_a_script_sends_the_whole_page_to_the_door(
    visitor: FlaskClient,
) -> None:
    answer = visitor.get("/counts", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_the_right_pair_comes_in_and_goes_where_it_wanted(
    visitor: FlaskClient, mara: Agent
) -> None:
    door = visitor.get("/closed?tag=warranty").location
    assert sign_in(visitor, path=door).location == "/closed?tag=warranty"
    assert visitor.get("/mine").status_code == 200


def test_case_and_blanks_of_the_address_do_not_matter(visitor: FlaskClient, mara: Agent) -> None:
    assert sign_in(visitor, f" {MARA.upper()} ").status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(
    visitor: FlaskClient, mara: Agent
) -> None:
    wrong = texts(sign_in(visitor, password="guess"), "[role=alert]")
    unknown = texts(sign_in(visitor, "nobody@lindenrad.example"), "[role=alert]")
    assert wrong == unknown == ["The address or the password is not right."]


def test_an_agent_who_has_left_does_not_come_in(
    desk: Desk, visitor: FlaskClient, mara: Agent
) -> None:
    with desk.writing() as session:
        session.get_one(Agent, mara.id).active = False
    assert texts(sign_in(visitor), "[role=alert]") == ["The address or the password is not right."]


def test_whoever_leaves_is_out_at_once(desk: Desk, client: FlaskClient, mara: Agent) -> None:
    with desk.writing() as session:
        session.get_one(Agent, mara.id).active = False
    assert client.get("/mine").status_code == 302


@pytest.mark.parametrize("address", [MARA, "nobody@lindenrad.example"])
def test_after_five_failures_an_address_waits_whether_it_exists_or_not(
    visitor: FlaskClient, mara: Agent, address: str
) -> None:
    for _ in range(5):
        sign_in(visitor, address, "guess")
    [words] = texts(sign_in(visitor, address), "[role=alert]")
    assert words.startswith("Too many attempts.")


def test_the_wait_ends(visitor: FlaskClient, mara: Agent) -> None:
    for _ in range(5):
        sign_in(visitor, password="guess")
    with time_machine.travel(now() + timedelta(minutes=1), tick=True):
        assert sign_in(visitor).status_code == 302


@pytest.mark.parametrize("site", ["https://evil.example/", "//evil.example", "\\\\evil.example"])
def test_signing_in_does_not_lead_to_another_site(
    visitor: FlaskClient, mara: Agent, site: str
) -> None:
    answer = sign_in(visitor, path=f"/sign-in?next={site}")
    assert urlsplit(answer.location or "").netloc == ""


def test_a_link_signs_in_once(app: Flask, mara: Agent) -> None:
    path = once_link(app, MARA).removeprefix("http://localhost")
    first, second = app.test_client(), app.test_client()
    assert first.get(path).location == "/"
    assert first.get("/mine").status_code == 200
    assert second.get(path).status_code == 410
    assert second.get("/mine").status_code == 302


def test_a_newer_link_ends_the_older_one(app: Flask, mara: Agent) -> None:
    older = once_link(app, MARA).removeprefix("http://localhost")
    once_link(app, MARA)
    assert app.test_client().get(older).status_code == 410


def test_a_link_lasts_a_day(app: Flask, mara: Agent) -> None:
    path = once_link(app, MARA).removeprefix("http://localhost")
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        assert app.test_client().get(path).status_code == 410


def test_a_link_for_nobody_is_refused(app: Flask) -> None:
    with pytest.raises(LookupError, match=r"nobody@lindenrad\.example"):
        once_link(app, "nobody@lindenrad.example")


def test_signing_out_ends_the_session(client: FlaskClient) -> None:
    token = read(client.get("/mine")).css_first("[name=csrf_token]").attributes["value"]
    client.post("/sign-out", data={"csrf_token": token})
    assert client.get("/mine").status_code == 302


def test_before_the_first_account_the_door_names_the_command(visitor: FlaskClient) -> None:
    assert texts(visitor.get("/sign-in"), "code") == ["postkorb init"]


def test_the_door_speaks_the_language_chosen_there(visitor: FlaskClient, mara: Agent) -> None:
    token = read(visitor.get("/sign-in")).css_first("[name=csrf_token]").attributes["value"]
    visitor.post("/sign-in/language", data={"csrf_token": token, "language": "de"})
    assert texts(visitor.get("/sign-in"), "h1") == ["Anmelden"]


def test_one_address_has_one_account(desk: Desk, mara: Agent) -> None:
    with pytest.raises(ValueError, match="has an account already"), desk.writing() as session:
        create_account(session, "Mara", MARA.upper(), None, "agent")


def test_passwords_are_kept_as_argon2(desk: Desk, mara: Agent) -> None:
    with desk.reading() as session:
        assert session.get_one(Account, 1).password.startswith("$argon2id$")


def test_a_new_password_works_and_ends_other_sessions(app: Flask, client: FlaskClient) -> None:
    elsewhere = signed_in(app, MARA)
    token = read(client.get("/settings")).css_first("[name=csrf_token]").attributes["value"]
    answer = client.post(
        "/settings/password",
        data={"csrf_token": token, "old": PASSWORD, "new": "vier-neue-Speichen"},
    )
    assert answer.status_code == 302
    assert client.get("/mine").status_code == 200
    assert elsewhere.get("/mine").status_code == 302
    assert sign_in(app.test_client(), password="vier-neue-Speichen").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("guess", "vier-neue-Speichen", "The present password is not right."),
        (PASSWORD, "kurz", "The new password needs at least 10 characters."),
    ],
)
def test_a_password_that_cannot_be_taken_says_why(
    client: FlaskClient, old: str, new: str, words: str
) -> None:
    token = read(client.get("/settings")).css_first("[name=csrf_token]").attributes["value"]
    answer = client.post("/settings/password", data={"csrf_token": token, "old": old, "new": new})
    assert (answer.status_code, texts(answer, "[role=alert]")) == (422, [words])


def test_only_administrators_see_who_else_there_is(
    app: Flask, client: FlaskClient, jonas: Agent
) -> None:
    assert texts(client.get("/settings"), "#agents .who") == ["MF Mara Feldkamp", "JT Jonas Thiel"]
    assert texts(signed_in(app, JONAS).get("/settings"), "#agents") == []
