"""What is quoted below an answer, and to whom never."""

from __future__ import annotations

from datetime import timedelta

from crm.base import now
from crm.channels.contract import Outgoing, Sort
from crm.conversations.conversation import Conversation
from crm.conversations.noting import note
from crm.outgoing.queue import cancel
from tests.crm.conftest import Mailbox, mail
from tests.crm.outgoing.test_recipients import ANNA, person

BO = "bo@x.org"


def test_the_message_answered_comes_first_then_the_earlier_ones(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="1@x", text="First", at=now() - timedelta(hours=3)))
    exchanged(mailbox, "Our answer")
    mailbox.receives(mail(mentions=("1@x",), text="Second"))
    sent = exchanged(mailbox, "And now?")
    assert [past.text for past in sent.history] == ["Second", "Our answer", "First"]
    assert [past.author for past in sent.history] == ["Anna Berg", "Mara Feldkamp", "Anna Berg"]


def test_an_older_message_that_is_answered_comes_first(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="1@x", text="First", at=now() - timedelta(hours=3)))
    mailbox.receives(mail(mentions=("1@x",), text="Second"))
    sent = exchanged(mailbox, "To your first", answers_id=mailbox.messages()[0].id)
    assert [past.text for past in sent.history] == ["First", "Second"]


def test_notes_machines_and_what_never_went_are_quoted_to_nobody(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="1@x", text="First"))
    with mailbox.desk.writing() as session:
        note(session, session.get_one(Conversation, 1), "She is angry.", by=mailbox.agent_id)
    mailbox.receives(mail(mentions=("1@x",), text="I am away", sort=Sort.AUTO_REPLY))
    taken_back = mailbox.answers(1, "Oh no", due_at=now() + timedelta(hours=1))
    with mailbox.desk.writing() as session:
        cancel(session, taken_back, by=mailbox.agent_id)
    mailbox.answers(1, "Not gone yet", due_at=now() + timedelta(hours=1))
    assert [past.text for past in exchanged(mailbox, "Hello").history] == ["First"]


def test_what_one_participant_never_saw_is_not_quoted_to_them(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="1@x", text="My bank account is 17"))
    own = exchanged(mailbox, "Thank you")
    mailbox.receives(mail(BO, "Bo", recipients=(person(own.reply_to),), text="And me?"))
    sent = exchanged(mailbox, "You, too", recipients=[person(BO)])
    assert [past.text for past in sent.history] == ["And me?"]


def test_a_copy_to_somebody_new_quotes_nothing_they_never_saw(mailbox: Mailbox) -> None:
    mailbox.receives(
        mail(message_id="1@x", text="To both", recipients=(person(BO, "cc"),)),
        mail(message_id="2@x", text="To you alone", mentions=("1@x",)),
    )
    both = exchanged(mailbox, "Hello both", recipients=[person(ANNA), person(BO, "cc")])
    assert [past.text for past in both.history] == ["To both"]
    new = [person(ANNA), person("new@x.org", "bcc")]
    assert exchanged(mailbox, "Hello all", recipients=new).history == ()


def test_who_was_sent_a_copy_saw_it(mailbox: Mailbox) -> None:
    mailbox.receives(mail(text="Question"))
    exchanged(mailbox, "Answer", recipients=[person(ANNA), person(BO, "cc")])
    sent = exchanged(mailbox, "Bo, please", recipients=[person(BO)])
    assert [past.text for past in sent.history] == ["Answer"]


def test_ten_messages_are_quoted_at_the_most(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="0@x"))
    mailbox.receives(*(mail(mentions=("0@x",), text=str(number)) for number in range(12)))
    assert len(exchanged(mailbox, "Hello").history) == 10


def exchanged(mailbox: Mailbox, text: str, **more: object) -> Outgoing:
    """What left when this was answered."""
    mailbox.answers(1, text, regardless=True, **{"recipients": [person(ANNA)], **more})
    assert mailbox.delivers() == 1
    return mailbox.source.sent[-1]
