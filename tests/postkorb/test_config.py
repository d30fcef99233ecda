"""What config.toml may say, and what is said when it says something else."""

from __future__ import annotations

import re
from dataclasses import field
from importlib.metadata import EntryPoint, EntryPoints
from typing import Annotated, ClassVar

import pytest
from pydantic import Field
from pydantic.dataclasses import dataclass

from connectors.settings import STRICT, LocalPath, Port, Secret
from crm.channels.contract import Family
from postkorb import config, kinds

COMPANY = '[company]\nname = "Muster GmbH"\n'
CHANNEL = (
    f'{COMPANY}[channels.support]\nkind = "mailbox"\nhost = "mail.test"\npassword = "s3cret"\n'
)


@dataclass(frozen=True, config=STRICT)
class Relay:
    """Where mails leave."""

    port: Port = 25
    starttls: bool = True


class Mailbox:
    """A kind of channel with one key of each sort."""

    family: ClassVar[Family] = Family.EMAIL

    @dataclass(frozen=True, config=STRICT)
    class Settings:
        host: str
        password: Secret
        port: Port = 993
        folder: LocalPath | None = None
        names: tuple[str, ...] = ()
        interval: Annotated[int, Field(ge=10)] = 300
        relay: Relay = field(default_factory=Relay)

    who_am_i = check = pull = send = find_sent = limits = None


@pytest.fixture(autouse=True)
def two_kinds(monkeypatch):
    """A kind that works and one of a package that is broken."""
    entries = [
        EntryPoint("mailbox", f"{__name__}:Mailbox", kinds.GROUP),
        EntryPoint("broken", "no_such_package:Kind", kinds.GROUP),
    ]
    monkeypatch.setattr(
        kinds, "entry_points", lambda **wanted: EntryPoints(entries).select(**wanted)
    )


@pytest.fixture
def told(tmp_path):
    """The configuration that a text makes."""

    def load(text: str) -> config.Config:
        (tmp_path / "config.toml").write_text(text, "utf-8")
        return config.load(tmp_path / "config.toml")

    return load


@pytest.fixture
def complaints(told, tmp_path):
    """What is said of a text: a line for each thing that is wrong."""

    def lines(text: str) -> list[str]:
        with pytest.raises(config.ConfigError) as caught:
            told(text)
        first, *rest = str(caught.value).splitlines()
        assert str(tmp_path / "config.toml") in first
        return [line.strip() for line in rest]

    return lines


def test_a_company_name_is_all_that_must_be_told(told, tmp_path):
    settings = told(COMPANY)
    assert settings.company.name == "Muster GmbH"
    assert settings.data_dir == tmp_path / "data"
    assert settings.secret_key_file == tmp_path / "data/secret_key"
    assert settings.database.url == f"sqlite:///{tmp_path}/data/postkorb.db"
    assert settings.site.address == "http://localhost:8025"
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8025)
    assert settings.replies.undo_seconds == 10
    assert settings.channels == {}


def test_relative_paths_count_from_the_file_and_not_from_the_working_directory(
    told, tmp_path, monkeypatch
):
    monkeypatch.chdir("/")
    settings = told(
        f'data_dir = "there"\n{CHANNEL}folder = "scans"\n[database]\nurl = "sqlite:///pk.db"\n'
    )
    assert settings.data_dir == tmp_path / "there"
    assert settings.secret_key_file == tmp_path / "there/secret_key"
    assert settings.channels["support"].settings.folder == tmp_path / "scans"
    assert settings.database.url == f"sqlite:///{tmp_path}/pk.db"


def test_a_channel_has_its_kinds_own_keys_and_those_of_every_channel(told):
    channel = told(f"{CHANNEL}port = 143\nsince_days = 7\npaused = true\n").channels["support"]
    assert (channel.name, channel.kind, channel.kind_class) == ("support", "mailbox", Mailbox)
    assert (channel.settings.host, channel.settings.port) == ("mail.test", 143)
    assert (channel.since_days, channel.paused, channel.interval) == (7, True, 300)


