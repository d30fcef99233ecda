"""The folder is laid out once and kept; only what the demo made is ever replaced."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import pytest

from postkorb import config
from postkorb.demo.folder import Folder, alone, lay_out


@pytest.fixture
def filled(folder, tmp_path) -> Folder:
    """A copy that tests may change, as after a first run."""
    path = tmp_path / "demo"
    shutil.copytree(folder.path, path)
    copy = Folder(path, folder.ports)
    copy.mark_filled()
    return copy


def contents(path: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_its_configuration_is_one_like_any_other(folder):
    told = config.load(folder.config)
    assert set(told.channels) == {"service", "briefe", "forum", "blog", "haendler"}
    assert told.site.address == f"http://localhost:{folder.ports.web}"


def test_a_second_lay_out_changes_nothing(filled):
    before = contents(filled.path)
    again = lay_out(filled.path, filled.ports.web)
    assert contents(filled.path) == before
    assert again == filled


def test_another_port_changes_the_configuration_alone(filled):
    before = contents(filled.path)
    moved = lay_out(filled.path, filled.ports.web + 1000)
    assert config.load(moved.config).server.port == filled.ports.web + 1000
    assert {path for path, content in contents(filled.path).items() if before[path] != content} == {
        filled.config
    }


def test_fresh_forgets_what_was_done(filled):
    (filled.path / "sent").mkdir()
    fresh = lay_out(filled.path, filled.ports.web, fresh=True)
    assert not fresh.is_filled
    assert not (filled.path / "sent").exists()


def test_a_lay_out_that_was_interrupted_is_begun_anew(folder, tmp_path):
    path = tmp_path / "demo"
    shutil.copytree(folder.path, path)
    shutil.rmtree(path / "mail")
    assert (lay_out(path, folder.ports.web).maildir / "cur").is_dir()


def test_what_the_demo_did_not_make_stays_as_it_is(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(click.ClickException, match="was not made by the demo"):
        lay_out(tmp_path, 8025, fresh=True)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_in_which_a_demo_runs_is_left_alone(fresh, filled):
    before = contents(filled.path)
    with alone(filled.path), pytest.raises(click.ClickException, match="a demo is running"):
        lay_out(filled.path, filled.ports.web + 1, fresh=fresh)
    assert contents(filled.path) == before
