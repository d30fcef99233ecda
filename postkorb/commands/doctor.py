"""`postkorb doctor`: everything is checked, and for everything that fails stands what to do."""

from __future__ import annotations

import os
from pathlib import Path

import click

from postkorb.commands import COMMANDS, configuration


@click.command("doctor", short_help=COMMANDS["doctor"])
def command() -> None:
    """Check configuration, database and every channel's connection; say what to do.

    \b
    Example: postkorb doctor
    Exit codes: 0 all well, 1 a channel fails, 2 configuration, 3 database.
    """
    from crm.channels.contract import ChannelError
    from postkorb.wiring import open_desk

    config = configuration()
    click.echo(f"ok    configuration: {len(config.channels)} channels")
    failed = 0
    with open_desk(config) as wired:
        click.echo(f"ok    database: {wired.desk.engine.dialect.name}")
        if not _can_write(wired.desk.folder):
            failed += 1
            click.echo(
                f"FAIL  data folder: cannot write to {wired.desk.folder}\n      give this user the right to"
            )
        for name, connector in wired.connectors.items():
            if config.channels[name].paused:
                click.echo(f"-     {name}: paused in the configuration")
                continue
            try:
                connector.check()
                account = connector.who_am_i()
            except ChannelError as error:
                failed += 1
                click.echo(f"FAIL  {name}: {error}\n      {error.remedy}".rstrip())
            except Exception as error:  # somebody else's kind: the others are still to be checked
                failed += 1
                kind = config.channels[name].kind
                click.echo(f"FAIL  {name}: the kind {kind} broke off: {type(error).__name__}")
            else:
                sends = "reads and sends" if connector.limits().can_send else "reads"
                click.echo(f"ok    {name}: {sends} as {account}")
    if failed:
        raise SystemExit(1)


def _can_write(folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    return os.access(folder, os.W_OK)