def test_a_secret_may_stand_in_the_environment_or_in_a_file(told, tmp_path, monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "from the environment")
    (tmp_path / "password").write_text("from a file\n")
    begun = CHANNEL.replace('"s3cret"', "{}")
    for written, read in (
        ('{env = "MAIL_PASSWORD"}', "from the environment"),
        ('{file = "password"}', "from a file"),
    ):
        settings = told(begun.replace("{}", written)).channels["support"].settings
        assert settings.password.get_secret_value() == read
        assert read not in repr(settings)


def test_the_address_of_the_database_may_be_a_secret(told, monkeypatch):
    monkeypatch.setenv("DATABASE", "postgresql+psycopg://postkorb:s3cret@db/postkorb")
    settings = told(f'{COMPANY}[database]\nurl = {{env = "DATABASE"}}\n')
    assert settings.database.url == "postgresql+psycopg://postkorb:s3cret@db/postkorb"
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "company: missing; expected a section"),
        ("[company]\n", "company.name: missing; expected a text"),
        ("[company]\nname = 3\n", "company.name: expected a text, found 3"),
        (
            f'{COMPANY}[database]\nurl = "mysql://u:s3cret@h/d"\n',
            "database.url: expected sqlite:///PATH or postgresql+psycopg://user@host/name",
        ),
        (
            f'{COMPANY}[server]\nport = "imap"\n',
            'server.port: expected a number from 1 to 65535, found "imap"',
        ),
        (
            f"{COMPANY}[server]\nport = 70000\n",
            "server.port: expected a number from 1 to 65535, found 70000",
        ),
        (
            f"{COMPANY}[server]\nport = 25.5\n",
            "server.port: expected a number from 1 to 65535, found 25.5",
        ),
        (
            f"{COMPANY}[server]\nport = true\n",
            "server.port: expected a number from 1 to 65535, found true",
        ),
        (f"{COMPANY}[server]\nprot = 25\n", 'server.prot: unknown key; did you mean "port"?'),
        (
            f"{COMPANY}[server]\nxyzzy = 25\n",
            "server.xyzzy: unknown key; known: host, port, threads",
        ),
        (f"server = 3\n{COMPANY}", "server: expected a section, found 3"),
        (
            f'{COMPANY}[site]\nlanguage = "fr"\n',
            'site.language: expected "de" or "en", found "fr"',
        ),
        (
            f'{COMPANY}[site]\ntime_zone = "Berlin"\n',
            'site.time_zone: expected a time zone such as Europe/Berlin, found "Berlin"',
        ),
        (
            f'{COMPANY}[site]\naddress = "localhost"\n',
            "site.address: expected an address that begins with http:// or https://,"
            ' found "localhost"',
        ),
        (
            f'{COMPANY}country = "Germany"\n',
            'company.country: expected a country in two letters such as "DE", found "Germany"',
        ),
        (
            f"{COMPANY}[replies]\nundo_seconds = 90\n",
            "replies.undo_seconds: expected a number from 0 to 60, found 90",
        ),
        (
            f'{COMPANY}[operator]\nemail = "me"\n',
            'operator.email: expected an e-mail address, found "me"',
        ),
        (
            f'{CHANNEL}[operator]\nvia = "suport"\n',
            'operator.via: no channel is called "suport"; did you mean "support"?',
        ),
        (f"channels = 3\n{COMPANY}", "channels: expected a section for each channel, found 3"),
        (f"{COMPANY}[channels]\nsupport = 3\n", "channels.support: expected a section, found 3"),
        (
            CHANNEL.replace("support", '"Über uns"'),
            "channels.Über uns: expected a name of small letters, digits, - and _",
        ),
        (
            CHANNEL.replace('kind = "mailbox"\n', ""),
            'channels.support.kind: missing; expected "broken" or "mailbox"',
        ),
        (
            CHANNEL.replace('"mailbox"', '"mailbx"'),
            'channels.support.kind: expected "broken" or "mailbox", found "mailbx";'
            ' did you mean "mailbox"?',
        ),
        (
            CHANNEL.replace('"mailbox"', '"broken"'),
            'channels.support.kind: the connector "broken" of an unknown package cannot be loaded'
            " (ModuleNotFoundError: No module named 'no_such_package'); repair or remove"
            " an unknown package",
        ),
        (
            CHANNEL.replace('host = "mail.test"\n', ""),
            "channels.support.host: missing; expected a text",
        ),
        (
            CHANNEL.replace('"s3cret"', "3"),
            'channels.support.password: expected a text, {env = "NAME"} or {file = "path"}',
        ),
        (
            CHANNEL.replace('"s3cret"', '{env = "NOT_SET"}'),
            "channels.support.password: the environment variable NOT_SET is not set",
        ),
        (
            CHANNEL.replace("password", "pasword") + 'password = "x"\n',
            'channels.support.pasword: unknown key; did you mean "password"?',
        ),
        (
            f"{CHANNEL}pausd = true\n",
            'channels.support.pausd: unknown key; did you mean "paused"?',
        ),
        (
            f"{CHANNEL}since_days = -1\n",
            "channels.support.since_days: expected a number from 0, found -1",
        ),
        (
            f'{CHANNEL}folder = ["a"]\n',
            "channels.support.folder: expected a path, found a list",
        ),
        (
            f'{CHANNEL}names = ["a", 3]\n',
            "channels.support.names.1: expected a text, found 3",
        ),
        (
            f'{CHANNEL}names = "a"\n',
            'channels.support.names: expected a list of texts, found "a"',
        ),
        (
            f"{CHANNEL}[channels.support.relay]\nport = 0\n",
            "channels.support.relay.port: expected a number from 1 to 65535, found 0",
        ),
        (
            f"{CHANNEL}[channels.support.relay]\nstartls = true\n",
            'channels.support.relay.startls: unknown key; did you mean "starttls"?',
        ),
    ],
)
def test_a_complaint_names_the_key_what_was_expected_and_what_was_found(
    complaints, text, complaint
):
    assert complaints(text) == [complaint]


