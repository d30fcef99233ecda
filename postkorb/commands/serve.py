"""`postkorb serve`: the web inbox, and the clock unless told otherwise."""

from __future__ import annotations

import logging

import click

from postkorb.commands import COMMANDS, configuration


@click.command("serve", short_help=COMMANDS["serve"])
@click.option(
    "--no-schedule", is_flag=True, help="Only the pages: cron pulls and sends (see pull, send)."
)
def command(no_schedule: bool) -> None:
    """Serve the web inbox, and pull and send on schedule.

    \b
    Example: postkorb --config /etc/postkorb/config.toml serve
    """
    from postkorb.schedule import serve
    from postkorb.wiring import make_app, open_desk

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    with open_desk(configuration()) as wired:
        click.echo(f"Serving {wired.config.site.address}")
        serve(wired, make_app(wired), scheduled=not no_schedule)
