"""`postkorb init`: configuration, secret key, database, first administrator."""

from __future__ import annotations

import json
import os
import sys
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

    What is there already is kept: running it again harms nothing. With the address of somebody
    who has an account it prints a new link for them to sign in.

    \b
    Example: postkorb init
             postkorb init --company "Example Ltd" --name "Mara Lind" --email mara@example.com
             postkorb init --upgrade          after installing a newer version
    """
    from postkorb.config import find, load
    from postkorb.wiring import make_app, open_desk, prepare

    if upgrade:
        prepare(configuration())
        click.echo("The database is up to date.")
        return
    path = _place()
    if not path.exists():
        _write(path, company or _asked("Your company's name", "--company"))
        click.echo(f"Wrote {path}: the channels are still to be filled in there.")
    config = load(find(path))
    prepare(config)
    with open_desk(config) as wired:
        link = _link(make_app(wired), wired, name, email)
    if link:
        click.echo(f"Start `postkorb serve`, then sign in once with this link:\n  {link}")
    else:
        click.echo("Everything is there; --email ADDRESS prints a new link to sign in.")


def _place() -> Path:
    """Where config.toml is to stand: as told for every command, else here."""
    told = click.get_current_context().find_root().params["config"]
    return told or Path(os.environ.get("POSTKORB_CONFIG") or "config.toml")


def _write(path: Path, company: str) -> None:
    """The example, in which every channel is still a comment; passwords will stand in it."""
    from postkorb.config import ConfigError, example

    named = json.dumps(company, ensure_ascii=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(example().replace('"Example Ltd"', named).encode())
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error


def _link(app: Flask, wired: Wired, name: str | None, email: str | None) -> str:
    """For the first administrator, who is made; later for the one who is named, else ""."""
    from inbox.sign_in.account import ADMINISTRATOR
    from inbox.sign_in.accounts import create_account, is_empty
    from inbox.sign_in.once import once_link

    with wired.desk.reading() as session:
        first = is_empty(session)
    if first:
        name = name or _asked("The administrator's name", "--name")
        email = _address(email or _asked("The administrator's e-mail address", "--email"))
        with wired.desk.writing() as session:
            create_account(session, name, email, None, ADMINISTRATOR, wired.config.site.language)
    try:
        return once_link(app, email) if email else ""
    except LookupError as error:
        raise click.UsageError(f"there is {error}.") from error


def _asked(question: str, option: str) -> str:
    """What is typed; where nobody can be asked, the option that is missing is named."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"nobody is there to be asked: {option} is needed.")
    answer: str = click.prompt(question)
    return answer


def _address(email: str) -> str:
    """Asked again until it could be one."""
    from connectors.email.addresses import is_address

    while not is_address(email):
        click.echo(f"{email} is no e-mail address.", err=True)
        email = _asked("The administrator's e-mail address", "--email")
    return email