def test_everything_that_is_wrong_is_told_at_once(complaints):
    found = complaints(
        "data_dir = 3\nsecret = 1\n"
        '[server]\nport = "imap"\nthreads = 1\n'
        '[channels.support]\nkind = "mailbox"\nport = "x"\npaused = 1\n'
        '[channels.letters]\nkind = "post"\n'
    )
    assert {line.partition(":")[0] for line in found} == {
        "company",
        "data_dir",
        "secret",
        "server.port",
        "server.threads",
        "channels.support.host",
        "channels.support.password",
        "channels.support.port",
        "channels.support.paused",
        "channels.letters.kind",
    }
    assert len(found) == 10


def test_a_secret_stands_in_no_complaint(complaints):
    wrong = CHANNEL.replace('"s3cret"', '["s3cret"]') + 'pasword = "s3cret"\nport = "x"\n'
    assert "s3cret" not in "\n".join(complaints(wrong))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"[company]\nname\n", "line 2"), (b'[company]\nname = "M\xfcller"\n', "not UTF-8")],
)
def test_a_file_that_is_not_toml_is_told_with_its_place(tmp_path, content, words):
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(config.ConfigError, match=words) as caught:
        config.load(path)
    assert str(path) in str(caught.value)


def test_the_configuration_told_beats_the_environment_and_that_the_usual_places(
    tmp_path, monkeypatch
):
    told, environment, here = (tmp_path / name for name in ("told", "environment", "config.toml"))
    for path in (told, environment, here):
        path.touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POSTKORB_CONFIG", str(environment))
    assert config.find(told) == told
    assert config.find() == environment
    monkeypatch.delenv("POSTKORB_CONFIG")
    assert config.find() == here


def test_a_configuration_that_is_nowhere_is_looked_for_in_places_that_are_named(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("POSTKORB_CONFIG", raising=False)
    monkeypatch.setattr(config, "PLACES", config.PLACES[:2])
    with pytest.raises(config.ConfigError, match="postkorb init") as caught:
        config.find()
    assert str(tmp_path / ".config/postkorb/config.toml") in str(caught.value)


def test_the_example_has_every_key_and_is_a_configuration_itself(told):
    printed = config.example()
    assert told(printed).company.name == "Example Ltd"
    for key in (
        "data_dir",
        "undo_seconds",
        "[channels.mailbox]",
        "no_such_package",
        "starttls",
        "since_days",
    ):
        assert key in printed


def test_the_example_with_every_comment_taken_away_is_a_configuration_too(told):
    keys = re.sub(r"(?m)^# (?=\[|\w+ = \S)", "", config.example()).replace(
        'host = ""', 'host = "mail.test"'
    )
    assert told(keys).channels["mailbox"].settings.relay == Relay()
