"""`postkorb serve`: the web inbox, and the clock unless told otherwise."""

from __future__ import annotations

import logging
import os

import click

from postkorb.commands import COMMANDS, configuration


@click.command("serve", short_help=COMMANDS["serve"])
@click.option(
    "--no-schedule", is_flag=True, help="Only the pages: cron pulls and sends (see pull, send)."
)
def command(no_schedule: bool) -> None:
    """Serve the web inbox, and pull and send on schedule.

    Ends in order on SIGTERM and Ctrl+C: a reply on its way is waited for, ten seconds at most.

    \b
    Example: postkorb --config /etc/postkorb/config.toml serve
    """
    from postkorb.schedule import serve
    from postkorb.wiring import make_app, open_desk

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with open_desk(configuration()) as wired:
        click.echo(f"Serving {wired.config.site.address}")
        serve(wired, make_app(wired), scheduled=not no_schedule)
    # A pull that hangs in a slow answer would be waited for; it loses nothing by being cut off.
    logging.shutdown()
    os._exit(0)
