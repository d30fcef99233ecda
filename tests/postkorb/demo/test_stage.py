"""The filled inbox: all views, persons over several channels, and answers that come back."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from crm.base import now
from crm.channels.channel import Channel
from crm.contacts.merge import Merge
from crm.contacts.suggest import open_suggestions
from crm.conversations import tray
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.conversations.tray import View
from crm.outgoing.queue import queue
from crm.outgoing.ways import ways_out
from crm.staff.agent import Agent
from postkorb.demo import story
from postkorb.rounds import pull_channel, send_due


@pytest.fixture
def session(demo):
    with demo.desk.reading() as session:
        yield session


@pytest.fixture
def agents(session):
    return {agent.name: agent.id for agent in session.scalars(select(Agent))}


def test_every_piece_of_the_story_is_in_the_inbox(session):
    told = len(story.mails()) + len(story.letters()) + len(story.entries())
    told += sum(len(topic.posts) for topic in story.topics())
    pulled = select(func.count()).select_from(Message).where(Message.remote_id.is_not(None))
    assert session.scalar(pulled) == told


@pytest.mark.parametrize(
    ("view", "at_least"),
    [
        (View.UNASSIGNED, 12),
        (View.OPEN, 25),
        (View.PENDING, 3),
        (View.SNOOZED, 2),
        (View.CLOSED, 4),
        (View.SPAM, 1),
    ],
)
def test_no_view_is_empty(view, at_least, session, agents):
    assert tray.counts(session, agents["Mara Feldkamp"])[view] >= at_least


@pytest.mark.parametrize("name", [agent.name for agent in story.agents()])
def test_every_agent_has_something_to_do(name, session, agents):
    assert tray.counts(session, agents[name])[View.MINE] >= 2


def test_the_one_who_waits_longest_asks_the_reader_for_an_answer(session, agents):
    first, *_ = tray.page(session, View.OPEN, agents["Mara Feldkamp"]).rows
    assert first.subject == "Antworten Sie mir: Taste r"


def test_five_persons_at_least_may_be_known_under_several_cards(session):
    surnames = {pair.name_a.split()[-1] for pair in open_suggestions(session)}
    assert len(surnames) >= 5


def test_a_letter_and_a_mail_share_the_number_below_them(session):
    [pair] = [
        pair
        for pair in open_suggestions(session)
        if {pair.name_a, pair.name_b} == {"Annegret Holthausen-Brandt", "Annegret Brandt"}
    ]
    assert ("phone", "same") in [(one.field, one.verdict) for one in pair.reasons]


def test_one_pair_was_recognised_already(session):
    assert session.scalar(select(func.count()).select_from(Merge)) == 1


def test_one_channel_fails_and_says_what_to_do(session):
    [failing] = session.scalars(select(Channel).where(Channel.failing_since.is_not(None)))
    assert failing.name == "haendler"
    assert "Password was changed" in failing.error_words
    assert now() - failing.failing_since > timedelta(hours=1)
    assert failing.remedy


def reply(demo, subject, text):
    """Answer the conversation by the way its last message came, at once; the message's id."""
    with demo.desk.writing() as session:
        conversation = session.scalars(
            select(Conversation).where(Conversation.subject == subject)
        ).one()
        mara = session.scalars(select(Agent.id).where(Agent.name == "Mara Feldkamp")).one()
        way, *_ = ways_out(session, conversation.id)
        queue(
            session, demo.desk, conversation, text, by=mara, channel_id=way.channel_id,
            to_identity_id=way.identity_id, answers_id=way.answers_id, regardless=True,
            due_at=conversation.created_at,
        )  # fmt: skip
    assert send_due(demo) == 1
    return conversation.id


def comes_back(demo, channel, seconds=10):
    """Pull until something new is there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if count := pull_channel(demo, channel):
            return count
        time.sleep(0.05)
    raise AssertionError(f"nothing came by {channel} within {seconds} s")


def last_message(session, conversation):
    wanted = select(Message).where(Message.conversation_id == conversation)
    return session.scalars(wanted.order_by(Message.moment.desc()).limit(1)).one()


def test_a_customer_writes_back_into_the_same_conversation(demo, session):
    answered = reply(demo, "Antworten Sie mir: Taste r", "Guten Tag, das ist meine Antwort.")
    assert comes_back(demo, "service") == 1
    last = last_message(session, answered)
    assert (last.direction, last.sender_name) == ("incoming", "Paula Probst")


def test_a_customer_says_thanks_in_the_forum(demo, session):
    answered = reply(demo, "Lastenrad im Treppenhaus?", "Ja, mit zwei Hebeln und ohne Werkzeug.")
    comes_back(demo, "forum")
    assert last_message(session, answered).text.startswith("Danke")
