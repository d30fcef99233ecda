"""The first installation, typed by somebody who makes mistakes."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from postkorb.__main__ import main
from postkorb.commands import init

WHO = ("--company", 'Söhne "&" Co', "--name", "Mara", "--email", "mara@lindenrad.example")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "here" / "config.toml"


@pytest.fixture
def type_(path: Path) -> Callable[..., Result]:
    def type_(*words: str, answers: str = "") -> Result:
        return CliRunner().invoke(main, ["--config", str(path), *words], input=answers)

    return type_


def test_what_may_hold_secrets_is_for_its_owner_alone(type_, path):
    assert type_("init", *WHO).exit_code == 0
    folder = path.parent
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, folder / "data")]
    assert [oct(mode) for mode in modes] == ["0o600", "0o700"]


def test_what_is_no_address_is_asked_for_again(type_, monkeypatch):
    monkeypatch.setattr(init, "_asked", lambda question, _option: click.prompt(question))
    said = type_("init", *WHO[:4], answers="mara@\nmara@lindenrad.example\n")
    assert said.exit_code == 0
    assert "mara@ is no e-mail address." in said.output
    assert "/sign-in/once/" in said.output


def test_without_a_terminal_it_names_the_option_that_is_needed(type_, path):
    said = type_("init")
    assert (said.exit_code, path.exists()) == (2, False)
    assert "--company is needed" in said.output


def test_a_lost_link_is_printed_anew_for_an_address_that_has_an_account(type_):
    type_("init", *WHO)
    again = type_("init", "--email", "Mara@lindenrad.example")
    assert (again.exit_code, "/sign-in/once/" in again.output) == (0, True)
    other = type_("init", "--email", "nobody@lindenrad.example")
    assert other.exit_code == 2
    assert "no account with the address nobody@lindenrad.example" in other.output


def test_a_database_of_a_newer_program_is_left_alone(type_, path):
    type_("init", *WHO)
    database = sqlite3.connect(path.parent / "data" / "postkorb.db")
    database.execute("UPDATE alembic_version SET version_num = 'later'")
    database.commit()
    database.close()
    for words in (["init"], ["init", "--upgrade"], ["pull"], ["export", "contacts"]):
        said = type_(*words)
        assert (words, said.exit_code) == (words, 3)
        assert "revision later, which this program does not know" in said.output


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('data_dir = "/proc/none"\n', "data_dir: cannot write /proc/none"),
        ('[database]\nurl = "sqlite:////nowhere/pk.db"\n', "unable to open database file"),
        (
            '[database]\nurl = "postgresql+psycopg://u:s3cret@127.0.0.1:1/pk"\n',
            "Connection refused",
        ),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_secrets(type_, path, settings, words):
    path.parent.mkdir()
    top, _, section = settings.partition("[")
    path.write_text(f'{top}[company]\nname = "L"\n' + (f"[{section}" if section else ""))
    said = type_("init", "--name", "Mara", "--email", "mara@lindenrad.example")
    assert said.exit_code == 2
    assert words in said.output
    assert "s3cret" not in said.output
