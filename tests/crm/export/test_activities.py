"""The activities' file: a row for each conversation."""

from zoneinfo import ZoneInfo

import pytest

from crm.conversations.conversation import Conversation, Status
from crm.conversations.tagging import tag
from crm.export import activities
from crm.staff.agent import Agent

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def anna(office):
    return office.person("Anna Meier", "anna@example.org")


def export(desk):
    with desk.reading() as session:
        return [
            dict(zip(activities.HEADER, row, strict=True))
            for row in activities.rows(session, BERLIN)
        ]


def test_a_conversation_has_one_row(desk, office, anna):
    other = office.person("A. Meier", "a@example.com")
    office.join(anna, other)
    with desk.writing() as session:
        agent = Agent(name="Kim", email="kim@example.org")
        session.add(agent)
        session.flush()
        kim = agent.id
    number = office.conversation(
        other, status=Status.CLOSED, closed_hours=5, subject="Lamp", assignee_id=kim,
        message_count=3,
    )  # fmt: skip
    office.message(number)
    office.message(number, channel="letters", hours=1)
    office.message(number, direction="outgoing", hours=2)
    with desk.writing() as session:
        for word in ("repair", "lamp"):
            tag(session, session.get_one(Conversation, number), word, by=None)
    assert export(desk) == [
        {
            "id": str(number),
            "reference": f"PK-{number}",
            "contact_id": str(anna),
            "contact": "Anna Meier",
            "channels": "support; letters",
            "opened": "2026-07-01T10:30:15+02:00",
            "first_answer": "2026-07-01T12:30:15+02:00",
            "closed": "2026-07-01T15:30:15+02:00",
            "status": "closed",
            "subject": "Lamp",
            "tags": "lamp; repair",
            "agent": "Kim",
            "messages": "3",
        }
    ]


@pytest.mark.parametrize(
    ("state", "answered"),
    [
        ("sent", "2026-07-01T11:30:15+02:00"),
        ("unknown", "2026-07-01T11:30:15+02:00"),
        ("waiting", ""),
        ("held", ""),
        ("cancelled", ""),
        ("failed", ""),
    ],
)
def test_only_what_left_us_is_an_answer(desk, office, anna, state, answered):
    number = office.conversation(anna)
    office.message(number, direction="note")
    office.message(number, direction="outgoing", hours=1, state=state)
    assert export(desk)[0]["first_answer"] == answered


@pytest.mark.parametrize("status", [Status.SPAM, Status.BIN])
def test_spam_and_bin_are_left_out(desk, office, anna, status):
    office.conversation(anna, status=status)
    assert export(desk) == []


def test_chunks_join_without_a_gap(desk, office, anna, monkeypatch):
    monkeypatch.setattr(activities, "CHUNK", 2)
    numbers = [office.conversation(anna) for _ in range(5)]
    assert [int(row["id"]) for row in export(desk)] == numbers
