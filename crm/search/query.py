"""Searching messages: all words, newest first, each conversation once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from crm.conversations.conversation import Conversation, Place
from crm.conversations.message import Message
from crm.search.text import words

SHORTEST_PREFIX = 3
MOST_WORDS = 12
_BATCH = 200
_NEWEST = 20_000


@dataclass(frozen=True, slots=True)
class Hits:
    """Conversations, the one with the newest hit first; `more` continues, "" at the end."""

    conversation_ids: list[int]
    more: str


def search(session: Session, question: str, limit: int = 50, before: str = "") -> Hits:
    """Conversations of which a message holds every word; the last word may be its beginning.

    What lies in spam or bin is not found. `before` is the `more` of an earlier answer; raises
    ValueError when it is something else.
    """
    wanted = words(question)[:MOST_WORDS]
    found: dict[int, int] = {}
    edge = int(before) if before else 2**62
    while wanted and len(found) < limit:
        moments = _moments(session, wanted, edge)
        hits = _conversations(session, moments)
        shown = _shown(session, wanted, {number for number, _ in hits}, int(before or 0))
        for conversation_id, moment in hits:
            if len(found) < limit:
                edge = moment
                if conversation_id not in shown:
                    found.setdefault(conversation_id, moment)
        if len(moments) < _BATCH:
            return Hits(list(found), "" if len(found) < limit else str(edge))
        edge = min(edge, moments[-1]) if len(found) < limit else edge
    return Hits(list(found), str(edge) if wanted else "")


def _conversations(session: Session, moments: list[int]) -> list[tuple[int, int]]:
    rows = session.execute(
        select(Message.conversation_id, Message.moment)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.moment.in_(moments),
            Message.withheld_at.is_(None),
            Conversation.place != Place.OUTSIDE,
        )
        .order_by(Message.moment.desc())
    )
    return [(conversation_id, moment) for conversation_id, moment in rows]


def _shown(session: Session, wanted: list[str], conversations: set[int], before: int) -> set[int]:
    """Those of these conversations that an earlier page showed for a newer hit."""
    if not before:
        return set()
    newer = {
        moment: conversation_id
        for conversation_id, moment in session.execute(
            select(Message.conversation_id, Message.moment).where(
                Message.conversation_id.in_(conversations),
                Message.moment >= before,
                Message.withheld_at.is_(None),
            )
        )
    }
    return {newer[moment] for moment in _among(session, wanted, sorted(newer))}


def _among(session: Session, wanted: list[str], moments: list[int]) -> list[int]:
    """Those of these moments that are hits, looked up one by one."""
    asked = {
        "sqlite": "SELECT rowid FROM search WHERE search MATCH :q AND rowid IN :moments",
        "postgresql": "SELECT id FROM search"
        " WHERE id IN :moments AND tsv @@ to_tsquery('simple', :q)",
    }[session.get_bind().dialect.name]
    found: list[int] = []
    for start in range(0, len(moments), _BATCH):
        rows = session.execute(
            text(asked).bindparams(bindparam("moments", expanding=True)),
            {"q": _question(session, wanted), "moments": moments[start : start + _BATCH]},
        )
        found += (row[0] for row in rows)
    return found


def _question(session: Session, wanted: list[str]) -> str:
    """The words in the engine's own language; the last may be the beginning of one."""
    may_begin = len(wanted[-1]) >= SHORTEST_PREFIX
    if session.get_bind().dialect.name == "postgresql":
        return " & ".join(wanted) + (":*" if may_begin else "")
    return " AND ".join(f'"{word}"' for word in wanted) + ("*" if may_begin else "")


def _moments(session: Session, wanted: list[str], edge: int) -> list[int]:
    if session.get_bind().dialect.name == "postgresql":
        return _moments_postgresql(session, wanted, edge)
    rows = session.execute(
        text(
            "SELECT rowid FROM search WHERE search MATCH :q AND rowid < :edge"
            " ORDER BY rowid DESC LIMIT :n"
        ),
        {"q": _question(session, wanted), "edge": edge, "n": _BATCH},
    )
    return [row[0] for row in rows]


def _moments_postgresql(session: Session, wanted: list[str], edge: int) -> list[int]:
    """Two steps: one statement alone walks the whole table for a rare word."""
    values = {"q": _question(session, wanted), "edge": edge, "n": _BATCH, "newest": _NEWEST}
    recent = session.execute(
        text(
            "SELECT id FROM (SELECT id, tsv FROM search WHERE id < :edge ORDER BY id DESC"
            " LIMIT :newest) s WHERE tsv @@ to_tsquery('simple', :q) ORDER BY id DESC LIMIT :n"
        ),
        values,
    ).all()
    if len(recent) < _BATCH:
        recent = session.execute(
            text(
                "WITH hit AS MATERIALIZED (SELECT id FROM search WHERE id < :edge"
                " AND tsv @@ to_tsquery('simple', :q)) SELECT id FROM hit ORDER BY id DESC LIMIT :n"
            ),
            values,
        ).all()
    return [row[0] for row in recent]
