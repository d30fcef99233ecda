"""Where answers go when a message names another address than its sender's (Reply-To)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from crm.channels.contract import Role
from crm.contacts.identity import Identity
from crm.contacts.resolve import Key, key_of
from crm.database import insert
from crm.intake.prepare import Prepared
from crm.intake.rows import Placed


def name_answer_addresses(session: Session, placed: Sequence[Placed], country: str) -> None:
    """Let each message know the identity that an answer to it goes to (RFC 5322, 3.6.2).

    It stands on the sender's card, unverified: it proves nothing about who the sender is.
    """
    wanted: dict[tuple[int, Key], list[Placed]] = {}
    for item in placed:
        key = _elsewhere(item.one, country)
        if key is not None:
            wanted.setdefault((item.sender.card_id, key), []).append(item)
    if not wanted:
        return
    rows = [_row(card_id, key, items[0]) for (card_id, key), items in wanted.items()]
    session.connection().execute(insert(session, Identity).on_conflict_do_nothing(), rows)
    found = session.execute(
        select(Identity.id, Identity.card_id, Identity.kind, Identity.scope, Identity.value).where(
            tuple_(Identity.kind, Identity.scope, Identity.value).in_(
                sorted({key for _, key in wanted})
            )
        )
    )
    for number, card_id, *parts in found:
        kind, scope, value = parts
        for item in wanted.get((card_id, (kind, scope, value)), ()):
            item.answer_to = number


def _elsewhere(one: Prepared, country: str) -> Key | None:
    """The address named for answers, unless it is the sender's or one that was written to."""
    incoming = one.incoming
    key = key_of(incoming.reply_to, country)
    if key is None or incoming.role is not Role.CUSTOMER:
        return None
    others = (incoming.sender.address, *(one.address for one in incoming.recipients))
    return None if key in {key_of(other, country) for other in others} else key


def _row(card_id: int, key: Key, item: Placed) -> dict[str, object]:
    kind, scope, value = key
    at, reply_to = item.one.incoming.at, item.one.incoming.reply_to
    return {
        "card_id": card_id,
        "kind": kind,
        "scope": scope,
        "value": value,
        "shown": reply_to.value if reply_to else value,
        "verified": False,
        "first_seen": at,
        "last_seen": at,
    }
