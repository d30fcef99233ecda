"""A snapshot: an export of an hour shows one moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

CHUNK = 500
"""Rows read at a time: what bounds an export's memory."""


def stand_still(session: Session) -> None:
    """Let everything read in this new session be of one moment; SQLite's transactions are so."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def written(at: datetime | None, zone: ZoneInfo) -> str:
    """A time in the site's zone, ISO 8601 to the second; "" for none."""
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""


def several(values: Iterable[str]) -> str:
    """Several values in one cell, each once."""
    return "; ".join(dict.fromkeys(value for value in values if value))
