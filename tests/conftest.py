"""Both databases: every test that asks for a desk runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from crm import schema
from crm.database import connect
from crm.desk import Desk
from tests.servers.postgres import Postgres

HEAD = schema.newest()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if not Postgres.is_installed():
        pytest.skip("PostgreSQL is not installed")
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = connect(f"sqlite:///{path}")
    schema.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_engine(postgres: Postgres) -> Iterator[Engine]:
    """One database for the run; making one per test would take most of the time."""
    engine = connect(postgres.create("postkorb"))
    schema.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database at the newest revision, with empty tables."""
    if request.param == "sqlite":
        path = tmp_path / "postkorb.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    engine = request.getfixturevalue("postgres_engine")
    empty(engine)
    return str(engine.url)


def empty(engine: Engine) -> None:
    """Take everything out that a test has left, the lie about its revision included."""
    with engine.begin() as connection:
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        tables = ", ".join(f'"{name}"' for name in sorted(names))
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    engine = connect(database_url)
    yield Desk(engine, tmp_path / "data", b"a secret of the tests")
    engine.dispose()
