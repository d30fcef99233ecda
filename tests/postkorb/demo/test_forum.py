"""The demo's forum as a browser and a second start find it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from queue import SimpleQueue

import pytest
import requests

from connectors.community.feed import Feed, FeedSettings
from crm.channels.contract import Site
from postkorb.demo.forum import DemoForum

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ACCESS = {"Api-Key": "demo-key", "Api-Username": "service"}


@pytest.fixture
def forum(tmp_path):
    forum = DemoForum(tmp_path / "forum.json", staff={"service": "Kundendienst"})
    forum.start()
    yield forum
    forum.stop()


def test_a_second_start_finds_what_the_first_left(forum):
    assert forum.is_empty
    forum.add_post("erika", "Erika Muster", "Lieferung", "Wo bleibt mein Paket?", MONDAY)
    assert DemoForum(forum.path).post(1) == forum.post(1)


def test_a_permalink_can_be_opened_and_runs_nothing(forum):
    raw = "Schön! <script>alert(1)</script> https://example.org/"
    post = forum.add_post("erika", "<b>Erika</b>", "Größe?", raw, MONDAY)
    page = requests.get(forum.url + post["post_url"], timeout=5)
    assert page.status_code == 200
    assert post["post_url"] == "/t/groesse/1/1"
    assert '<a href="https://example.org/"' in page.text
    assert "<script>" not in page.text
    assert "<b>Erika" not in page.text


def test_the_news_are_a_feed(forum):
    forum.add_entry("Test", "Die Zeitung", "<p>Gut &amp; günstig</p>", MONDAY)
    settings = FeedSettings(url=forum.url + "/feed.xml")
    [batch, end] = Feed(settings, Site("Us")).pull(None, datetime(2000, 1, 1, tzinfo=UTC))
    [message] = batch.messages
    assert (message.subject, message.text) == ("Test", "Gut & günstig")
    assert (message.sender.name, message.at) == ("Die Zeitung", MONDAY)
    assert requests.get(message.permalink, timeout=5).status_code == 200
    assert list(Feed(settings, Site("Us")).pull(end.cursor, MONDAY)) == []


def test_a_reply_by_the_api_is_told_to_the_demo(forum):
    forum.add_post("erika", "Erika Muster", "Lieferung", "Wo bleibt mein Paket?", MONDAY)
    heard = SimpleQueue()
    forum.on_reply = heard.put
    fields = {"topic_id": 1, "raw": "Es ist unterwegs."}
    answer = requests.post(forum.url + "/posts.json", json=fields, headers=ACCESS, timeout=5)
    assert heard.get(timeout=5)["id"] == answer.json()["id"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"topic_id": 1}', 400),
        (b'{"topic_id": 9, "raw": "Hello"}', 422),
    ],
)
def test_what_cannot_be_written_is_refused_as_discourse_does(forum, body, status):
    answer = requests.post(forum.url + "/posts.json", body, headers=ACCESS, timeout=5)
    assert answer.status_code == status
    assert json.loads(answer.text)["errors"]
