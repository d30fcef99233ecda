"""The clock of the small installation: pulls, sends and wakes beside the web server."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from concurrent import futures
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

import click
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from postkorb import alarm, rounds
from postkorb.watching import watchers
from postkorb.wiring import Wired

if TYPE_CHECKING:
    from flask import Flask

SEND_SECONDS = 2
SWEEP_SECONDS = 30

FAREWELL_SECONDS = 10
"""How long the end waits for a reply that is just being handed over."""

STOP_SECONDS = 2.0
"""How long the end waits for those who listen to a channel."""

log = logging.getLogger(__name__)


class Clock:
    """Each channel at its own interval, sending every two seconds, the sweeps every half minute.

    Every channel has a thread to be read in and one to send by: one that hangs keeps nobody
    waiting. Those that can tell of news are listened to beside it. A job is only a wake-up: what is
    due stands in the tables, so a lost one harms nothing.
    """

    def __init__(self, wired: Wired) -> None:
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        count = max(1, len(wired.config.channels))
        self._senders = futures.ThreadPoolExecutor(count, thread_name_prefix="send")
        self._sending: dict[int, futures.Future[int | None]] = {}
        self._wired, self._watchers = wired, watchers(wired)
        pulls = ThreadPoolExecutor(count)
        self._jobs = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(4), "pulls": pulls},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for name, channel in wired.config.channels.items():
            self._every(channel.interval, self._pull, name, executor="pulls")
        self._every(SEND_SECONDS, self._send)
        self._every(SWEEP_SECONDS, rounds.wake_snoozed, wired)
        self._every(SWEEP_SECONDS, alarm.tell_operator, wired)

    def start(self) -> None:
        self._jobs.start()
        for watcher in self._watchers.values():
            watcher.start()

    def end(self) -> None:
        """A reply on its way is waited for; a pull may break off anywhere and loses nothing."""
        self._jobs.shutdown(wait=False)
        for watcher in self._watchers.values():
            watcher.end()
        ends = monotonic() + STOP_SECONDS
        for watcher in self._watchers.values():
            watcher.join(max(0.0, ends - monotonic()))
        self._senders.shutdown(wait=False, cancel_futures=True)
        futures.wait(list(self._sending.values()), FAREWELL_SECONDS)

    def _pull(self, name: str) -> None:
        outcome = rounds.pull_due(self._wired, name)
        if name in self._watchers:
            self._watchers[name].pulled(outcome)

    def _send(self) -> None:
        """Let each channel that has something to send do so, unless it still sends."""
        for number in rounds.due_to_send(self._wired):
            going = self._sending.get(number)
            if going is None or going.done():
                # Nothing is begun any more once the end has come.
                with suppress(RuntimeError):
                    self._sending[number] = self._senders.submit(
                        rounds.told, rounds.send_by, self._wired, number
                    )

    def _every(
        self,
        seconds: int,
        act: Callable[..., object],
        *arguments: object,
        executor: str = "default",
    ) -> None:
        """From now on; a feed read every hour is not late after a restart."""
        self._jobs.add_job(
            rounds.told,
            "interval",
            seconds=seconds,
            args=(act, *arguments),
            executor=executor,
            next_run_time=datetime.now(UTC),
        )


def serve(wired: Wired, app: Flask, *, scheduled: bool = True) -> None:
    """Serve the inbox until the process is told to end. Raises ClickException at once where it
    cannot listen."""
    server = _listening(wired, app)
    clock = Clock(wired) if scheduled else None
    signal.signal(signal.SIGTERM, _end)
    try:
        if clock is not None:
            clock.start()
        server.run()
    finally:
        server.close()
        if clock is not None:
            clock.end()


def _listening(wired: Wired, app: Flask) -> Any:
    import waitress

    told = wired.config.server
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        return waitress.create_server(
            app,
            host=told.host,
            port=told.port,
            threads=told.threads,
            connection_limit=1000,
            channel_request_lookahead=1,
            ident=None,
        )
    except (OSError, ValueError) as error:
        raise click.ClickException(
            f"cannot listen on {told.host}:{told.port}: {error}; [server] in config.toml says where"
        ) from error


def _end(_signal: int, _frame: object) -> None:
    """As systemd and `kill` ask for it: the web server ends in order."""
    raise SystemExit(0)
