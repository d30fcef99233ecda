"""`postkorb serve` as a service: what it writes into the log, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread, Timer

import pytest
from sqlalchemy import select

from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.outgoing.queue import queue
from crm.outgoing.reply import Reply
from crm.staff.agent import Agent
from postkorb import config
from postkorb.wiring import open_desk
from tests.postkorb.conftest import Type
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_ports, wait_for_port
from tests.servers.smtp_sink import SmtpSink

QUESTION = (
    b"From: Anna Berg <anna@example.org>\r\nTo: support@lindenrad.example\r\n"
    b"Subject: Battery\r\nMessage-ID: <q%d@example.org>\r\n\r\nIt does not charge.\r\n"
)
ENDS_WITHIN_SECONDS = 8
Serve = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def port(configured: Path, type_: Type) -> int:
    """An installation whose inbox listens on a port of its own."""
    [port] = free_ports(1)
    configured.write_text(f"{configured.read_text()}[server]\nport = {port}\n")
    assert type_("init", "--name", "Mara", "--email", "mara@lindenrad.example").exit_code == 0
    return port


@pytest.fixture
def serve(configured: Path, port: int) -> Iterator[Serve]:
    started = []

    def serve() -> subprocess.Popen[str]:
        words = ["-m", "postkorb", "--config", str(configured), "serve"]
        here = dict(os.environ, PYTHONUNBUFFERED="1")
        process = subprocess.Popen(
            [sys.executable, *words], stderr=subprocess.PIPE, text=True, env=here
        )
        started.append(process)
        wait_for_port(port, 30)
        return process

    yield serve
    for process in started:
        process.kill()
        process.wait()


def test_a_pull_that_brought_something_and_one_that_failed_are_a_line_each(
    serve: Serve, mailbox_server: Dovecot
) -> None:
    for number in (1, 2):
        mailbox_server.append("support", QUESTION % number)
    process = serve()
    first_two = sorted(line.split(" ", 3)[3] for line in written(process, 2))
    assert first_two[0].startswith("dealers: The mail server refused the sign-in.")
    assert first_two[1] == "support: 2 new\n"
    assert "wrong" not in "".join(first_two)
    assert ended(process) == ""


def test_it_ends_within_seconds_in_the_middle_of_a_pull_and_loses_nothing(
    serve: Serve, configured: Path, type_: Type
) -> None:
    with Silence() as (place, reached):
        configured.write_text(
            f'{configured.read_text()}[channels.slow]\nkind = "imap"\nhost = "127.0.0.1"\n'
            f'port = {place}\ntls = "none"\nuser = "u"\npassword = "p"\naddresses = ["a@b.de"]\n'
        )
        process = serve()
        assert reached.wait(20)
        ended(process)
    assert type_("pull", "support").exit_code == 0


def test_a_reply_being_handed_over_at_the_end_arrives_and_is_known_as_sent(
    serve: Serve, configured: Path, mailbox_server: Dovecot, sink: SmtpSink, type_: Type
) -> None:
    mailbox_server.append("support", QUESTION % 1)
    type_("pull", "support")
    sink.pause_seconds = 2
    answer(configured)
    process = serve()
    until(lambda: states(configured) == ["sending"])
    ended(process)
    assert states(configured) == ["sent"]
    assert len(sink.received) == 1


def test_a_port_that_is_taken_is_named(configured: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        words = ["-m", "postkorb", "--config", str(configured), "serve"]
        said = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    assert said.returncode == 1
    assert said.stderr.startswith(f"Error: cannot listen on 127.0.0.1:{port}")


def written(process: subprocess.Popen[str], number: int) -> list[str]:
    """The first lines of its log, once they are there."""
    patience = Timer(20, process.kill)
    patience.start()
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(number)]
    patience.cancel()
    return lines


def ended(process: subprocess.Popen[str]) -> str:
    """What it had written when it ended by itself, as `systemctl stop` asks for."""
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=ENDS_WITHIN_SECONDS)
    assert process.returncode == 0
    return said


def until(happened: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


class Silence:
    """A mail server that takes connections and never says a word."""

    def __enter__(self) -> tuple[int, Event]:
        self.server, reached = socket.create_server(("127.0.0.1", 0)), Event()
        self.taken: list[socket.socket] = []

        def take() -> None:
            self.taken.append(self.server.accept()[0])
            reached.set()

        Thread(target=take, daemon=True).start()
        return self.server.getsockname()[1], reached

    def __exit__(self, *_error: object) -> None:
        for one in (self.server, *self.taken):
            one.close()


def states(path: Path) -> list[str]:
    with open_desk(config.load(path)) as wired, wired.desk.reading() as session:
        return list(session.scalars(select(Reply.state)))


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
