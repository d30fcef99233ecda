"""Migrations end exactly where a fresh database begins, and another schema is refused."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import inbox.sign_in.account  # noqa: F401  (its tables live in the same database)
from crm import schema
from crm.desk import Desk


def test_the_revisions_make_the_tables_of_the_models(desk: Desk) -> None:
    with desk.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: not _is_search(name, kind)}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_the_newest_schema_is_accepted(desk: Desk) -> None:
    schema.check(desk.engine)


@pytest.mark.parametrize(
    ("statement", "command"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "install the newer Postkorb"),
        ("DELETE FROM alembic_version", "postkorb init"),
    ],
)
def test_another_schema_is_refused_and_the_remedy_named(
    desk: Desk, statement: str, command: str
) -> None:
    with desk.engine.begin() as connection:
        connection.execute(text(statement))
    with pytest.raises(schema.OtherSchema, match=command):
        schema.check(desk.engine)


def test_upgrading_twice_changes_nothing(desk: Desk) -> None:
    schema.upgrade(desk.engine)
    schema.check(desk.engine)


def _is_search(name: str | None, kind: str) -> bool:
    return kind == "table" and (name or "").startswith("search")
