"""A reply or a note that is posted twice is there once."""

from __future__ import annotations

from datetime import timedelta

from crm.base import now
from crm.conversations.conversation import Conversation
from crm.conversations.noting import note
from crm.outgoing.queue import Overtaken, cancel
from tests.crm.conftest import Mailbox, mail

LATER = {"due_at": now() + timedelta(hours=1)}


def test_a_double_click_sends_once(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    seen = mailbox.messages()[0].id
    first = mailbox.answers(1, "Hello", seen_message_id=seen)
    assert mailbox.answers(1, "Hello", seen_message_id=seen) == first
    assert mailbox.delivers() == 1


def test_send_anyway_clicked_twice_sends_once(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    seen = mailbox.messages()[0].id
    mailbox.receives(mail(mentions=("q@x",)))
    for _ in range(2):
        newest = mailbox.messages()[1].id
        mailbox.answers(1, "Hello", seen_message_id=newest, regardless=True)
    assert seen < newest
    assert mailbox.delivers() == 1


def test_the_same_words_after_reading_the_first_are_another_reply(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    first = mailbox.answers(1, "Hello")
    assert mailbox.answers(1, "Hello", seen_message_id=first) != first


def test_the_same_words_after_something_new_are_held(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    seen = mailbox.messages()[0].id
    mailbox.answers(1, "Hello", seen_message_id=seen)
    mailbox.receives(mail(mentions=("q@x",)))
    assert isinstance(mailbox.answers(1, "Hello", seen_message_id=seen), Overtaken)


def test_what_was_taken_back_can_be_sent_again(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    seen = mailbox.messages()[0].id
    first = mailbox.answers(1, "Hello", seen_message_id=seen, **LATER)
    with mailbox.desk.writing() as session:
        cancel(session, first, by=mailbox.agent_id)
    assert mailbox.answers(1, "Hello", seen_message_id=seen) != first


def test_a_note_posted_twice_is_one(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    for _ in range(2):
        with mailbox.desk.writing() as session:
            note(session, session.get_one(Conversation, 1), "Call her.", by=mailbox.agent_id)
    assert [message.text for message in mailbox.messages()][1:] == ["Call her."]
    assert mailbox.conversations()[0].message_count == 2
