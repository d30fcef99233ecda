"""What is searched is found, on both databases alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.channels.contract import Change
from crm.conversations.conversation import Conversation
from crm.conversations.noting import note
from crm.conversations.removing import to_spam
from crm.search.query import search
from crm.search.text import normal
from crm.search.written import index_written
from tests.crm.conftest import Mailbox, mail


@pytest.mark.parametrize(
    "question",
    [
        "größe",
        "groesse",
        "GROSSE",
        "grosse akku",
        "akku",
        "akk",
        "anna",
        "berg",
        "anna@example.org",
        "l\u00e4dt",
    ],
)
def test_words_names_and_addresses_are_found(mailbox: Mailbox, question: str) -> None:
    mailbox.receives(mail(subject="Größe des Akkus", text="Der Akku laedt nicht."))
    assert found(mailbox, question) == [1]


@pytest.mark.parametrize(
    "question", ["motor", "akku motor", "", '"', "akku AND", "NEAR(", "*", "akku) OR (x"]
)
def test_what_is_not_there_is_not_found_and_nothing_breaks(mailbox: Mailbox, question: str) -> None:
    mailbox.receives(mail(subject="Akku", text="Der Akku lädt nicht."))
    assert found(mailbox, question) == []


def test_the_newest_hit_stands_first_and_each_conversation_once(mailbox: Mailbox) -> None:
    mailbox.receives(mail("a@x.org", message_id="a@x"), mail("b@x.org"))
    mailbox.receives(mail("a@x.org", mentions=("a@x",)))
    assert found(mailbox, "battery") == [1, 2]


def test_more_hits_than_a_page_follow(mailbox: Mailbox) -> None:
    mailbox.receives(*(mail(f"c{number}@x.org") for number in range(12)))
    first = mailbox.look(lambda s: search(s, "battery", limit=5))
    second = mailbox.look(lambda s: search(s, "battery", limit=20, before=first.more))
    assert first.conversation_ids + second.conversation_ids == list(range(12, 0, -1))


def test_a_conversation_of_two_hits_stands_on_one_page(mailbox: Mailbox) -> None:
    mailbox.receives(*(mail(f"c{number}@x.org", message_id=f"{number}@x") for number in range(6)))
    mailbox.receives(*(mail(f"c{number}@x.org", mentions=(f"{number}@x",)) for number in range(6)))
    first = mailbox.look(lambda s: search(s, "battery", limit=4))
    second = mailbox.look(lambda s: search(s, "battery", limit=4, before=first.more))
    assert first.conversation_ids + second.conversation_ids == [6, 5, 4, 3, 2, 1]


def test_an_edited_message_is_found_by_its_new_words_only(mailbox: Mailbox) -> None:
    mailbox.receives(mail(remote_id="p", text="yellow"))
    mailbox.receives(mail(remote_id="p", text="purple", change=Change.EDITED))
    assert (found(mailbox, "yellow"), found(mailbox, "purple")) == ([], [1])


def test_notes_and_replies_are_found(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    mailbox.answers(1, "A courier brings it")
    with mailbox.desk.writing() as session:
        index_written(
            session,
            note(session, session.get_one(Conversation, 1), "goodwill", by=mailbox.agent_id),
        )
    assert (found(mailbox, "courier"), found(mailbox, "goodwill")) == ([1], [1])


def test_spam_is_not_found(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    with mailbox.desk.writing() as session:
        to_spam(session, session.get_one(Conversation, 1), by=None)
    assert found(mailbox, "battery") == []


@given(st.text(max_size=200))
def test_the_normaliser_takes_any_text(text: str) -> None:
    assert "\0" not in normal(text)
    assert normal(text.upper()) == normal(text.upper().casefold())


def found(mailbox: Mailbox, question: str) -> list[int]:
    return mailbox.look(lambda s: search(s, question)).conversation_ids
