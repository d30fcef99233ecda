"""Moments: unique numbers that order messages by the second they came in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import column, func, select, text, values
from sqlalchemy.orm import Session

from crm.conversations.message import MOMENTS_A_SECOND, Message, moment_of

_NUMBERING = 0x504B
"""The advisory lock under which moments are given on PostgreSQL; SQLite has one writer."""


def give_moments(session: Session, times: Sequence[datetime]) -> list[int]:
    """A moment that no message has for each of these times, in their order."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _NUMBERING})
    free = _first_free(session, sorted({moment_of(at) for at in times}))
    given = []
    for at in times:
        second = moment_of(at)
        given.append(free[second])
        free[second] += 1
    return given


def _first_free(session: Session, seconds: list[int]) -> dict[int, int]:
    free: dict[int, int] = {}
    for start in range(0, len(seconds), 400):
        part = seconds[start : start + 400]
        wanted = (
            values(column("first", Message.moment.type), name="second")
            .data([(second,) for second in part])
            .cte("seconds")
        )
        taken = (
            select(func.max(Message.moment))
            .where(
                Message.moment >= wanted.c.first,
                Message.moment < wanted.c.first + MOMENTS_A_SECOND,
            )
            .scalar_subquery()
        )
        for second, last in session.execute(select(wanted.c.first, taken)):
            free[second] = second if last is None else last + 1
    return free
