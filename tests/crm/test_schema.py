"""Migrations end exactly where a fresh database begins, and another schema is refused."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import inbox.sign_in.account  # noqa: F401  (its tables live in the same database)
from crm import schema
from crm.desk import Desk

AT = "'2026-01-02T03:04:05.000000Z'"
KEPT = ("agent", "blob", "card", "conversation", "draft", "draft_file")
FIRST_VERSION = (
    "INSERT INTO agent VALUES (1, 'Mara', 'mara@lindenrad.example', 'de', 'UTC', true)",
    f"INSERT INTO blob VALUES ('{'0' * 64}', 1, {AT})",
    f"INSERT INTO card (id, contact_id, source, name, created_at) VALUES (1, 1, 'mail', 'Anna', {AT})",
    "INSERT INTO conversation (id, card_id, subject, status, place, order_at, message_count,"
    f" wake_on_reply, last_message_at, created_at, preview)"
    f" VALUES (1, 1, 'Lamp', 'open', 0, {AT}, 0, true, {AT}, {AT}, '')",
    f"INSERT INTO draft (conversation_id, agent_id, kind, body, saved_at) VALUES (1, 1, 'reply', 'Dear', {AT})",
    "INSERT INTO channel (id, name, kind, family, remote_account, connected_at, pulled_count,"
    " failures, error, error_words, remedy) VALUES (1, 'support', 'imap', 'email',"
    f" 'anna@x.example@mail.x.example/INBOX', {AT}, 0, 0, '', '', '')",
    "INSERT INTO channel (id, name, kind, family, remote_account, connected_at, pulled_count,"
    " failures, error, error_words, remedy) VALUES (2, 'sales', 'imap', 'email',"
    f" 'sales@mail.x.example/Shop/New', {AT}, 0, 0, '', '', '')",
    *(
        "INSERT INTO message (id, moment, conversation_id, channel_id, remote_id, remote_thread,"
        " message_id, direction, sort, role, at, stored_at, visibility, permalink, raw_sha256,"
        " raw_type, flags, sender_name, recipients, letter, subject, text, quoted, signature, html)"
        f" VALUES ({number}, {number}, 1, {channel}, {remote_id}, '', '', 'incoming', 'customer',"
        f" 'customer', {AT}, {AT}, 'private', '', '', '', '{{}}', '', '[]', '[]', '', '', '', '', '')"
        for number, channel, remote_id in ((1, 1, "'7:1'"), (2, 2, "'7:1'"), (3, 2, "NULL"))
    ),
    "INSERT INTO draft_file (id, conversation_id, agent_id, kind, sha256, name, type, size)"
    f" VALUES (1, 1, 1, 'reply', '{'0' * 64}', 'a.txt', 'text/plain', 1)",
)


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


def test_a_database_of_the_first_version_keeps_what_is_in_it(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        for table in schema.metadata.sorted_tables[::-1]:
            connection.execute(text(f'DROP TABLE IF EXISTS "{table.name}"'))
        connection.execute(text("DROP TABLE IF EXISTS search"))
        connection.execute(text("DROP TABLE alembic_version"))
    schema.upgrade(desk.engine, "0001")
    with desk.engine.begin() as connection:
        for statement in FIRST_VERSION:
            connection.execute(text(statement))
    schema.upgrade(desk.engine)
    with desk.engine.connect() as connection:
        counts = [connection.scalar(text(f"SELECT count(*) FROM {t}")) for t in KEPT]
        assert counts == [1] * len(KEPT)
        assert connection.scalar(text("SELECT recipients FROM draft")) in ([], "[]")
        accounts = connection.scalars(text("SELECT remote_account FROM channel ORDER BY id"))
        assert [*accounts] == ["anna@x.example@mail.x.example", "sales@mail.x.example"]
        ids = connection.scalars(text("SELECT remote_id FROM message ORDER BY id"))
        assert [*ids] == ["7:1", "7:1:Shop/New", None]


def _is_search(name: str | None, kind: str) -> bool:
    return kind == "table" and (name or "").startswith("search")
