"""Moments: unique numbers that order messages by the second they came in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import column, func, select, values
from sqlalchemy.orm import Session

from crm.conversations.message import MOMENTS_A_SECOND, Message, moment_of
from crm.database import Turn, take_turn


def give_moments(session: Session, times: Sequence[datetime]) -> list[int]:
    """A moment that no message has for each of these times, in their order.

    A full second (a mailbox that was copied) flows over into the next ones.
    """
    take_turn(session, Turn.MOMENTS)
    free = _first_free(session, sorted({moment_of(at) for at in times}))
    given = []
    for at in times:
        second = moment_of(at)
        while free[second] == second + MOMENTS_A_SECOND:
            second += MOMENTS_A_SECOND
            if second not in free:
                free |= _first_free(session, [second])
        given.append(free[second])
        free[second] += 1
    return given


def _first_free(session: Session, seconds: list[int]) -> dict[int, int]:
    """The first number of each second that is not taken; the next second's first when it is full."""
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
