"""One mailbox is read by one process at a time, and one process at a time sends by it.

The lock is free the moment its holder dies: flock on SQLite, a session advisory lock on
PostgreSQL held by a connection of its own.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

PURPOSES = {"pull": 1, "send": 2, "match": 3}


@contextmanager
def hold(engine: Engine, folder: Path, channel_id: int, purpose: str) -> Iterator[bool]:
    """Hold the channel's lock for `purpose` ("pull", "send" or "match"); yields whether it was free."""
    if engine.dialect.name == "postgresql":
        with _advisory(engine, channel_id, purpose) as held:
            yield held
    else:
        with _file(folder / f"channel-{channel_id}.{purpose}") as held:
            yield held


@contextmanager
def _file(path: Path) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


@contextmanager
def _advisory(engine: Engine, channel_id: int, purpose: str) -> Iterator[bool]:
    """Given back by a word of its own: the server notices a closed connection a little later."""
    own = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    key = {"purpose": PURPOSES[purpose], "channel": channel_id}
    with own.connect() as connection:
        held = connection.scalar(text("SELECT pg_try_advisory_lock(:purpose, :channel)"), key)
        try:
            yield bool(held)
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:purpose, :channel)"), key)
    own.dispose()
