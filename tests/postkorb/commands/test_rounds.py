"""What an operator types and cron runs, against a real mailbox and a real mail server."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.lock import hold
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.outgoing.queue import queue
from crm.staff.agent import Agent
from postkorb import config as configuration
from postkorb.__main__ import main
from postkorb.wiring import Wired, open_desk
from tests.postkorb.conftest import Type
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink

QUESTION = (
    b"From: Anna Berg <anna@example.org>\r\nTo: support@lindenrad.example\r\n"
    b"Subject: Battery\r\nMessage-ID: <q%d@example.org>\r\n\r\nIt does not charge.\r\n"
)


@pytest.fixture(autouse=True)
def initialised(type_: Type) -> None:
    said = type_("init", "--name", "Mara", "--email", "mara@lindenrad.example")
    assert said.exit_code == 0, said.output
    assert "/sign-in/once/" in said.output


def test_one_failing_channel_stops_no_other_and_the_exit_code_says_so(
    type_: Type, configured: Path, mailbox_server: Dovecot
) -> None:
    mailbox_server.append("support", QUESTION % 1)
    pulled = type_("pull")
    assert pulled.exit_code == 1
    assert pulled.stdout == ""
    assert "dealers: The mail server refused the sign-in." in pulled.stderr
    assert "password" in pulled.stderr
    assert "wrong" not in pulled.stderr
    assert messages(configured) == ["It does not charge."]


def test_a_pull_that_goes_well_is_silent_in_cron(
    type_: Type, configured: Path, mailbox_server: Dovecot
) -> None:
    mailbox_server.append("support", QUESTION % 1)
    first, second = type_("pull", "support"), type_("pull", "support")
    assert [(said.exit_code, said.output) for said in (first, second)] == [(0, ""), (0, "")]
    assert len(messages(configured)) == 1


def test_a_channel_being_pulled_is_busy(type_: Type, configured: Path) -> None:
    with (
        desk_of(configured) as wired,
        hold(wired.desk.engine, wired.desk.locks, wired.channels["support"], "pull"),
    ):
        assert type_("pull", "support").exit_code == 75


def test_an_unknown_channel_is_named_with_those_there_are(type_: Type) -> None:
    said = type_("pull", "suport")
    assert said.exit_code == 2
    assert "there is no channel suport; configured: support, dealers" in said.stderr


def test_older_mail_comes_when_asked_for(
    type_: Type, configured: Path, mailbox_server: Dovecot
) -> None:
    mailbox_server.append("support", QUESTION % 1, age_seconds=90 * 86400)
    type_("pull", "support")
    assert messages(configured) == []
    since = (now() - timedelta(days=100)).strftime("%Y-%m-%d")
    assert type_("pull", "support", "--since", since).exit_code == 0
    assert len(messages(configured)) == 1


def test_question_and_answer_go_through_real_servers(
    type_: Type, configured: Path, mailbox_server: Dovecot, sink: SmtpSink
) -> None:
    mailbox_server.append("support", QUESTION % 1)
    type_("pull", "support")
    with desk_of(configured) as wired:
        answer(wired, "A new one is on its way.")
    assert type_("send").exit_code == 0
    mail = sink.wait_for(1)[0].mail
    assert (mail["To"], mail["In-Reply-To"]) == ("Anna Berg <anna@example.org>", "<q1@example.org>")
    assert mail["References"].split() == ["<q1@example.org>"]
    assert mail["Auto-Submitted"] is None
    assert mail["Message-ID"].endswith("@lindenrad.example>")
    back = (
        f"From: Anna Berg <private@example.net>\r\nTo: {mail['Reply-To']}\r\nSubject: thanks\r\n"
        "Message-ID: <r@example.net>\r\n\r\nThank you.\r\n"
    )
    mailbox_server.append("support", back.encode())
    type_("pull", "support")
    with desk_of(configured) as wired, wired.desk.reading() as session:
        assert session.scalars(select(Conversation.message_count)).all() == [3]


def test_the_operator_is_told_once_after_an_hour_of_failure(
    type_: Type, configured: Path, sink: SmtpSink
) -> None:
    type_("pull", "dealers")
    type_("send")
    with desk_of(configured) as wired, wired.desk.writing() as session:
        channel = session.scalar(select(Channel).where(Channel.name == "dealers"))
        assert channel is not None
        channel.failing_since = now() - timedelta(hours=2)
    type_("send")
    type_("send")
    mails = sink.wait_for(1)
    assert [mail.recipients for mail in mails] == [("operator@lindenrad.example",)]
    assert "dealers" in mails[0].mail["Subject"]
    assert mails[0].mail["Auto-Submitted"] == "auto-generated"


def test_the_doctor_names_what_fails_and_what_to_do(type_: Type) -> None:
    said = type_("doctor")
    assert said.exit_code == 1
    assert "ok    support: reads and sends as support@localhost" in said.output
    assert "FAIL  dealers: The mail server refused the sign-in." in said.output


def test_the_doctor_finds_that_another_mailbox_answers(
    type_: Type, configured: Path, mailbox_server: Dovecot
) -> None:
    type_("pull", "support")
    text = configured.read_text()
    configured.write_text(text.replace('user = "support"', 'user = "sales"'))
    said = type_("doctor").output
    assert "FAIL  support: Another account answers under this channel's settings." in said
    assert "known: support@localhost; found: sales@localhost" in said


def test_initialising_again_keeps_everything(type_: Type, configured: Path) -> None:
    before = (configured.parent / "data" / "secret_key").read_bytes()
    again = type_("init")
    assert (again.exit_code, "Everything is there" in again.output) == (0, True)
    assert (configured.parent / "data" / "secret_key").read_bytes() == before


def test_a_database_without_tables_ends_with_three(tmp_path: Path) -> None:
    path = tmp_path / "other" / "config.toml"
    path.parent.mkdir()
    path.write_text('[company]\nname = "Lindenrad"\n')
    (path.parent / "data").mkdir()
    (path.parent / "data" / "secret_key").write_text("x")
    said = CliRunner().invoke(main, ["--config", str(path), "pull"])
    assert said.exit_code == 3
    assert "postkorb init" in said.output


def desk_of(path: Path) -> AbstractContextManager[Wired]:
    return open_desk(configuration.load(path))


def messages(path: Path) -> list[str]:
    with desk_of(path) as wired, wired.desk.reading() as session:
        return list(session.scalars(select(Message.text)))


def answer(wired: Wired, text: str) -> None:
    with wired.desk.writing() as session:
        question = session.scalars(select(Message)).one()
        queue(
            session,
            wired.desk,
            session.get_one(Conversation, question.conversation_id),
            text,
            by=session.scalars(select(Agent.id)).one(),
            channel_id=wired.channels["support"],
            to_identity_id=question.identity_id or 0,
            answers_id=question.id,
        )
