"""`postkorb init`: configuration, secret key, database, first administrator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postkorb.commands import COMMANDS, configuration

if TYPE_CHECKING:
    from flask import Flask

    from postkorb.wiring import Wired


@click.command("init", short_help=COMMANDS["init"])
@click.option("--upgrade", is_flag=True, help="Only bring the database to this version's tables.")
@click.option("--name", help="The administrator's name; asked for when left out.")
@click.option("--email", help="The administrator's address; asked for when left out.")
@click.option("--company", help="Your company's name, for a new config.toml.")
def command(upgrade: bool, name: str | None, email: str | None, company: str | None) -> None:
    """Write config.toml, create the database, ask for the first administrator.

    What is there already is kept: running it again harms nothing.

    \b
    Example: postkorb init
             postkorb init --upgrade          after installing a newer version
    """
    from postkorb.config import find, load
    from postkorb.wiring import make_app, open_desk, prepare

    if upgrade:
        prepare(configuration())
        click.echo("The database is up to date.")
        return
    path = click.get_current_context().find_root().params["config"] or Path("config.toml")
    if not path.exists():
        _write(path, company or click.prompt("Your company's name"))
        click.echo(f"Wrote {path}: the channels are still to be filled in there.")
    config = load(find(path))
    prepare(config)
    with open_desk(config) as wired:
        link = _first_administrator(make_app(wired), wired, name, email)
    if link:
        click.echo(f"Start `postkorb serve`, then sign in once with this link:\n  {link}")


def _write(path: Path, company: str) -> None:
    """The example, in which every channel is still a comment."""
    from postkorb.config import example

    path.parent.mkdir(parents=True, exist_ok=True)
    named = json.dumps(company, ensure_ascii=False)
    path.write_text(example().replace('"Example Ltd"', named), "utf-8")


def _first_administrator(app: Flask, wired: Wired, name: str | None, email: str | None) -> str:
    from inbox.sign_in.account import ADMINISTRATOR
    from inbox.sign_in.accounts import create_account, is_empty
    from inbox.sign_in.once import once_link

    with wired.desk.reading() as session:
        if not is_empty(session):
            return ""
    name = name or click.prompt("The administrator's name")
    email = email or click.prompt("The administrator's e-mail address")
    with wired.desk.writing() as session:
        create_account(session, name, email, None, ADMINISTRATOR, wired.config.site.language)
    return once_link(app, email)
