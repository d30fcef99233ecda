"""Delivering: claim, send, write back; a reply leaves once as far as the channel allows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel, pause_after
from crm.channels.contract import (
    CannotTell,
    ChannelError,
    Connector,
    Misconfigured,
    NotThere,
    Outgoing,
    Receipt,
    Rejected,
    Temporary,
)
from crm.channels.lock import hold as hold_lock
from crm.desk import Desk
from crm.outgoing.compose import compose
from crm.outgoing.hold import hold, is_overtaken
from crm.outgoing.reply import Reply, State
from crm.outgoing.settling import settle_failed, settle_sent, settle_unknown, take_reply

MOST_ATTEMPTS = 10
LONGEST_PAUSE = timedelta(minutes=10)
_LOOK_BACK = timedelta(minutes=10)
log = logging.getLogger(__name__)


def due_channels(session: Session) -> list[int]:
    """The channels that have something to send now, or something left by a dead sender.

    A paused one keeps its queue.
    """
    due = (Reply.state == State.WAITING) & (Reply.due_at <= now())
    return list(
        session.scalars(
            select(Reply.channel_id)
            .join(Channel, Channel.id == Reply.channel_id)
            .where(due | (Reply.state == State.SENDING), Channel.paused_at.is_(None))
            .distinct()
        )
    )


def deliver(desk: Desk, channel_id: int, connector: Connector) -> int:
    """Send what is due by this channel; returns how many were sent.

    One process sends at a time, so a row found in "sending" belongs to a dead sender: the
    connector is asked whether it arrived. Nothing is repeated by itself where nobody can tell.
    """
    with hold_lock(desk.engine, desk.locks, channel_id, "send") as held:
        if not held:
            return 0
        _clear_up(desk, channel_id, connector)
        sent = 0
        while (claimed := _claim(desk, channel_id, connector)) is not None:
            message_id, outgoing = claimed
            sent += _send(desk, message_id, outgoing, connector)
        return sent


def strand(desk: Desk, channel_id: int) -> None:
    """The channel has left the configuration: its queue waits, and the thread says why."""
    error = Misconfigured(
        "This channel is no longer configured.",
        remedy="Ask the operator to bring it back, or answer by another channel.",
    )
    with desk.writing() as session:
        for reply in _due(session, channel_id):
            _postpone(reply, error)


def _clear_up(desk: Desk, channel_id: int, connector: Connector) -> None:
    with desk.reading() as session:
        left = session.execute(
            select(Reply.message_id, Reply.key, Reply.claimed_at).where(
                Reply.channel_id == channel_id, Reply.state == State.SENDING
            )
        ).all()
    for message_id, key, claimed_at in left:
        try:
            found = connector.find_sent(key, (claimed_at or now()) - _LOOK_BACK)
        except ChannelError as error:
            log.warning("cannot ask whether %s was sent: %s", key, error)
            continue
        with desk.writing() as session:
            reply = session.get_one(Reply, message_id)
            match found:
                case Receipt():
                    settle_sent(session, reply, found)
                case NotThere():
                    _wait(session, reply)
                case CannotTell():
                    settle_unknown(session, reply)


def _wait(session: Session, reply: Reply) -> None:
    take_reply(session, reply)
    if reply.state == State.SENDING:
        reply.state = State.WAITING


def _claim(desk: Desk, channel_id: int, connector: Connector) -> tuple[int, Outgoing] | None:
    """The next due reply, marked as being sent; what cannot go is settled on the way.

    Whether it was overtaken is looked at in the transaction that claims it, with its conversation
    taken: what comes in after that comes in after the reply.
    """
    while True:
        with desk.writing() as session:
            reply = session.scalar(
                select(Reply)
                .where(
                    Reply.channel_id == channel_id,
                    Reply.state == State.WAITING,
                    Reply.due_at <= now(),
                )
                .order_by(Reply.due_at, Reply.message_id)
                .limit(1)
            )
            if reply is None:
                return None
            _, conversation = take_reply(session, reply)
            if reply.state != State.WAITING:
                continue
            if is_overtaken(reply, conversation):
                hold(session, reply)
                continue
            try:
                outgoing = compose(session, desk, reply, connector.limits())
            except OSError as error:
                settle_failed(session, reply, _missing(error))
                continue
            reply.state, reply.claimed_at = State.SENDING, now()
            reply.attempts += 1
            return reply.message_id, outgoing


def _missing(error: OSError) -> Rejected:
    return Rejected(
        "A file of this reply cannot be read.",
        str(error),
        "Restore the folder of files from the backup, or answer without the file.",
    )


def _send(desk: Desk, message_id: int, outgoing: Outgoing, connector: Connector) -> int:
    try:
        receipt = connector.send(outgoing)
    except ChannelError as error:
        with desk.writing() as session:
            _not_taken(session, session.get_one(Reply, message_id), error)
        return 0
    except Exception as error:
        log.warning("sending %s broke off, it may have gone: %r", outgoing.key, error)
        with desk.writing() as session:
            settle_unknown(session, session.get_one(Reply, message_id))
        return 0
    with desk.writing() as session:
        settle_sent(session, session.get_one(Reply, message_id), receipt)
    return 1


def _not_taken(session: Session, reply: Reply, error: ChannelError) -> None:
    """Surely not sent: tried again later, unless it can never go.

    What the operator must mend is no fault of the reply: it waits however long that takes, and
    the channel's whole queue with it.
    """
    take_reply(session, reply)
    if reply.state != State.SENDING:
        return
    is_hopeless = isinstance(error, Temporary) and reply.attempts >= MOST_ATTEMPTS
    if isinstance(error, Rejected) or is_hopeless:
        settle_failed(session, reply, error)
        return
    reply.state = State.WAITING
    _postpone(reply, error)
    if isinstance(error, Misconfigured):
        for other in _due(session, reply.channel_id):
            _postpone(other, error)


def _postpone(reply: Reply, error: ChannelError) -> None:
    reply.due_at = now() + min(pause_after(max(1, reply.attempts), error), LONGEST_PAUSE)
    reply.error, reply.error_words, reply.remedy = error.summary, error.words, error.remedy


def _due(session: Session, channel_id: int) -> Sequence[Reply]:
    return session.scalars(
        select(Reply)
        .where(Reply.channel_id == channel_id, Reply.state == State.WAITING, Reply.due_at <= now())
        .with_for_update(skip_locked=True)
    ).all()
