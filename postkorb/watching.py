"""Channels that are told of news at once: each is listened to in a thread of its own."""

from __future__ import annotations

import logging
from threading import Event, Thread

from crm.channels.contract import ChannelError, Watches
from postkorb import rounds
from postkorb.rounds import Outcome
from postkorb.wiring import Wired

BUSY_SECONDS = 1.0
"""How soon to look again whether whoever reads the channel just now has finished."""

log = logging.getLogger(__name__)


class Watcher:
    """Listens to one channel, beside the clock that asks it from time to time.

    It begins after a pull that came to its end, and again after the next one where it failed: so
    that a channel that is paused or misconfigured is left alone.
    """

    def __init__(self, wired: Wired, name: str, connector: Watches) -> None:
        self._wired, self._name, self._connector = wired, name, connector
        self._stop, self._works = Event(), Event()
        self._thread = Thread(target=self._run, name=f"watch {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def pulled(self, outcome: Outcome) -> None:
        """Hear how a pull of the clock ended."""
        if outcome is Outcome.DONE:
            self._works.set()

    def end(self) -> None:
        """Ask it to end; `join` waits until it has."""
        self._stop.set()
        self._works.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        while self._works.wait() and not self._stop.is_set():
            self._works.clear()
            try:
                self._connector.watch(self._pull, self._stop)
                return
            except ChannelError as error:
                log.warning("%s: not listened to for now: %s %s", self._name, error, error.remedy)
            except Exception:
                log.exception("%s: listening broke off", self._name)

    def _pull(self) -> None:
        """Now, or when whoever reads it has finished: what came meanwhile may be missing there."""
        while not self._stop.is_set():
            if rounds.told(rounds.pull_due, self._wired, self._name, True) is not Outcome.BUSY:
                return
            self._stop.wait(BUSY_SECONDS)


def watchers(wired: Wired) -> dict[str, Watcher]:
    """One for each channel that can be listened to, by its name; none of them has begun."""
    return {
        name: Watcher(wired, name, connector)
        for name, connector in wired.connectors.items()
        if isinstance(connector, Watches)
    }
