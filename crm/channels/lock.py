"""One mailbox is read by one process at a time, and one process at a time sends by it.

The lock is free the moment its holder dies: flock on SQLite, a session advisory lock on
PostgreSQL held by a connection of its own.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

PURPOSES = {"pull": 1, "send": 2, "match": 3, "secret": 4}
_ASK_AGAIN_SECONDS = 0.1


@contextmanager
def hold(
    engine: Engine, folder: Path, channel_id: int, purpose: str, patience_seconds: float = 0
) -> Iterator[bool]:
    """Hold the channel's lock for one of PURPOSES; yields whether it was free.

    It is waited for as long as `patience_seconds`.
    """
    if engine.dialect.name == "postgresql":
        with _advisory(engine, channel_id, purpose, patience_seconds) as held:
            yield held
    else:
        with _file(folder / f"channel-{channel_id}.{purpose}", patience_seconds) as held:
            yield held


@contextmanager
def _file(path: Path, patience_seconds: float) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def locked() -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    try:
        yield _within(patience_seconds, locked)
    finally:
        os.close(handle)


def _within(seconds: float, is_done: Callable[[], bool]) -> bool:
    """Ask until it is done, at least once."""
    deadline = time.monotonic() + seconds
    while not (done := is_done()) and time.monotonic() < deadline:
        time.sleep(_ASK_AGAIN_SECONDS)
    return done


@contextmanager
def _advisory(
    engine: Engine, channel_id: int, purpose: str, patience_seconds: float
) -> Iterator[bool]:
    """Given back by a word of its own: the server notices a closed connection a little later."""
    own = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    key = {"purpose": PURPOSES[purpose], "channel": channel_id}
    with own.connect() as connection:

        def locked() -> bool:
            asked = text("SELECT pg_try_advisory_lock(:purpose, :channel)")
            return bool(connection.scalar(asked, key))

        held = _within(patience_seconds, locked)
        try:
            yield held
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:purpose, :channel)"), key)
    own.dispose()
