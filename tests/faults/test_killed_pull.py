"""A pull that dies anywhere and runs again stores each message exactly once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.conversations.attachment import Attachment
from crm.conversations.blob import Blob, path_of
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.database import connect
from crm.desk import Desk
from crm.search.query import search

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("point", ["before", "inside", "after"])
def test_killed_at_a_point_and_pulled_again(database_url: str, tmp_path: Path, point: str) -> None:
    maildir = fill(tmp_path / "mails", 250)
    assert run(database_url, tmp_path, maildir, point).wait() == -signal.SIGKILL
    assert run(database_url, tmp_path, maildir, "never").wait() == 0
    check(database_url, tmp_path, 250)


@pytest.mark.faults
def test_killed_at_twenty_random_moments_of_two_thousand_mails(
    database_url: str, tmp_path: Path
) -> None:
    maildir = fill(tmp_path / "mails", 2000)
    moments = random.Random(20)
    for _ in range(20):
        child = run(database_url, tmp_path, maildir, "never")
        time.sleep(moments.uniform(0.5, 4.0))
        child.kill()
        child.wait()
    assert run(database_url, tmp_path, maildir, "never").wait() == 0
    check(database_url, tmp_path, 2000)


def fill(maildir: Path, count: int) -> Path:
    """Mails in threads of five, each with a small file."""
    for part in ("new", "cur", "tmp"):
        (maildir / part).mkdir(parents=True)
    for number in range(count):
        before = f"In-Reply-To: <m{number - 1}@x.org>\n" if number % 5 else ""
        (maildir / "new" / f"{number:06}.mail").write_text(
            f"From: Customer {number // 5} <c{number // 5}@x.org>\nTo: support@lindenrad.example\n"
            f"Subject: matter {number // 5}\nMessage-ID: <m{number}@x.org>\n{before}"
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
            f"--b\nContent-Type: text/plain\n\nword{number}\n"
            f"--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\n"
            f"{number}\n--b--\n"
        )
    return maildir


def run(url: str, folder: Path, maildir: Path, point: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.faults.pulling", url, folder / "data", maildir, point]
    return subprocess.Popen([str(part) for part in command], cwd=ROOT)


def check(url: str, folder: Path, count: int) -> None:
    desk = Desk(connect(url), folder / "data", b"")
    with desk.reading() as session:
        messages = session.execute(
            select(func.count(), func.count(Message.remote_id.distinct())).select_from(Message)
        ).one()
        assert tuple(messages) == (count, count)
        assert session.scalar(select(func.count()).select_from(Conversation)) == count // 5
        assert session.scalar(select(func.sum(Conversation.message_count))) == count
        assert session.scalar(select(func.count()).select_from(Attachment)) == count
        for name in session.scalars(select(Blob.sha256)):
            assert path_of(desk.blobs, name).exists()
        last = session.scalar(select(Message.conversation_id).order_by(Message.moment.desc()))
        assert search(session, f"word{count - 1}").conversation_ids == [last]
    desk.engine.dispose()
