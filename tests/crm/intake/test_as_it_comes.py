"""Mails as servers write them, from their bytes to the thread they belong to."""

from __future__ import annotations

import itertools

import pytest

from connectors.email.read import read_mail
from crm.base import now
from crm.outgoing.reply import Reply, State
from tests.crm.conftest import Mailbox, mail

_numbers = itertools.count(1)
OURS = ("support@lindenrad.example",)


@pytest.fixture
def key(mailbox: Mailbox) -> str:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.answers(1)
    mailbox.delivers()
    return mailbox.source.sent[0].key


def test_a_bounce_without_a_report_marks_the_reply_failed(mailbox: Mailbox, key: str) -> None:
    arrives(
        mailbox,
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at mx.example.\n\n<anna@example.org>:\n"
        "Sorry, no mailbox here by that name. (#5.1.1)\n\n"
        f"--- Below this line is a copy of the message.\n\nMessage-ID: <{key}>\n",
    )
    reply = mailbox.look(lambda s: s.query(Reply).one())
    assert (reply.state, reply.error) == (State.FAILED, "There is no such address.")
    assert "no mailbox here" in reply.error_words


def test_a_far_desk_that_strips_headers_stays_in_one_conversation(mailbox: Mailbox) -> None:
    desk = "From: Service Desk <desk@vendor.example>\nTo: support@lindenrad.example\n"
    arrives(mailbox, f"{desk}Subject: INC0012345 opened: Battery\n\nWe have it.\n")
    arrives(mailbox, f"{desk}Subject: Comment added to INC0012345\n\nIt is repaired.\n")
    assert [one.message_count for one in mailbox.conversations()] == [2]


def test_a_copy_from_outlook_with_a_new_id_is_the_reply_itself(mailbox: Mailbox, key: str) -> None:
    arrives(
        mailbox,
        "From: support@lindenrad.example\nTo: anna@example.org\nSubject: Re: Battery\n"
        f"Message-ID: <new@outlook>\nX-Microsoft-Original-Message-ID: <{key}>\n\nHello\n",
    )
    arrives(mailbox, "From: private@example.net\nIn-Reply-To: <new@outlook>\n\nThank you\n")
    assert [one.message_count for one in mailbox.conversations()] == [3]


def arrives(mailbox: Mailbox, text: str) -> None:
    mailbox.receives(read_mail(text.encode(), f"2:{next(_numbers)}", now(), OURS))
