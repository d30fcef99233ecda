"""The configuration: what config.toml may say, where it is found, and how it is read."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import tomllib
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import click
from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)
from pydantic.dataclasses import dataclass

from connectors.settings import STRICT, LocalPath, Port, Secret
from crm.channels.contract import Connector
from postkorb import example as written
from postkorb import kinds
from postkorb.complaints import Expected, Location, complaints, found, nearest, one_of, settings_of

PLACES = ("config.toml", "~/.config/postkorb/config.toml", "/etc/postkorb/config.toml")
CHANNEL_NAME = "[a-z0-9][a-z0-9_-]{0,62}"
NAMING = "a name of small letters, digits, - and _"
OPENING = """\
# Postkorb's configuration: every key there is.
# A key that stands as a comment shows its default. A relative path counts from this file.
"""
CHANNELS = """\
# Channels: a section each, [channels.NAME]; the name is yours to choose.
# A secret is a text, {env = "NAME"} or {file = "path"}."""

T = TypeVar("T")


class ConfigError(click.ClickException):
    """A configuration that cannot be used; tells everything that is wrong with it at once."""

    exit_code = 2


def _url(value: Any, info: ValidationInfo) -> str:
    """One of the two databases; a relative SQLite path counts from config.toml."""
    url = TypeAdapter(Secret).validate_python(value, context=info.context).get_secret_value()
    if re.fullmatch(r"postgresql(\+psycopg)?://[^\s/]*/\S+", url):
        return url
    scheme, slashes, path = url.partition(":///")
    if scheme != "sqlite" or not slashes or not path:
        raise ValueError("expected sqlite:///PATH or postgresql+psycopg://user@host/name")
    return f"sqlite:///{Path((info.context or {}).get('folder', '')) / path}"


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected a time zone such as Europe/Berlin") from None
    return name


DatabaseUrl = Annotated[
    str, PlainValidator(_url), Expected('a text, {env = "NAME"} or {file = "path"}', secret=True)
]
TimeZone = Annotated[str, AfterValidator(_zone), Expected("a time zone such as Europe/Berlin")]
Country = Annotated[
    str, Field(pattern=r"^[A-Z]{2}$"), Expected('a country in two letters such as "DE"')
]
WebAddress = Annotated[
    str,
    Field(pattern=r"^https?://[^\s/?#]+[^\s?#]*$"),
    Expected("an address that begins with http:// or https://"),
]
MailAddress = Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+$"), Expected("an e-mail address")]


@dataclass(frozen=True, config=STRICT)
class Company:
    """Who answers: stands in letters, in the sender's name and under every reply."""

    name: str = Field(min_length=1, examples=["Example Ltd"])
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: Country = "DE"
    phone: str = ""
    email: MailAddress | None = None
    website: WebAddress | None = None


@dataclass(frozen=True, config=STRICT)
class Site:
    """The web inbox; `address` is where agents reach it, for links in mails."""

    name: str = "Postkorb"
    address: WebAddress = "http://localhost:8025"
    language: Literal["de", "en"] = "en"
    time_zone: TimeZone = "UTC"
    country: Country = "DE"


@dataclass(frozen=True, config=STRICT)
class Database:
    """SQLite in data_dir, unless a PostgreSQL is named: postgresql+psycopg://user@host/name"""

    url: DatabaseUrl = Field(repr=False, examples=["sqlite:///data/postkorb.db"])


@dataclass(frozen=True, config=STRICT)
class Operator:
    """Who is told by mail when a channel has failed for an hour; `via` names a mail channel."""

    email: MailAddress | None = None
    via: str | None = None


@dataclass(frozen=True, config=STRICT)
class Server:
    """Where `postkorb serve` listens."""

    host: str = "127.0.0.1"
    port: Port = 8025
    threads: Annotated[int, Field(ge=4, le=1000)] = 64


@dataclass(frozen=True, config=STRICT)
class Replies:
    """How replies leave; `signature` is for mails of agents without their own: {agent}, {company}.

    `undo_seconds`: how long one can be taken back; `new_conversation_after_days`: an answer to
    what was closed longer ago begins a new conversation.
    """

    undo_seconds: Annotated[int, Field(ge=0, le=60)] = 10
    new_conversation_after_days: Annotated[int, Field(ge=1)] = 30
    signature: Annotated[str, Field(max_length=5000)] = ""


@dataclass(frozen=True, config=STRICT)
class ChannelKeys:
    """What every channel may be told, whatever its kind; `since_days` is for the first pull."""

    since_days: Annotated[int, Field(ge=0)] = 30
    paused: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class ChannelConfig:
    """One channel; its connector is made with `kind_class(settings, site)`."""

    name: str
    kind: str
    kind_class: type[Any]
    settings: Any
    since_days: int
    paused: bool

    @property
    def interval(self) -> int:
        """Seconds from one pull to the next; a kind has its own, which its settings may tell."""
        return int(getattr(self.settings, "interval", 60))


