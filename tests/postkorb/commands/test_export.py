"""`postkorb export` as it is typed."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from crm.channels.contract import Address, IdentityKind, Person
from crm.contacts.resolve import Seen, resolve
from postkorb import config
from postkorb.__main__ import main
from postkorb.wiring import open_desk, prepare

CONFIG = """
[site]
time_zone = "Europe/Berlin"
[company]
name = "Muster GmbH"
"""


@pytest.fixture
def installation(tmp_path):
    """An installation that Anna wrote to, in a folder of its own."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    settings = config.load(path)
    prepare(settings)
    anna = Person(name="=Anna", address=Address(IdentityKind.EMAIL, "anna@example.org"))
    seen = [Seen(anna, datetime(2026, 7, 1, 12, 0, tzinfo=UTC))]
    with open_desk(settings) as wired, wired.desk.writing() as session:
        resolve(session, seen, source="imap", channel_id=None, country="DE")
    return path


def export(path, *arguments):
    result = CliRunner().invoke(main, ["--config", str(path), "export", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_contacts_are_written_in_the_sites_time_zone_and_harmless(installation):
    header, anna = export(installation, "contacts").splitlines()
    assert header.startswith("id,merged_from,name,")
    assert "'=Anna" in anna
    assert "2026-07-01T14:00:00+02:00" in anna


def test_activities_are_written_to_a_file_that_excel_reads(installation, tmp_path):
    out = tmp_path / "activities.csv"
    assert export(installation, "activities", "--bom", "--output", str(out)) == ""
    assert out.read_bytes().startswith(b"\xef\xbb\xbfid,reference,")


def test_a_broken_configuration_leaves_the_old_file_alone(tmp_path):
    old, broken = tmp_path / "contacts.csv", tmp_path / "config.toml"
    old.write_text("yesterday's")
    broken.write_text("nonsense = 1\n")
    result = CliRunner().invoke(
        main, ["--config", str(broken), "export", "contacts", "--output", str(old)]
    )
    assert result.exit_code == 2
    assert old.read_text() == "yesterday's"


def test_a_file_that_cannot_be_written_is_named_and_none_is_left_by_half(installation, tmp_path):
    def typed(place):
        words = ["--config", str(installation), "export", "contacts", "--output", str(place)]
        return CliRunner().invoke(main, words)

    for place in (tmp_path / "no/such/folder.csv", "/dev/full"):
        said = typed(place)
        assert (said.exit_code, f"cannot write {place}" in said.output) == (1, True)
    assert not list(tmp_path.glob(".*part"))


def test_a_reader_who_has_had_enough_is_no_error_worth_words(installation):
    words = ["-m", "postkorb", "--config", str(installation), "export", "contacts"]
    reading, writing = os.pipe()
    os.close(reading)
    said = subprocess.run([sys.executable, *words], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert said.stderr == b""
