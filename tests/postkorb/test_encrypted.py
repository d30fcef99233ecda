"""Question in, answer out, the customer's answer back in: over TLS with a certificate of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.outgoing.queue import queue
from crm.staff.agent import Agent
from postkorb import config
from postkorb.__main__ import main
from postkorb.wiring import open_desk
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink

PASSWORD = "sésame, ouvre-toi"
QUESTION = (
    b"From: Anna Berg <anna@example.org>\r\nTo: support@lindenrad.example\r\n"
    b"Subject: Battery\r\nMessage-ID: <q@example.org>\r\n\r\nIt does not charge.\r\n"
)


@pytest.fixture
def strict_sink(mailbox_server: Dovecot) -> Iterator[SmtpSink]:
    """Offers STARTTLS, and takes nothing without a sign-in over it."""
    folder = mailbox_server.folder
    with SmtpSink(folder / "cert.pem", folder / "key.pem", password=PASSWORD) as server:
        yield server


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_conversation_goes_there_and_back_over_verified_connections(
    tls: str, tmp_path: Path, database_url: str, mailbox_server: Dovecot, strict_sink: SmtpSink
) -> None:
    port = mailbox_server.tls_port if tls == "tls" else mailbox_server.port
    (tmp_path / "smtp-password").write_text(f"{PASSWORD}\n", "utf-8")
    path = tmp_path / "config.toml"
    path.write_text(
        f'[company]\nname = "Lindenrad"\n[database]\nurl = "{database_url}"\n'
        '[replies]\nundo_seconds = 0\n[channels.support]\nkind = "imap"\nhost = "localhost"\n'
        f'port = {port}\ntls = "{tls}"\nca_file = "{mailbox_server.ca_file}"\nuser = "support"\n'
        'password = "secret"\naddresses = ["support@lindenrad.example"]\n'
        f'[channels.support.smtp]\nhost = "localhost"\nport = {strict_sink.port}\nuser = "us"\n'
        f'password = {{file = "smtp-password"}}\nca_file = "{mailbox_server.ca_file}"\n'
    )
    type_(path, "init", "--name", "Mara", "--email", "mara@lindenrad.example")
    assert "ok    support: reads and sends" in type_(path, "doctor").output
    mailbox_server.append("support", QUESTION)
    type_(path, "pull")
    answer(path)
    type_(path, "send")
    mail = strict_sink.wait_for(1)[0].mail
    assert (mail["To"], mail["In-Reply-To"]) == ("Anna Berg <anna@example.org>", "<q@example.org>")
    back = f"From: Anna <at-work@example.net>\r\nTo: {mail['Reply-To']}\r\n\r\nThank you.\r\n"
    mailbox_server.append("support", back.encode())
    type_(path, "pull")
    with open_desk(config.load(path)) as wired, wired.desk.reading() as session:
        assert session.scalars(select(Conversation.message_count)).all() == [3]


def type_(path: Path, *words: str) -> Result:
    said = CliRunner().invoke(main, ["--config", str(path), *words])
    assert said.exit_code == 0, said.output
    return said


def answer(path: Path) -> None:
    with open_desk(config.load(path)) as wired, wired.desk.writing() as session:
        question = session.scalars(select(Message)).one()
        queue(
            session,
            wired.desk,
            session.get_one(Conversation, question.conversation_id),
            "A new one is on its way.",
            by=session.scalars(select(Agent.id)).one(),
            channel_id=wired.channels["support"],
            to_identity_id=question.identity_id or 0,
            answers_id=question.id,
        )
