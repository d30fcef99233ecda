"""Language: words, dates and numbers as the agent reads them; every word is translated."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import Babel, force_locale

from crm.base import now
from crm.desk import Desk
from crm.staff.agent import Agent
from inbox import times
from tests.inbox.conftest import read, texts

HOUSE = Path(__file__).parents[2]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
METHODS = {
    "inbox": [("**.py", "python")],
    "templates": [("**.html", "jinja2.ext:babel_extract")],
    "connectors": [("**.py", "inbox.sentences:extract")],
    "crm": [("**.py", "inbox.sentences:extract")],
}


@pytest.fixture(scope="module")
def words() -> Flask:
    """Languages alone, without a database."""
    app = Flask("inbox", root_path=str(HOUSE / "inbox"))
    Babel(app)
    return app


def test_every_word_of_the_pages_and_every_sentence_of_a_connector_is_in_german() -> None:
    with (HOUSE / "inbox/translations/de/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    said = {
        found[2]
        for folder, methods in METHODS.items()
        for found in extract_from_dir(
            HOUSE / folder, methods, {"**.html": {"trimmed": "true"}}, keywords=KEYWORDS
        )
    }
    known = {
        message.id for message in catalogue if message.string and all(_strings(message.string))
    }
    assert sorted(map(str, said - known)) == []
    assert sorted(map(str, {message.id for message in catalogue if message.id} - said)) == []


def test_a_translation_keeps_every_placeholder() -> None:
    with (HOUSE / "inbox/translations/de/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        if message.id:
            originals, strings = _strings(message.id), _strings(message.string)
            assert _places(originals[-1]) == _places(strings[-1]), message.id


def test_a_page_speaks_the_agents_language(desk: Desk, client: FlaskClient, mara: Agent) -> None:
    with desk.writing() as session:
        session.get_one(Agent, mara.id).language = "de"
    page = client.get("/open")
    assert read(page).css_first("html").attributes["lang"] == "de"
    assert texts(page, "#list h1") == ["Alle offenen"]


@pytest.mark.parametrize(
    ("asked", "words"), [("de-AT,de;q=0.9", "Anmelden"), ("fr", "Sign in"), ("en", "Sign in")]
)
def test_before_sign_in_the_browser_says_which(
    visitor: FlaskClient, mara: Agent, asked: str, words: str
) -> None:
    assert texts(visitor.get("/sign-in", headers={"Accept-Language": asked}), "h1") == [words]


def test_settings_are_kept_and_seen_at_once(client: FlaskClient) -> None:
    token = read(client.get("/settings")).css_first("[name=csrf_token]").attributes["value"]
    client.post(
        "/settings",
        data={"csrf_token": token, "language": "de", "zone": "Europe/Berlin", "theme": "dark"},
    )
    page = client.get("/settings")
    assert read(page).css_first("html").attributes["data-theme"] == "dark"
    assert texts(page, ".toast-text") == ["Einstellungen gespeichert"]


def test_a_setting_that_does_not_exist_is_refused(client: FlaskClient) -> None:
    token = read(client.get("/settings")).css_first("[name=csrf_token]").attributes["value"]
    answer = client.post(
        "/settings",
        data={"csrf_token": token, "language": "de", "zone": "Moon/Crater", "theme": "dark"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("at", "german", "english"),
    [
        ("2026-11-25T11:30", "heute 11:30", "today 11:30"),
        ("2026-11-23T08:12", "Mo 08:12", "Mon 08:12"),
        ("2026-11-26T09:00", "Do 09:00", "Thu 09:00"),
        ("2026-10-03T14:02", "3. Okt. 14:02", "3 Oct 14:02"),
        ("2025-03-12T14:02", "12. März 2025", "12 Mar 2025"),
    ],
)
def test_a_moment_in_words(words: Flask, at: str, german: str, english: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    with words.test_request_context(), time_machine.travel("2026-11-25 12:00:00+00:00"):
        with force_locale("de"):
            assert times.moment(moment) == german
        with force_locale("en"):
            assert times.moment(moment) == english


@pytest.mark.parametrize(
    ("filter_", "value", "german", "english"),
    [
        (times.number, 1204, "1.204", "1,204"),
        (times.percent, 0.94, "94\u202f%", "94%"),
        (times.size, 412, "412 B", "412 B"),
        (times.size, 41_300, "41 kB", "41 kB"),
        (times.size, 1_800_000, "1,8 MB", "1.8 MB"),
    ],
)
def test_numbers_in_words(words: Flask, filter_, value: float, german: str, english: str) -> None:
    with words.test_request_context():
        with force_locale("de"):
            assert filter_(value) == german
        with force_locale("en"):
            assert filter_(value) == english


@pytest.mark.parametrize(
    ("hours", "state", "percent", "text"),
    [
        (0.8, "fresh", 6, "48 Min"), (1.6, "fresh", 7, "96 Min"), (3, "fresh", 12, "3 Std"),
        (5, "soon", 21, "5 Std"), (23.9, "soon", 100, "23 Std"), (29, "late", 100, "29 Std"),
        (75, "late", 100, "3 T"), (-1, "fresh", 6, "0 Min"),
    ],
)  # fmt: skip
def test_ring_colour_and_number_of_a_waiting_time_agree(
    words: Flask, hours: float, state: str, percent: int, text: str
) -> None:
    with words.test_request_context(), force_locale("de"), time_machine.travel(now(), tick=False):
        assert times.waited(now() - timedelta(hours=hours)) == times.Waited(text, state, percent)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mara Feldkamp", "MF"),
        ("Annegret Holthausen-Brandt", "AH"),
        ("kettenblatt_88", "KE"),
        ("Dr. Ysolde Tannhäuser", "YT"),
        ("@deichradlerin", "DE"),
        ("Ärzte am Ring", "ÄA"),
        ("0555 1234", "05"),
        ("", "?"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert times.initials(name) == letters


def _strings(words: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))
