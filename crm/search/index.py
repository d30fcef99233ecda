"""The search index: FTS5 on SQLite, tsvector on PostgreSQL, keyed by a message's moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from crm.search.text import words

CREATE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search USING fts5(subject, people, body, content='',"
        " tokenize='unicode61 remove_diacritics 2', prefix='3')",
    ),
    "postgresql": (
        "CREATE TABLE search (id BIGINT PRIMARY KEY, tsv TSVECTOR NOT NULL)",
        "CREATE INDEX ix_search_tsv ON search USING gin (tsv)",
    ),
}

_ADD = {
    "sqlite": "INSERT INTO search (rowid, subject, people, body)"
    " VALUES (:moment, :subject, :people, :body)",
    "postgresql": "INSERT INTO search (id, tsv) VALUES (:moment,"
    " to_tsvector('simple', :subject || ' ' || :people || ' ' || :body))",
}
_REMOVE = {
    "sqlite": "INSERT INTO search (search, rowid, subject, people, body)"
    " VALUES ('delete', :moment, :subject, :people, :body)",
    "postgresql": "DELETE FROM search WHERE id = :moment",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is searchable of one message, normalised. `people` are names and addresses it bore."""

    moment: int
    subject: str
    people: str
    body: str


def entry(
    moment: int,
    subject: str,
    body: str,
    sender: Iterable[str] = (),
    recipients: Iterable[Mapping[str, str]] = (),
) -> Entry:
    """Make an entry of a message's own words; recipients as the message row has them."""
    people = [*sender]
    for recipient in recipients:
        people += recipient["name"], recipient["value"]
    return Entry(moment, _plain(subject), _plain(" ".join(people)), _plain(body))


def _plain(text: str) -> str:
    """Only words: PostgreSQL would keep an address or a file name as one."""
    return " ".join(words(text))


def create(connection: Connection) -> None:
    """Make the empty index."""
    for statement in CREATE[connection.dialect.name]:
        connection.execute(text(statement))


def add(session: Session, entries: Sequence[Entry]) -> None:
    """Index messages: last in a batch and together, else each one flushes the index."""
    _each(session, _ADD, entries)


def remove(session: Session, entries: Sequence[Entry]) -> None:
    """Take messages out; FTS5 wants exactly the text that was put in."""
    _each(session, _REMOVE, entries)


def _each(session: Session, statements: dict[str, str], entries: Sequence[Entry]) -> None:
    if not entries:
        return
    rows: list[dict[str, Any]] = [
        {"moment": one.moment, "subject": one.subject, "people": one.people, "body": one.body}
        for one in entries
    ]
    session.connection().execute(text(statements[session.get_bind().dialect.name]), rows)
