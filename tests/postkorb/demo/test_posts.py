"""The forum and the blog are read by their connectors; whoever is answered there says thanks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr

from connectors.community.discourse import Discourse
from connectors.community.feed import Feed
from crm.channels.contract import Role
from postkorb.demo import posts, story

ANSWER = "Wir haben die alte Version für Sie bereitgelegt, bitte melden Sie sich."


@pytest.fixture
def forum(tmp_path, now):
    posts.lay_out(tmp_path / "forum.json", now)
    with posts.serving(tmp_path / "forum.json", 0, pause_seconds=0) as forum:
        yield forum


def pulled(connector, now):
    return [m for batch in connector.pull(None, now - timedelta(30)) for m in batch.messages]


def test_every_post_comes_in_the_order_in_which_it_was_written(forum, site, now):
    settings = Discourse.Settings(url=forum.url, user=posts.USER, key=SecretStr(posts.KEY))
    messages = pulled(Discourse(settings, site), now)
    assert len(messages) == sum(len(topic.posts) for topic in story.topics())
    assert [message.at for message in messages] == sorted(message.at for message in messages)
    assert {message.subject for message in messages} == {topic.title for topic in story.topics()}
    [by_us] = [message for message in messages if message.role is not Role.CUSTOMER]
    assert by_us.sender.name == "Jonas Thiel"


def test_every_entry_of_the_blog_is_read(forum, site, now):
    messages = pulled(Feed(Feed.Settings(url=forum.url + posts.FEED), site), now)
    assert {message.subject for message in messages} == {entry.title for entry in story.entries()}
    assert {message.sender.name for message in messages} == {"Wiebke Lorenzen"}


def topic_called(forum, title):
    return next(topic["id"] for topic in forum.topics() if topic["title"] == title)


def test_the_last_customer_of_a_topic_says_thanks_once(forum):
    topic = topic_called(forum, "Display zeigt E-07 nach Update")
    first = forum.add_post(posts.USER, "Lindenrad", topic, ANSWER)
    assert posts.give_thanks(forum, first)["username"] == "velofreund_mitte"
    second = forum.add_post(posts.USER, "Lindenrad", topic, f"{ANSWER} Danke.")
    assert posts.give_thanks(forum, second) is None


def test_an_english_answer_is_thanked_for_in_english(forum):
    topic = topic_called(forum, "Do you ship to Scotland?")
    answer = forum.add_post(posts.USER, "Lindenrad", topic, "Yes, we ship small parts to you.")
    assert posts.give_thanks(forum, answer)["raw"].startswith("Thanks")


def test_nobody_thanks_another_customer(forum):
    topic = topic_called(forum, "Schaltauge R5 nirgends lieferbar")
    answer = forum.add_post("lastenesel", "Philipp Eschweiler", topic, "Meines ist heute gekommen.")
    assert posts.give_thanks(forum, answer) is None
