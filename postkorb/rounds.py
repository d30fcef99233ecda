"""The rounds of duty: what the clock, cron and the commands all do in the same way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import ChannelError
from crm.contacts.match import match_new
from crm.conversations.snoozing import wake_due
from crm.intake.pull import Busy, pull
from crm.outgoing.deliver import deliver, due_channels, strand
from postkorb.wiring import Wired

log = logging.getLogger(__name__)

R = TypeVar("R")


class Outcome(Enum):
    """How a pull ended: at the source's end, in a failure, not begun, or in somebody else's hands."""

    DONE = "done"
    FAILED = "failed"
    LEFT = "left"
    BUSY = "busy"


def pull_channel(
    wired: Wired,
    name: str,
    *,
    since: datetime | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> int:
    """Pull one channel, then look for duplicates; returns how many messages were new.

    `since` reads an old source again from there. Raises ChannelError and Busy.
    """
    first = since or now() - timedelta(days=wired.config.channels[name].since_days)
    count = pull(
        wired.desk,
        wired.channels[name],
        wired.connectors[name],
        since=first,
        again=since is not None,
        progress=progress,
    )
    match_new(wired.desk)
    return count


def pull_due(wired: Wired, name: str, is_news: bool = False) -> Outcome:
    """The clock's pull; a line for the log.

    It leaves a failing channel alone until its next try, unless the source itself speaks up.
    """
    with wired.desk.reading() as session:
        channel = session.get_one(Channel, wired.channels[name])
        waits = channel.next_pull_at is not None and channel.next_pull_at > now()
    if channel.paused_at is not None or (waits and not is_news):
        return Outcome.LEFT
    try:
        count = pull_channel(wired, name)
    except Busy:
        log.info("%s is being pulled by another process", name)
        return Outcome.BUSY
    except ChannelError as error:
        log.warning("%s: %s %s", name, error, error.remedy)
        return Outcome.FAILED
    if count:
        log.info("%s: %d new", name, count)
    return Outcome.DONE


def told(act: Callable[..., R], *arguments: object) -> R | None:
    """Do it; a database that is away is a line in the log, everything else a fault of ours."""
    try:
        return act(*arguments)
    except OperationalError as error:
        log.error("the database cannot be used: %s", " ".join(str(error.orig).split()))
    except Exception:
        log.exception("%s broke off", getattr(act, "__name__", act))
    return None


def due_to_send(wired: Wired) -> list[int]:
    """The channels that have something to send."""
    with wired.desk.reading() as session:
        return due_channels(session)


def send_by(wired: Wired, number: int) -> int:
    """Deliver what is due by one channel; returns how many were sent."""
    name = next((name for name, known in wired.channels.items() if known == number), None)
    if name is None:
        strand(wired.desk, number)
        return 0
    try:
        sent = deliver(wired.desk, number, wired.connectors[name])
    except OperationalError:
        raise
    except Exception:
        log.exception("%s: sending broke off", name)
        return 0
    if sent:
        log.info("%s: %d sent", name, sent)
    return sent


def send_due(wired: Wired) -> int:
    """Deliver what is due on every channel; one that fails leaves the others alone."""
    return sum(send_by(wired, number) for number in due_to_send(wired))


def wake_snoozed(wired: Wired) -> int:
    """Open what has slept long enough."""
    with wired.desk.writing() as session:
        return wake_due(session)
