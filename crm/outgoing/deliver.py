"""Delivering: claim, send, write back; a reply leaves once as far as the channel allows."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import pause_after
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
from crm.outgoing.settling import settle_failed, settle_sent, settle_unknown

MOST_ATTEMPTS = 10
_LOOK_BACK = timedelta(minutes=10)
log = logging.getLogger(__name__)


def due_channels(session: Session) -> list[int]:
    """The channels that have something to send now, or something left by a dead sender."""
    return list(
        session.scalars(
            select(Reply.channel_id)
            .where(
                ((Reply.state == State.WAITING) & (Reply.due_at <= now()))
                | (Reply.state == State.SENDING)
            )
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
                    reply.state = State.WAITING
                case CannotTell():
                    settle_unknown(session, reply)


def _claim(desk: Desk, channel_id: int, connector: Connector) -> tuple[int, Outgoing] | None:
    """The next due reply, marked as being sent; overtaken ones are held on the way."""
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
                .with_for_update(skip_locked=True)
            )
            if reply is None:
                return None
            if is_overtaken(session, reply):
                hold(session, reply)
                continue
            outgoing = compose(session, desk, reply, connector.limits())
            reply.state, reply.claimed_at = State.SENDING, now()
            reply.attempts += 1
            return reply.message_id, outgoing


def _send(desk: Desk, message_id: int, outgoing: Outgoing, connector: Connector) -> int:
    try:
        receipt = connector.send(outgoing)
    except ChannelError as error:
        with desk.writing() as session:
            _not_taken(session, session.get_one(Reply, message_id), error)
        return 0
    except Exception:
        log.exception("sending %s broke off; it may have gone", outgoing.key)
        with desk.writing() as session:
            settle_unknown(session, session.get_one(Reply, message_id))
        return 0
    with desk.writing() as session:
        settle_sent(session, session.get_one(Reply, message_id), receipt)
    return 1


def _not_taken(session: Session, reply: Reply, error: ChannelError) -> None:
    """Surely not sent: tried again later, unless it can never go."""
    if isinstance(error, Rejected) or reply.attempts >= MOST_ATTEMPTS:
        settle_failed(session, reply, error)
        return
    assert isinstance(error, Temporary | Misconfigured)
    reply.state = State.WAITING
    reply.due_at = now() + min(pause_after(reply.attempts, error), timedelta(minutes=10))
    reply.error, reply.error_words, reply.remedy = error.summary, error.words, error.remedy
