"""A sender that dies between claim, send and write-back repeats nothing by itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.outgoing.reply import Reply, State
from crm.outgoing.retry import retry
from tests.crm.conftest import Mailbox, mail
from tests.servers.smtp_sink import SmtpSink

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("point", "arrived"), [("claimed", 0), ("sent", 1)])
def test_a_reply_that_may_have_gone_is_left_to_a_person(
    mailbox: Mailbox, database_url: str, point: str, arrived: int
) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    with SmtpSink() as sink:
        assert send(mailbox, database_url, sink.port, point) == -signal.SIGKILL
        assert len(sink.received) == arrived
        assert send(mailbox, database_url, sink.port, "never") == 0
        assert len(sink.received) == arrived
        assert mailbox.look(lambda s: s.scalar(select(Reply.state))) == State.UNKNOWN
        with mailbox.desk.writing() as session:
            retry(session, message, by=mailbox.agent_id)
        assert send(mailbox, database_url, sink.port, "never") == 0
        assert len(sink.received) == arrived + 1
    assert mailbox.look(lambda s: s.scalar(select(Reply.state))) == State.SENT


def send(mailbox: Mailbox, url: str, port: int, point: str) -> int:
    data = str(mailbox.desk.folder)
    command = [sys.executable, "-m", "tests.faults.sending", url, data, str(port), point]
    return subprocess.run(command, cwd=ROOT, check=False).returncode
