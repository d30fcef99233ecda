"""`postkorb pull`: every channel once, for cron; a failing one never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from postkorb.commands import COMMANDS, configuration

BUSY = 75


@click.command("pull", short_help=COMMANDS["pull"])
@click.argument("channels", nargs=-1, metavar="[CHANNEL]...")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Read again from this day on: brings what is older than the first pull.",
)
def command(channels: tuple[str, ...], since: datetime | None) -> None:
    """Pull what is new from the channels, once. Silent when nothing fails and nobody watches.

    \b
    Example: postkorb pull                       all channels
             postkorb pull support --since 2026-01-01
    Exit codes: 0 well, 1 a channel failed, 75 all were busy with another pull.
    """
    from crm.channels.contract import ChannelError
    from crm.intake.pull import Busy
    from postkorb.rounds import pull_channel
    from postkorb.wiring import open_desk

    config = configuration()
    names = channels or tuple(name for name, one in config.channels.items() if not one.paused)
    for name in names:
        if name not in config.channels:
            known = ", ".join(config.channels) or "none"
            raise click.UsageError(f"there is no channel {name}; configured: {known}")
    failed = busy = 0
    with open_desk(config) as wired, _Progress() as progress:
        for name in names:
            try:
                with progress.of(name) as count:
                    pull_channel(
                        wired,
                        name,
                        since=since.replace(tzinfo=UTC) if since else None,
                        progress=count,
                    )
            except Busy:
                busy += 1
            except ChannelError as error:
                failed += 1
                remedy = error.remedy.replace("CHANNEL", name)
                progress.say(f"{name}: {error}\n  {remedy}".rstrip())
            except Exception as error:
                failed += 1
                progress.say(f"{name}: the pull broke off: {error!r}")
    if failed:
        raise SystemExit(1)
    if busy and busy == len(names):
        raise SystemExit(BUSY)


class _Progress:
    """A line a channel on a terminal, nothing in cron but what is said."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            TextColumn("{task.completed:.0f} messages read"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    @contextmanager
    def of(self, name: str) -> Iterator[Callable[[int], None]]:
        """What counts the messages of this channel, until it stands still."""
        task = self._bar.add_task(name, total=None)
        try:
            yield lambda count: self._bar.advance(task, count)
        finally:
            self._bar.update(task, total=self._bar.tasks[task].completed)

    def say(self, words: str) -> None:
        """Above the lines, on standard error."""
        self._bar.console.print(words, markup=False, highlight=False, soft_wrap=True)
