"""What came back: the reply is marked failed in its thread, with the reason and what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm.base import now
from crm.channels.contract import Failure, Role, Sort
from crm.conversations.closing import close
from crm.conversations.conversation import Conversation, Place, Status
from crm.conversations.message import Message
from crm.conversations.pending import set_pending
from crm.conversations.snoozing import snooze
from crm.outgoing.reply import Reply, State
from tests.crm.conftest import Mailbox, mail


@pytest.fixture
def answered(mailbox: Mailbox) -> Mailbox:
    """A mailbox whose only conversation has an answer that went out."""
    mailbox.receives(mail())
    mailbox.answers(1)
    mailbox.delivers()
    return mailbox


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_has_its_sentence_and_remedy(answered: Mailbox, failure: Failure) -> None:
    bounce(answered, failure=failure, reason="anna@example.org: 550 5.1.1 no")
    reply = find(answered)
    assert (reply.state, reply.error_words) == (State.FAILED, "anna@example.org: 550 5.1.1 no")
    assert reply.error.endswith(".")
    assert reply.remedy.endswith(".")


def test_a_full_mailbox_is_told_from_an_address_that_does_not_exist(answered: Mailbox) -> None:
    bounce(answered, failure=Failure.MAILBOX_FULL)
    assert find(answered).error == "The mailbox is full."


def test_the_customer_waits_since_they_asked(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    since = mailbox.conversations()[0].waiting_since
    mailbox.answers(1)
    mailbox.delivers()
    bounce(mailbox)
    assert mailbox.conversations()[0].waiting_since == since


def test_a_late_bounce_opens_a_closed_conversation(answered: Mailbox) -> None:
    with answered.desk.writing() as session:
        close(session, session.get_one(Conversation, 1), by=None)
    bounce(answered)
    conversation = answered.conversations()[0]
    assert (conversation.status, conversation.waiting_since is None) == (Status.OPEN, False)


def test_a_late_bounce_ends_the_wait_for_an_answer_that_cannot_come(answered: Mailbox) -> None:
    with answered.desk.writing() as session:
        set_pending(session, session.get_one(Conversation, 1), by=None)
    bounce(answered)
    assert answered.conversations()[0].place == Place.WAITING


@pytest.mark.parametrize(("wakes", "place"), [(True, Place.WAITING), (False, Place.SNOOZED)])
def test_a_late_bounce_wakes_unless_it_sleeps_regardless(
    answered: Mailbox, wakes: bool, place: Place
) -> None:
    with answered.desk.writing() as session:
        until = now() + timedelta(days=1)
        snooze(session, session.get_one(Conversation, 1), until, by=None, wake_on_reply=wakes)
    bounce(answered)
    assert answered.conversations()[0].place == place


def test_a_bounce_of_what_nobody_typed_changes_nothing(answered: Mailbox) -> None:
    with answered.desk.writing() as session:
        session.get_one(Message, find(answered).message_id).sort = Sort.AUTO_REPLY
    bounce(answered)
    assert find(answered).state == State.SENT
    assert answered.conversations()[0].waiting_since is None


def test_a_bounce_that_names_no_mail_of_ours_is_kept_and_changes_nothing(
    answered: Mailbox,
) -> None:
    bounce(answered, bounced="", subject="Undelivered: Re: Battery", text="anna@example.org")
    assert find(answered).state == State.SENT
    assert len(answered.messages()) == 3


def test_a_bounce_of_a_customers_mail_changes_nothing(answered: Mailbox) -> None:
    bounce(answered, bounced=answered.messages()[0].message_id)
    assert find(answered).state == State.SENT


def test_a_warning_that_it_is_late_changes_nothing(answered: Mailbox) -> None:
    bounce(answered, bounced="", mentions=(find(answered).key,))
    assert find(answered).state == State.SENT
    assert answered.conversations()[0].message_count == 3


def test_a_bounce_may_name_the_id_that_a_server_gave_it(answered: Mailbox) -> None:
    echo = mail(
        "support@lindenrad.example",
        role=Role.US,
        message_id="new@outlook",
        other_ids=(find(answered).key,),
    )
    answered.receives(echo)
    bounce(answered, bounced="new@outlook")
    assert find(answered).state == State.FAILED


def bounce(mailbox: Mailbox, **more: object) -> None:
    told = {"sort": Sort.BOUNCE, "bounced": find(mailbox).key, "subject": "Undelivered", **more}
    mailbox.receives(mail("mailer-daemon@example.org", "", at=now(), **told))


def find(mailbox: Mailbox) -> Reply:
    return mailbox.look(lambda s: s.query(Reply).one())
