"""A process that pulls a Maildir and kills itself at a given point: pulling.py URL DATA MAILDIR POINT.

Points: "before" (blobs written, no transaction yet), "inside" (half of the transaction's rows
written), "after" (committed, the connector not told yet), "never".
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.email.maildir import Maildir
from crm.channels.channel import declare
from crm.channels.contract import Site
from crm.conversations.blob import BlobWriter
from crm.database import connect
from crm.desk import Desk
from crm.intake import store
from crm.intake.pull import pull


def main(url: str, data: str, maildir: str, point: str) -> None:
    desk = Desk(connect(url), Path(data), b"a secret of the tests")
    with desk.writing() as session:
        channel = declare(session, "support", "maildir", "email")
        channel.connected_at = datetime(2020, 1, 1, tzinfo=UTC)
        number = channel.id
    settings = Maildir.Settings(path=Path(maildir), addresses=("support@lindenrad.example",))
    batches = 0

    def committed(_count: int) -> None:
        nonlocal batches
        batches += 1
        if point == "after" and batches == 2:
            die()

    if point == "before":
        after(2, BlobWriter, "sync")
    if point == "inside":
        after(2, store, "insert_files")
    connector = Maildir(settings, Site("Test"))
    since = datetime(2020, 1, 1, tzinfo=UTC)
    pull(desk, number, connector, since=since, progress=committed)


def after(calls: int, owner: Any, name: str) -> None:
    """Die right after the call number `calls` of this function."""
    act: Callable[..., Any] = getattr(owner, name)
    made = 0

    def act_and_die(*arguments: Any, **more: Any) -> Any:
        nonlocal made
        answer = act(*arguments, **more)
        made += 1
        if made == calls:
            die()
        return answer

    setattr(owner, name, act_and_die)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
