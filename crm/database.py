"""The connection: one engine for SQLite or PostgreSQL, and transactions that hold on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

SQLITE_WAIT_SECONDS = 30


def connect(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://...`.

    What customers wrote stays out of its errors, and so out of the log.
    """
    engine = create_engine(
        url, pool_size=10, max_overflow=60, hide_parameters=True, **_options(url)
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
    return engine


def _options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": SQLITE_WAIT_SECONDS, "check_same_thread": False}}
    return {"pool_pre_ping": True}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """synchronous=FULL: after a power cut a lost claim would send a reply twice."""
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Any) -> None:
    """A reader that turns writer fails at once in SQLite, so writers say so when they begin."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that read; what they loaded stays usable after the end of a transaction."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A writing transaction: committed at the end, rolled back on any exception."""
    with (
        Session(engine.execution_options(writes=True), expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


def insert(session: Session, table: type[Any]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what happens to rows that are there already (ON CONFLICT)."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


class Turn(IntEnum):
    """What one transaction at a time does; held in this order when more than one is needed."""

    INTAKE = 0x504B01
    MOMENTS = 0x504B02
    TAGS = 0x504B03


def take_turn(session: Session, turn: Turn) -> None:
    """Wait until no other transaction has this turn, and keep it to the end of this one.

    Only PostgreSQL needs it: SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": int(turn)})
