"""`postkorb send`: what is queued and due, once, for cron."""

from __future__ import annotations

import sys

import click

from postkorb.commands import COMMANDS, configuration


@click.command("send", short_help=COMMANDS["send"])
def command() -> None:
    """Deliver what is queued, once; also wakes what was snoozed and tells the operator.

    \b
    Example (crontab): * * * * *  postkorb --config /etc/postkorb/config.toml send
    """
    from postkorb.alarm import tell_operator
    from postkorb.rounds import send_due, wake_snoozed
    from postkorb.wiring import open_desk

    with open_desk(configuration()) as wired:
        sent = send_due(wired)
        wake_snoozed(wired)
        tell_operator(wired)
        if sys.stdout.isatty():
            click.echo(f"{sent} sent")
