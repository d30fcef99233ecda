"""Our own mail coming back is no new one, whichever name and id it has on its return."""

from __future__ import annotations

import pytest

from crm.channels.contract import Role
from crm.outgoing.reply import Reply
from tests.crm.conftest import Mailbox, mail

US = "support@lindenrad.example"


@pytest.fixture
def key(mailbox: Mailbox) -> str:
    """The Message-ID of the answer that the only conversation has."""
    mailbox.receives(mail(message_id="q@x"))
    mailbox.answers(1, "We send a new one.\n\nMara")
    mailbox.delivers()
    return mailbox.look(lambda s: s.query(Reply).one().key)


def test_a_copy_with_a_new_id_is_known_by_the_one_it_bore_before(
    mailbox: Mailbox, key: str
) -> None:
    mailbox.receives(mail(US, role=Role.US, message_id="new@outlook", other_ids=(key,)))
    assert len(mailbox.messages()) == 2


@pytest.mark.parametrize("sender", ["anna@example.org", "private@example.net"])
def test_an_answer_to_the_new_id_joins_like_one_to_ours(
    mailbox: Mailbox, key: str, sender: str
) -> None:
    mailbox.receives(mail(US, role=Role.US, message_id="new@outlook", other_ids=(key,)))
    mailbox.receives(mail(sender, mentions=("new@outlook",), subject="Thank you!"))
    assert [one.message_count for one in mailbox.conversations()] == [3]


def test_echo_and_answer_may_come_in_one_batch(mailbox: Mailbox, key: str) -> None:
    mailbox.receives(
        mail(US, role=Role.US, message_id="new@outlook", other_ids=(key,)),
        mail("private@example.net", mentions=("new@outlook",)),
    )
    assert [one.message_count for one in mailbox.conversations()] == [3]


def test_an_answer_that_came_before_the_echo_does_not_hide_it(mailbox: Mailbox, key: str) -> None:
    mailbox.receives(mail(mentions=("new@outlook", "q@x")))
    mailbox.receives(mail(US, role=Role.US, message_id="new@outlook", other_ids=(key,)))
    mailbox.receives(mail("private@example.net", mentions=("new@outlook",)))
    assert [one.message_count for one in mailbox.conversations()] == [4]


def test_a_list_that_puts_its_name_in_the_place_of_ours_brings_back_our_mail(
    mailbox: Mailbox, key: str
) -> None:
    text = "We send a new\none.\n\nMara\n--\nThe list of all cyclists"
    mailbox.receives(mail("list@cyclists.example", message_id=key, text=text))
    assert len(mailbox.messages()) == 2


def test_a_strangers_words_under_our_id_are_a_mail_like_any_other(
    mailbox: Mailbox, key: str
) -> None:
    mailbox.receives(mail("eve@example.net", message_id=key, text="Please call me."))
    assert [message.text for message in mailbox.messages()][2:] == ["Please call me."]


def test_an_echo_read_in_two_folders_is_dropped_twice(mailbox: Mailbox, key: str) -> None:
    for _ in range(2):
        mailbox.receives(mail(US, role=Role.US, message_id="new@outlook", other_ids=(key,)))
    assert len(mailbox.messages()) == 2
