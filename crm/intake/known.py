"""What a batch brings that is known already: repeats, echoes of our own, edits, deletions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import Change, Receipt, Role
from crm.contacts.identity import Identity
from crm.conversations.blob import keep
from crm.conversations.message import Message
from crm.conversations.reference import message_key
from crm.history.record import record
from crm.intake.prepare import Prepared
from crm.outgoing.reply import Reply
from crm.outgoing.settling import settle_sent
from crm.search import index

LONGEST_EARLIER_TEXT = 20_000


def settle_known(
    session: Session, channel: Channel, prepared: Sequence[Prepared], *, renumbered: bool
) -> list[Prepared]:
    """Deal with all that is known; returns what is new, each remote id once."""
    stored = _stored(session, channel, prepared)
    by_bytes = _by_bytes(session, channel, prepared) if renumbered else {}
    fresh: dict[str, Prepared] = {}
    for one in prepared:
        known = stored.get(one.incoming.remote_id)
        match one.incoming.change:
            case Change.DELETED:
                fresh.pop(one.incoming.remote_id, None)
                if known is not None:
                    _withhold(session, known)
            case Change.EDITED if known is not None:
                _edit(session, known, one)
            case Change.NEW if known is not None or one.incoming.remote_id in fresh:
                continue
            case _ if one.raw_sha256 in by_bytes:
                by_bytes[one.raw_sha256].remote_id = one.incoming.remote_id
            case _:
                fresh[one.incoming.remote_id] = one
    return _without_echoes(session, channel, list(fresh.values()))


def _stored(session: Session, channel: Channel, prepared: Sequence[Prepared]) -> dict[str, Message]:
    rows = session.scalars(
        select(Message).where(
            Message.channel_id == channel.id,
            Message.remote_id.in_({one.incoming.remote_id for one in prepared}),
        )
    )
    return {str(message.remote_id): message for message in rows}


def _by_bytes(
    session: Session, channel: Channel, prepared: Sequence[Prepared]
) -> dict[str, Message]:
    """Asked only for a renumbered mailbox: it reads the channel's messages once a batch."""
    rows = session.scalars(
        select(Message).where(
            Message.channel_id == channel.id,
            Message.raw_sha256.in_({one.raw_sha256 for one in prepared if one.raw_sha256}),
        )
    )
    return {message.raw_sha256: message for message in rows}


def _without_echoes(
    session: Session, channel: Channel, fresh: Sequence[Prepared]
) -> list[Prepared]:
    """Our own replies coming back are recognised by their key, also before the receipt."""
    keys = {key for one in fresh if one.incoming.role is not Role.CUSTOMER for key in _keys(one)}
    if not keys:
        return list(fresh)
    replies = {
        reply.key: reply for reply in session.scalars(select(Reply).where(Reply.key.in_(keys)))
    }
    left = []
    for one in fresh:
        reply = next((replies[key] for key in _keys(one) if key in replies), None)
        if reply is None or one.incoming.role is Role.CUSTOMER:
            left.append(one)
            continue
        message = session.get_one(Message, reply.message_id)
        if message.remote_id is None and message.channel_id == channel.id:
            message.remote_id = one.incoming.remote_id
        message.permalink = message.permalink or one.incoming.permalink
        settle_sent(session, reply, Receipt(at=one.incoming.at, words="echo"))
    return left


def _keys(one: Prepared) -> list[str]:
    return [message_key(key) for key in (one.incoming.key, one.incoming.message_id) if key]


def _edit(session: Session, message: Message, one: Prepared) -> None:
    """The text of the source, marked as edited; the earlier one stays in the history."""
    is_same = (message.subject, message.text, message.html) == (one.subject, one.text, one.html)
    if is_same and message.withheld_at is None:
        return
    shown = session.scalar(select(Identity.shown).where(Identity.id == message.identity_id)) or ""
    index.remove(session, [entry_of(message, shown)])
    record(
        session,
        "message.edited",
        ("message", message.id),
        conversation_id=message.conversation_id,
        earlier=message.text[:LONGEST_EARLIER_TEXT],
    )
    message.subject, message.text, message.html = one.subject, one.text, one.html
    message.quoted, message.signature = one.quoted, one.signature
    message.edited_at, message.withheld_at = now(), None
    offers = {"offers": message.flags["offers"]} if "offers" in message.flags else {}
    message.flags = {**one.flags, **offers}
    if one.raw_sha256:
        message.raw_sha256 = one.raw_sha256
        keep(session, {one.raw_sha256: len(one.incoming.raw)})
    session.flush()
    index.add(session, [entry_of(message, shown)])


def _withhold(session: Session, message: Message) -> None:
    """Gone at the source: no longer shown here, kept for the audit."""
    if message.withheld_at is None:
        message.withheld_at = now()
        record(
            session,
            "message.deleted",
            ("message", message.id),
            conversation_id=message.conversation_id,
        )


def entry_of(message: Message, shown: str) -> index.Entry:
    """What is searchable of a stored message; `shown` is the address it came through."""
    return index.entry(
        message.moment,
        message.subject,
        message.text,
        (message.sender_name, shown),
        message.recipients,
    )
