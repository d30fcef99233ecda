"""Nothing lost, nothing twice: what a pull promises."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.base import now
from crm.channels.contract import Change, Misconfigured, Role, Sort, Temporary
from crm.channels.lock import hold
from crm.contacts.card import Card
from crm.conversations.blob import path_of
from crm.conversations.conversation import Status
from crm.history.event import Event
from crm.intake.pull import Busy
from tests.crm.conftest import Mailbox, mail


def test_a_message_is_stored_once_however_often_it_is_delivered(mailbox: Mailbox) -> None:
    one = mail()
    assert mailbox.receives(one) == 1
    assert mailbox.receives(one, one) == 0
    assert len(mailbox.messages()) == 1


def test_the_cursor_moves_with_the_data(mailbox: Mailbox) -> None:
    mailbox.receives(mail(), cursor=7)
    assert mailbox.channel().cursor == {"n": 7}
    mailbox.pull()
    assert mailbox.source.pulled == [None, {"n": 7}]


def test_more_messages_of_one_second_than_a_second_holds_are_stored(mailbox: Mailbox) -> None:
    second = now() - timedelta(hours=1)
    for _ in range(11):
        mailbox.receives(*(mail(at=second, raw=b"") for _ in range(100)))
    assert len(mailbox.messages()) == 1100


def test_the_original_is_kept_to_the_byte(mailbox: Mailbox) -> None:
    mailbox.receives(mail(raw=b"From: a\r\n\r\nx"))
    message = mailbox.messages()[0]
    assert path_of(mailbox.desk.blobs, message.raw_sha256).read_bytes() == b"From: a\r\n\r\nx"


def test_two_mails_with_one_message_id_are_two_messages(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="same@x"), mail(message_id="same@x", text="another"))
    assert [message.text for message in mailbox.messages()] == [
        "The battery does not charge.",
        "another",
    ]


def test_another_account_behind_the_settings_stops_the_channel(mailbox: Mailbox) -> None:
    mailbox.pull()
    mailbox.source.account = "somebody-else@example.org"
    with pytest.raises(Misconfigured):
        mailbox.pull()
    assert "Another account" in mailbox.channel().error


def test_a_failure_is_noted_with_its_beginning_and_cleared_by_success(mailbox: Mailbox) -> None:
    mailbox.source.who_am_i = _raise(Temporary("The server is away.", "timed out"))  # type: ignore[method-assign]
    with pytest.raises(Temporary):
        mailbox.pull()
    channel = mailbox.channel()
    assert channel.failing_since is not None
    assert channel.error_words == "timed out"
    del mailbox.source.who_am_i  # type: ignore[attr-defined]
    mailbox.pull()
    assert mailbox.channel().failing_since is None


def test_a_channel_is_read_by_one_process_at_a_time(mailbox: Mailbox) -> None:
    with hold(mailbox.desk.engine, mailbox.desk.locks, mailbox.channel_id, "pull") as held:
        assert held
        with pytest.raises(Busy):
            mailbox.pull()
    assert mailbox.pull() == 0


def test_mail_older_than_the_connection_is_closed_and_waits_for_nobody(mailbox: Mailbox) -> None:
    mailbox.receives(mail(at=now() - timedelta(days=90)))
    conversation = mailbox.conversations()[0]
    assert (conversation.status, conversation.waiting_since) == (Status.CLOSED, None)


def test_a_renumbered_mailbox_doubles_nothing(mailbox: Mailbox) -> None:
    mailbox.receives(mail(raw=b"the same bytes"))
    mailbox.receives(mail(raw=b"the same bytes", remote_id="2:1"), renumbered=True)
    assert [message.remote_id for message in mailbox.messages()] == ["2:1"]


def test_an_edit_keeps_the_earlier_text_in_the_history(mailbox: Mailbox) -> None:
    mailbox.receives(mail(remote_id="p1", text="before"))
    mailbox.receives(mail(remote_id="p1", text="after", change=Change.EDITED))
    message = mailbox.messages()[0]
    assert (message.text, message.edited_at is not None) == ("after", True)
    event = mailbox.look(lambda s: s.scalar(select(Event).where(Event.kind == "message.edited")))
    assert event.data["earlier"] == "before"


def test_what_is_deleted_at_the_source_is_withheld_not_erased(mailbox: Mailbox) -> None:
    mailbox.receives(mail(remote_id="p1"))
    mailbox.receives(mail(remote_id="p1", change=Change.DELETED))
    message = mailbox.messages()[0]
    assert message.withheld_at is not None
    assert message.text


def test_nul_and_lone_surrogates_are_stored_on_both_databases(mailbox: Mailbox) -> None:
    mailbox.receives(mail(text="a\0b\ud800c", subject="s\0\ud800"))
    assert mailbox.messages()[0].text.startswith("ab")


def test_automatic_mail_changes_no_state(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    number = mailbox.conversations()[0].id
    mailbox.answers(number)
    mailbox.receives(mail(sort=Sort.AUTO_REPLY, mentions=("q@x",)))
    conversation = mailbox.conversations()[0]
    assert conversation.waiting_since is None
    assert conversation.message_count == 3


def test_one_address_is_one_card(mailbox: Mailbox) -> None:
    mailbox.receives(mail("Anna@Example.org"), mail("anna@example.org", name="A. Berg"))
    mailbox.receives(mail("anna@example.ORG"))
    assert len(mailbox.look(lambda s: s.scalars(select(Card)).all())) == 1


def test_our_own_answer_from_another_program_ends_the_waiting(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.receives(mail("support@lindenrad.example", role=Role.US, mentions=("q@x",)))
    conversation = mailbox.conversations()[0]
    assert conversation.waiting_since is None
    assert [message.direction for message in mailbox.messages()] == ["incoming", "outgoing"]


def test_a_colleagues_post_in_a_topic_makes_no_contact_of_the_colleague(mailbox: Mailbox) -> None:
    mailbox.receives(mail(remote_thread="77"))
    for role in (Role.US, Role.STAFF):
        mailbox.receives(mail("jonas@lindenrad.example", role=role, remote_thread="77"))
    assert len(mailbox.look(lambda s: s.scalars(select(Card)).all())) == 1
    assert mailbox.conversations()[0].message_count == 3


def test_a_topic_that_a_colleague_began_is_kept_too(mailbox: Mailbox) -> None:
    mailbox.receives(mail("jonas@lindenrad.example", role=Role.STAFF, remote_thread="77"))
    mailbox.receives(mail(remote_thread="77"))
    assert [one.message_count for one in mailbox.conversations()] == [2]


def test_our_own_automatic_answer_ends_no_waiting(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.receives(mail("x@x.org", role=Role.US, sort=Sort.AUTO_REPLY, mentions=("q@x",)))
    assert mailbox.conversations()[0].waiting_since is not None


def _raise(error: Exception):  # type: ignore[no-untyped-def]
    def who_am_i() -> str:
        raise error

    return who_am_i
