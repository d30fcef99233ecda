"""One mail to two of our boxes: stored for each, one conversation, shown and counted once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm.conversations.closing import close, reopen
from crm.conversations.conversation import Conversation
from crm.conversations.timeline import thread
from crm.outgoing.reply import Reply, State
from tests.crm.conftest import Mailbox, mail

WRITTEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def other(mailbox: Mailbox) -> Mailbox:
    """A second mailbox of ours."""
    return Mailbox(mailbox.desk, name="sales")


def test_it_is_stored_for_each_and_shown_once(mailbox: Mailbox, other: Mailbox) -> None:
    mailbox.receives(mail(message_id="one@x"))
    other.receives(mail(message_id="one@x"))
    first, second = mailbox.messages()
    assert (second.copy_of_id, second.conversation_id) == (first.id, first.conversation_id)
    shown = mailbox.look(lambda s: thread(s, 1)).messages
    assert [item.message.id for item in shown] == [first.id]
    assert mailbox.conversations()[0].message_count == 1


def test_it_opens_nothing_and_holds_nothing(mailbox: Mailbox, other: Mailbox) -> None:
    mailbox.receives(mail(message_id="one@x"))
    message = mailbox.answers(1)
    other.receives(mail(message_id="one@x"))
    assert mailbox.conversations()[0].waiting_since is None
    assert mailbox.delivers() == 1
    assert mailbox.look(lambda s: s.get_one(Reply, message)).state == State.SENT
    with mailbox.desk.writing() as session:
        close(session, session.get_one(Conversation, 1), by=None)
        reopen(session, session.get_one(Conversation, 1), by=None)
    assert mailbox.conversations()[0].waiting_since is None


@pytest.mark.parametrize(
    "difference", [{"text": "another"}, {"subject": "another"}, {"sender": "b@example.org"}]
)
def test_the_same_id_on_something_else_is_another_message(
    mailbox: Mailbox, other: Mailbox, difference: dict[str, str]
) -> None:
    mailbox.receives(mail(message_id="one@x"))
    other.receives(mail(**{"message_id": "one@x", **difference}))
    assert [message.copy_of_id for message in mailbox.messages()] == [None, None]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Please  help.\n\n--\nThe list of all cyclists"},
        {"subject": "[cyclists] Battery"},
        {"subject": "Re: [EXTERN] Battery", "text": "CAUTION: from outside. Please help."},
    ],
)
def test_a_copy_that_a_list_or_server_has_altered_is_still_one(
    mailbox: Mailbox, other: Mailbox, change: dict[str, str]
) -> None:
    told = {"message_id": "one@x", "text": "Please help.", "dated": WRITTEN}
    mailbox.receives(mail(**told))
    other.receives(mail(**(told | change)))
    first, second = mailbox.messages()
    assert second.copy_of_id == first.id


@pytest.mark.parametrize("dated", [None, WRITTEN + timedelta(seconds=1)])
def test_more_words_of_another_time_are_another_mail(
    mailbox: Mailbox, other: Mailbox, dated: datetime | None
) -> None:
    """Some programs give all their mails one id."""
    mailbox.receives(mail(message_id="one@x", text="It is here.", dated=WRITTEN))
    other.receives(mail(message_id="one@x", text="It is here. Again!", dated=dated))
    assert [message.copy_of_id for message in mailbox.messages()] == [None, None]


def test_it_is_answered_once(mailbox: Mailbox, other: Mailbox) -> None:
    mailbox.receives(mail(message_id="one@x"))
    other.receives(mail(message_id="one@x"))
    mailbox.answers(1)
    assert (mailbox.delivers(), other.delivers(), mailbox.delivers()) == (1, 0, 0)
    assert mailbox.conversations()[0].waiting_since is None


def test_a_mail_in_two_folders_of_one_mailbox_is_shown_once(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="one@x", remote_id="1:7"))
    mailbox.receives(mail(message_id="one@x", remote_id="Archive/1:3"))
    first, second = mailbox.messages()
    assert second.copy_of_id == first.id


def test_two_mails_under_one_id_are_both_shown_and_the_second_says_so(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="one@x", text="Your parcel is packed."))
    mailbox.receives(
        mail(message_id="one@x", text="Your parcel is on its way."),
        mail(message_id="two@x", text="Hello"),
    )
    assert [message.copy_of_id for message in mailbox.messages()] == [None] * 3
    assert ["shared_id" in message.flags for message in mailbox.messages()] == [False, True, False]


def test_two_mails_of_one_batch_under_one_id_are_both_shown(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="one@x", text="First"), mail(message_id="one@x", text="Other"))
    assert [message.text for message in mailbox.messages()] == ["First", "Other"]
    assert ["shared_id" in message.flags for message in mailbox.messages()] == [False, True]
