"""The clock of the small installation: pulls, sends and wakes beside the web server."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler

from postkorb import alarm, rounds
from postkorb.wiring import Wired

if TYPE_CHECKING:
    from flask import Flask

SEND_SECONDS = 2
SWEEP_SECONDS = 30


def start_clock(wired: Wired) -> BackgroundScheduler:
    """Each channel at its own interval, sending every two seconds, the sweeps every half minute.

    A job is only a wake-up: what is due stands in the tables, so a lost one harms nothing.
    """
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    clock = BackgroundScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, channel in wired.config.channels.items():
        _every(clock, channel.interval, rounds.pull_due, wired, name)
    _every(clock, SEND_SECONDS, rounds.send_due, wired)
    _every(clock, SWEEP_SECONDS, rounds.wake_snoozed, wired)
    _every(clock, SWEEP_SECONDS, alarm.tell_operator, wired)
    clock.start()
    return clock


def serve(wired: Wired, app: Flask, *, scheduled: bool = True) -> None:
    """Serve the inbox until the process is ended."""
    import waitress

    clock = start_clock(wired) if scheduled else None
    server = wired.config.server
    try:
        waitress.serve(
            app,
            host=server.host,
            port=server.port,
            threads=server.threads,
            connection_limit=1000,
            channel_request_lookahead=1,
            ident=None,
        )
    finally:
        if clock is not None:
            clock.shutdown(wait=False)


def _every(
    clock: BackgroundScheduler, seconds: int, act: Callable[..., object], *arguments: object
) -> None:
    clock.add_job(act, "interval", seconds=seconds, args=arguments)
