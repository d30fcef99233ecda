"""What a batch brings that is known already: repeats, echoes of our own, edits, deletions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import Change, Receipt, Role
from crm.contacts.identity import Identity
from crm.conversations.blob import Blob, keep
from crm.conversations.message import Message
from crm.conversations.reference import Reference, message_key
from crm.database import insert
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
    """Reads the channel's messages once a batch, but only where such bytes are kept already."""
    digests = {one.raw_sha256 for one in prepared if one.raw_sha256}
    kept = session.scalars(select(Blob.sha256).where(Blob.sha256.in_(digests))).all()
    if not kept:
        return {}
    rows = session.scalars(
        select(Message).where(Message.channel_id == channel.id, Message.raw_sha256.in_(kept))
    )
    return {message.raw_sha256: message for message in rows}


def _without_echoes(
    session: Session, channel: Channel, fresh: Sequence[Prepared]
) -> list[Prepared]:
    """Our own replies coming back are recognised by their key, also before the receipt.

    Under our name the key is enough. A list may put its own name in the place of ours; then the
    words must be ours as well, as nothing keeps strangers from giving their mail our key.
    """
    keys = {key for one in fresh for key in _keys(one)}
    replies = {}
    if keys:
        rows = session.scalars(select(Reply).where(Reply.key.in_(keys)))
        replies = {reply.key: reply for reply in rows}
    left = []
    for one in fresh:
        reply = next((replies[key] for key in _keys(one) if key in replies), None)
        if reply is None or not _is_ours(one, session.get_one(Message, reply.message_id)):
            left.append(one)
        else:
            _hear_echo(session, channel, reply, one)
    return left


def _hear_echo(session: Session, channel: Channel, reply: Reply, one: Prepared) -> None:
    """It went; and it is known by the ids that the echo bears: servers give a mail their own."""
    message = session.get_one(Message, reply.message_id)
    if message.remote_id is None and message.channel_id == channel.id:
        message.remote_id = one.incoming.remote_id
    message.permalink = message.permalink or one.incoming.permalink
    _bear(session, message, _keys(one))
    settle_sent(session, reply, Receipt(at=one.incoming.at, words="echo"))


def _bear(session: Session, message: Message, keys: Sequence[str]) -> None:
    new = insert(session, Reference)
    session.execute(
        new.on_conflict_do_update(
            index_elements=[Reference.value, Reference.conversation_id],
            set_={"message_id": new.excluded.message_id},
            where=Reference.message_id.is_(None),
        ),
        [
            {"value": key, "conversation_id": message.conversation_id, "message_id": message.id}
            for key in dict.fromkeys(keys)
        ],
    )


def _is_ours(one: Prepared, message: Message) -> bool:
    if one.incoming.role is not Role.CUSTOMER:
        return True
    ours, theirs = "".join(message.text.split()), "".join(one.text.split())
    return bool(ours) and ours in theirs


def _keys(one: Prepared) -> list[str]:
    """What it bears as its own, now or before it passed a server that gives new ids."""
    incoming = one.incoming
    own = (incoming.key, incoming.message_id, *incoming.other_ids)
    return [message_key(key) for key in own if key]


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
