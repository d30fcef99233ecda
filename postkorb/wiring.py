"""Wiring: from the configuration to the database, the connectors and the web application."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from crm import schema
from crm.base import now
from crm.channels.channel import declare
from crm.channels.contract import Connector, KeepsSecrets, Site
from crm.channels.secret import ChannelVault
from crm.database import connect
from crm.desk import Desk
from postkorb.config import Config, ConfigError

if TYPE_CHECKING:
    from flask import Flask

SECRET_BYTES = 32


class WrongSchema(click.ClickException):
    """The database belongs to another version of the program."""

    exit_code = 3


@dataclass(frozen=True)
class Wired:
    """Everything at hand; `connectors` and `channels` (row ids) by the channel's name."""

    config: Config
    desk: Desk
    connectors: dict[str, Connector]
    channels: dict[str, int]


def prepare(config: Config) -> None:
    """Make what `serve`, `pull` and `send` expect: data folder, secret key, tables.

    Raises ConfigError (2), and WrongSchema (3) where a newer program made the tables.
    """
    try:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_secret(config)
    except OSError as error:
        raise ConfigError(f"data_dir: cannot write {error.filename}: {error.strerror}") from error
    with _within_reach():
        engine = connect(config.database.url)
        try:
            schema.upgrade(engine)
        except CommandError:
            _expect_schema(engine)
            raise
        finally:
            engine.dispose()


@contextmanager
def open_desk(config: Config) -> Iterator[Wired]:
    """The desk with all configured channels; ends with WrongSchema (3) or ConfigError (2)."""
    with _within_reach():
        desk = _desk(config)
    try:
        with _within_reach():
            _expect_schema(desk.engine)
            channels = _declare(config, desk)
        connectors = make_connectors(config)
        for name, connector in connectors.items():
            if isinstance(connector, KeepsSecrets):
                connector.trust_with(ChannelVault(desk, channels[name]))
        yield Wired(config, desk, connectors, channels)
    finally:
        desk.engine.dispose()


def make_connectors(config: Config) -> dict[str, Connector]:
    """A connector for each channel; none of them connects yet."""
    site = Site(
        name=config.site.name,
        language=config.site.language,
        country=config.site.country,
        time_zone=config.site.time_zone,
        company=_company(config),
        version=version("postkorb"),
    )
    return {
        name: channel.kind_class(channel.settings, site)
        for name, channel in config.channels.items()
    }


def make_app(wired: Wired) -> Flask:
    """The web inbox."""
    from inbox.app import create_app  # heavy: only the commands that show pages need it

    ways = {wired.channels[name]: one.limits() for name, one in wired.connectors.items()}
    return create_app(
        wired.desk,
        site_name=wired.config.site.name,
        base_url=wired.config.site.address,
        ways=ways,
    )


@contextmanager
def _within_reach() -> Iterator[None]:
    """A database that cannot be used, told without its address: a password may stand in it."""
    try:
        yield
    except OperationalError as error:
        words = " ".join(str(error.orig).split())
        raise ConfigError(
            f"database: it cannot be used: {words}\n"
            "Check that it runs and that this user may write to it; [database] url says where it is."
        ) from error
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise ConfigError(
            "database.url: PostgreSQL needs one more package: pip install 'postkorb[postgres]'"
        ) from error


def _expect_schema(engine: Engine) -> None:
    try:
        schema.check(engine)
    except schema.OtherSchema as error:
        raise WrongSchema(str(error)) from error


def _desk(config: Config) -> Desk:
    try:
        secret = config.secret_key_file.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"secret_key_file: cannot read {config.secret_key_file}: {error.strerror}."
            " `postkorb init` makes one."
        ) from error
    return Desk(
        engine=connect(config.database.url),
        folder=config.data_dir,
        secret=secret,
        undo_seconds=config.replies.undo_seconds,
        new_conversation_after_days=config.replies.new_conversation_after_days,
        language=config.site.language,
        country=config.site.country,
        host=_host(config),
        signature=config.replies.signature,
        company=_company(config),
    )


def _host(config: Config) -> str:
    """What our Message-IDs end in; mail filters distrust a bare name such as localhost, and numbers."""
    host = urlsplit(config.site.address).hostname or "localhost"
    if "." in host and not host.rpartition(".")[2].isdigit():
        return host
    ours = (getattr(one.settings, "addresses", ()) for one in config.channels.values())
    domains = [address.rpartition("@")[2] for addresses in ours for address in addresses]
    return next(filter(str.isascii, domains), host)


def _company(config: Config) -> dict[str, str]:
    """Who we are, by the keys of Site.company."""
    return {
        field: getattr(config.company, field) or ""
        for field in (
            "name", "street", "postcode", "city", "country", "phone", "email", "website"
        )
    }  # fmt: skip


def _declare(config: Config, desk: Desk) -> dict[str, int]:
    """A row for each configured channel; one that is paused or left the file is not pulled."""
    numbers = {}
    with desk.writing() as session:
        for name, one in config.channels.items():
            channel = declare(session, name, one.kind, one.kind_class.family.value)
            if one.paused and channel.paused_at is None:
                channel.paused_at = now()
            elif not one.paused:
                channel.paused_at = None
            numbers[name] = channel.id
    return numbers


def _make_secret(config: Config) -> None:
    path = config.secret_key_file
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(SECRET_BYTES).encode())
