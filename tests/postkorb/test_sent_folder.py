"""Copies in the Sent folder: what we sent lies there, and comes back as no second message."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.channels.contract import Role
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.outgoing.queue import queue
from crm.outgoing.reply import Reply
from crm.staff.agent import Agent
from postkorb import config
from postkorb.wiring import open_desk
from tests.postkorb.conftest import Type
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink

QUESTION = (
    b"From: Anna Berg <anna@example.org>\r\nTo: support@lindenrad.example\r\n"
    b"Subject: Battery\r\nMessage-ID: <q1@example.org>\r\n\r\nIt does not charge.\r\n"
)
ELSEWHERE = (
    b"From: Lindenrad <support@lindenrad.example>\r\nTo: anna@example.org\r\n"
    b"Subject: Re: Battery\r\nMessage-ID: <outlook@lindenrad.example>\r\n"
    b"In-Reply-To: <q1@example.org>\r\nReferences: <q1@example.org>\r\n\r\nSend it in.\r\n"
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def kept(configured: Path, type_: Type, mailbox_server: Dovecot) -> Path:
    """An installation with one question, that reads its Sent folder and keeps copies there."""
    copies = 'kind = "imap"\nfolders = ["INBOX", "Sent"]\nsent_folder = "Sent"'
    configured.write_text(configured.read_text().replace('kind = "imap"', copies))
    assert type_("init", "--name", "Mara", "--email", "mara@lindenrad.example").exit_code == 0
    mailbox_server.append("support", QUESTION)
    assert type_("pull", "support").exit_code == 0
    return configured


def test_a_copy_of_an_answer_lies_there_and_is_known_when_it_comes_back(
    kept: Path, type_: Type, mailbox_server: Dovecot, sink: SmtpSink
) -> None:
    answer(kept)
    assert type_("send").exit_code == 0
    until(lambda: in_sent(kept) == {1: (b"\\Seen",)})
    assert type_("pull", "support").exit_code == 0
    with open_desk(config.load(kept)) as wired, wired.desk.reading() as session:
        assert len(session.scalars(select(Message)).all()) == 2
        assert session.scalars(select(Reply.state)).one() == "sent"
    assert len(sink.received) == 1


def test_a_folder_that_takes_no_copy_keeps_nothing_from_being_sent(
    kept: Path, type_: Type, sink: SmtpSink, caplog: pytest.LogCaptureFixture
) -> None:
    kept.write_text(kept.read_text().replace('sent_folder = "Sent"', 'sent_folder = "Nowhere"'))
    answer(kept)
    assert type_("send").exit_code == 0
    with open_desk(config.load(kept)) as wired, wired.desk.reading() as session:
        assert session.scalars(select(Reply.state)).one() == "sent"
    until(lambda: "no copy of a reply in Nowhere" in caplog.text)
    assert len(sink.received) == 1


def test_what_an_agent_wrote_from_another_program_stands_in_the_thread(
    kept: Path, type_: Type, mailbox_server: Dovecot
) -> None:
    mailbox_server.append("support", ELSEWHERE, folder="Sent")
    assert type_("pull", "support").exit_code == 0
    with open_desk(config.load(kept)) as wired, wired.desk.reading() as session:
        conversation = session.scalars(select(Conversation)).one()
        assert conversation.message_count == 2
        newest = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert newest is not None
        assert (newest.text, newest.conversation_id) == ("Send it in.", conversation.id)
        assert newest.role == Role.US


def in_sent(path: Path) -> dict[int, tuple[bytes, ...]]:
    with open_desk(config.load(path)) as wired:
        session = wired.connectors["support"].account.session()  # type: ignore[attr-defined]
        with session as client:
            client.select_folder("Sent", readonly=True)
            told = client.fetch(client.search(), ["FLAGS"])
    return {uid: tuple(set(about[b"FLAGS"]) - {b"\\Recent"}) for uid, about in told.items()}


def answer(path: Path) -> None:
    """An answer to the only message there is, due at once."""
    with open_desk(config.load(path)) as wired, wired.desk.writing() as session:
        question = session.scalars(select(Message)).one()
        by = session.scalars(select(Agent.id)).one()
        conversation = session.get_one(Conversation, question.conversation_id)
        queue(
            session, wired.desk, conversation, "A new one is on its way.", by=by,
            channel_id=wired.channels["support"], to_identity_id=question.identity_id or 0,
            answers_id=question.id,
        )  # fmt: skip


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