Channels = Annotated[Mapping[str, ChannelConfig], Expected("a section for each channel")]


@dataclass(frozen=True, config=STRICT)
class Config:
    """Everything config.toml says; paths are absolute."""

    company: Company
    data_dir: LocalPath = Field(default="data", validate_default=True)
    secret_key_file: LocalPath = Field(
        default_factory=lambda config: config["data_dir"] / "secret_key",
        examples=["data/secret_key"],
    )
    site: Site = Site()
    database: Database = Field(
        default_factory=lambda config: Database(f"sqlite:///{config['data_dir'] / 'postkorb.db'}")
    )
    operator: Operator = Operator()
    server: Server = Server()
    replies: Replies = Replies()
    channels: Channels = Field(default_factory=dict)


def find(explicit: Path | None = None) -> Path:
    """Where the configuration is: as told, else the first of the usual places that has one."""
    told = explicit or os.environ.get("POSTKORB_CONFIG")
    places = [Path(place).expanduser().absolute() for place in ([told] if told else PLACES)]
    for place in places:
        if place.is_file():
            return place
    looked = "\n".join(f"  {place}" for place in places)
    raise ConfigError(f"no configuration there:\n{looked}\n`postkorb init` writes one")


def load(path: Path) -> Config:
    """The configuration in that file; raises ConfigError with all that is wrong with it."""
    data = _parse(path)
    folder = path.absolute().parent
    problems: list[str] = []
    tables = data.get("channels", {})
    if isinstance(tables, dict):
        channels = [_channel(name, tables[name], folder, problems) for name in tables]
        data = {**data, "channels": {}}
    config = _checked(Config, data, folder, (), problems)
    if config and config.operator.via and config.operator.via not in tables:
        problems.append(
            f'operator.via: no channel is called "{config.operator.via}";'
            f" {nearest(config.operator.via, list(tables))}"
        )
    if problems or not config:
        lines = "\n".join(f"  {line}" for line in dict.fromkeys(problems))
        raise ConfigError(f"{path} cannot be used:\n{lines}")
    return dataclasses.replace(
        config, channels={channel.name: channel for channel in channels if channel}
    )


def example() -> str:
    """An example config.toml with every key there is, of every kind of channel installed."""
    lines = [OPENING, *written.section(Config), "", CHANNELS]
    for name in kinds.names():
        try:
            lines += written.channel(name, ChannelKeys, kinds.kind_called(name).Settings)
        except kinds.BrokenKind as error:
            lines += ["", f"# {error}"]
    return "\n".join(lines) + "\n"


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error


def _channel(name: str, table: Any, folder: Path, problems: list[str]) -> ChannelConfig | None:
    """One channel's section; what is wrong with it is added to the problems."""
    at = ("channels", name)
    if not re.fullmatch(CHANNEL_NAME, name):
        problems.append(f"channels.{name}: expected {NAMING}")
    if not isinstance(table, dict):
        problems.append(f"channels.{name}: expected a section{found(table)}")
        return None
    common = {key: table[key] for key in settings_of(ChannelKeys) if key in table}
    own = {key: table[key] for key in table if key not in common and key != "kind"}
    keys = _checked(ChannelKeys, common, folder, at, problems)
    kind = _kind(table, at, problems)
    if kind is None:
        return None
    also = ("kind", *settings_of(ChannelKeys))
    settings = _checked(kind.Settings, own, folder, at, problems, also)
    if keys is None or settings is None:
        return None
    return ChannelConfig(name, table["kind"], kind, settings, **dataclasses.asdict(keys))


def _kind(table: dict[str, Any], at: Location, problems: list[str]) -> type[Connector] | None:
    path = f"{'.'.join(map(str, at))}.kind"
    known = kinds.names()
    match table.get("kind"):
        case None:
            problems.append(f"{path}: missing; expected {one_of(known)}")
        case str(name) if name in known:
            try:
                return kinds.kind_called(name)
            except kinds.BrokenKind as error:
                problems.append(f"{path}: {error}")
        case name:
            problems.append(
                f'{path}: expected {one_of(known)}, found "{name}"; {nearest(str(name), known)}'
            )
    return None


def _checked(
    kind: type[T],
    data: Mapping[str, Any],
    folder: Path,
    at: Location,
    problems: list[str],
    also: tuple[str, ...] = (),
) -> T | None:
    """The data as that kind of section; None when something is wrong with it."""
    try:
        # By way of JSON: only there does pydantic's strictness take a text for a path.
        return TypeAdapter(kind).validate_json(
            json.dumps(data, default=str), context={"folder": folder}
        )
    except ValidationError as error:
        problems += complaints(error, kind, data, at, also)
        return None
