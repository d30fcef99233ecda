"""One mail to two of our boxes: stored for each, one conversation, shown and counted once."""

from __future__ import annotations

import pytest

from crm.conversations.closing import close, reopen
from crm.conversations.conversation import Conversation
from crm.conversations.timeline import thread
from crm.outgoing.reply import Reply, State
from tests.crm.conftest import Mailbox, mail


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
