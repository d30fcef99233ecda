"""The demo, laid out once for all tests that only read it, and once more for those that act."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm.channels.contract import Site
from postkorb.demo.folder import Folder, lay_out
from postkorb.demo.stage import stage
from postkorb.wiring import Wired

PAUSE_SECONDS = 0.05


@pytest.fixture(scope="session")
def site() -> Site:
    return Site("Lindenrad", "de", "DE", "Europe/Berlin")


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 11, 25, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return lay_out(tmp_path_factory.mktemp("lindenrad") / "demo", a_free_port())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    """The demo on its stage, filled; customers answer almost at once."""
    made = lay_out(tmp_path_factory.mktemp("stage") / "demo", a_free_port())
    with stage(made, PAUSE_SECONDS) as wired:
        yield wired


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def free_port() -> int:
    return a_free_port()


def a_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
