"""`postkorb doctor`: everything is checked, and for everything that fails stands what to do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postkorb.commands import COMMANDS, configuration

if TYPE_CHECKING:
    from connectors.email.oauth.tokens import Authorisation, Tokens
    from crm.channels.contract import Connector
    from postkorb.wiring import Wired


@click.command("doctor", short_help=COMMANDS["doctor"])
def command() -> None:
    """Check configuration, database and every channel's connection; say what to do.

    \b
    Example: postkorb doctor
    Exit codes: 0 all well, 1 a channel fails, 2 configuration, 3 database.
    """
    from postkorb.wiring import open_desk

    config = configuration()
    count = len(config.channels)
    click.echo(f"ok    configuration: {count} channel{'' if count == 1 else 's'}")
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
            elif not _is_well(wired, name, config.channels[name].kind, connector):
                failed += 1
    if failed:
        raise SystemExit(1)


def _can_write(folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    return os.access(folder, os.W_OK)


def _is_well(wired: Wired, name: str, kind: str, connector: Connector) -> bool:
    """Check one channel and tell of it."""
    from crm.channels.channel import Channel
    from crm.channels.contract import ChannelError
    from crm.intake.pull import expect_account

    well = False
    try:
        connector.check()
        account = connector.who_am_i()
        with wired.desk.reading() as session:
            expect_account(session.get_one(Channel, wired.channels[name]), account)
    except ChannelError as error:
        remedy = error.remedy.replace("CHANNEL", name)
        click.echo(f"FAIL  {name}: {error}\n      {remedy}".rstrip())
    except Exception as error:  # somebody else's kind: the others are still to be checked
        click.echo(f"FAIL  {name}: the kind {kind} broke off: {type(error).__name__}")
    else:
        well = True
        sends = "reads and sends" if connector.limits().can_send else "reads"
        click.echo(f"ok    {name}: {sends} as {account}")
    tokens: Tokens | None = getattr(connector, "tokens", None)
    if tokens is not None:
        try:
            click.echo(f"      {_told(tokens.authorisation())}")
        except ChannelError as error:
            click.echo(f"      {error}")
    return well


def _told(authorisation: Authorisation) -> str:
    """How the access of a mailbox with oauth stands."""
    at = "%Y-%m-%d %H:%M UTC"
    if authorisation.given_at is None or authorisation.ends_at is None:
        return "access: never given"
    given = f"access: given {authorisation.given_at:{at}}"
    if authorisation.refused_at is not None:
        return f"{given}, ended by the provider {authorisation.refused_at:{at}}"
    return f"{given}, good until {authorisation.ends_at:{at}}, then renewed by itself"
