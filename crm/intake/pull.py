"""A pull: batch after batch from a connector, each with its cursor in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime

from crm.channels import channel as channels
from crm.channels.channel import Channel
from crm.channels.contract import Batch, ChannelError, Connector, Misconfigured, Temporary
from crm.channels.lock import hold
from crm.conversations.blob import BlobWriter
from crm.conversations.reference import Seal
from crm.desk import Desk
from crm.intake.prepare import Prepared, prepare
from crm.intake.rescue import DEFEATS, store_one_by_one
from crm.intake.store import store

log = logging.getLogger(__name__)


class Busy(Exception):
    """Another process pulls this channel just now."""


def pull(
    desk: Desk,
    channel_id: int,
    connector: Connector,
    *,
    since: datetime,
    again: bool = False,
    progress: Callable[[int], None] = lambda count: None,
) -> int:
    """Pull a channel to its end; returns how many messages were new.

    `since` bounds the first pull; `again` reads from there although a cursor stands. Each batch is
    committed with its cursor, so that a pull that dies anywhere loses and doubles nothing. A
    failure is noted on the channel and raised as ChannelError; raises Busy when it is being read.
    """
    with hold(desk.engine, desk.locks, channel_id, "pull") as held:
        if not held:
            raise Busy(f"channel {channel_id} is being read by another process")
        try:
            count = _read(desk, channel_id, connector, since, again, progress)
        except ChannelError as error:
            _note(desk, channel_id, error)
            raise
        except Exception as error:
            _note(desk, channel_id, Temporary("The pull broke off.", repr(error)[:500]))
            raise
        with desk.writing() as session:
            channels.note_success(session, session.get_one(Channel, channel_id), count)
        return count


def _read(
    desk: Desk,
    channel_id: int,
    connector: Connector,
    since: datetime,
    again: bool,
    progress: Callable[[int], None],
) -> int:
    account = connector.who_am_i()
    with desk.writing() as session:
        channel = session.get_one(Channel, channel_id)
        expect_account(channel, account)
        channel.remote_account = account
        cursor = None if again else channel.cursor
    blobs, seal, total = BlobWriter(desk.blobs), Seal(desk.secret), 0
    with closing(connector.pull(cursor, since)) as batches:  # type: ignore[type-var]
        for batch in batches:
            total += _store(desk, channel_id, batch, prepare(batch.messages, blobs, seal))
            progress(len(batch.messages))
    return total


def _store(desk: Desk, channel_id: int, batch: Batch, prepared: Sequence[Prepared]) -> int:
    try:
        with desk.writing() as session:
            return store(session, desk, session.get_one(Channel, channel_id), batch, prepared)
    except DEFEATS:
        log.exception("a batch cannot be stored as a whole; its messages are stored one by one")
    with desk.writing() as session:
        channel = session.get_one(Channel, channel_id)
        return store_one_by_one(session, desk, channel, batch, prepared)


def expect_account(channel: Channel, account: str) -> None:
    """A cursor belongs to its remote account: raises Misconfigured where another one answers."""
    if channel.remote_account and channel.remote_account != account:
        raise Misconfigured(
            "Another account answers under this channel's settings.",
            f"known: {channel.remote_account}; found: {account}",
            "Put the former account back, or give the new one a channel of its own.",
        )


def _note(desk: Desk, channel_id: int, error: ChannelError) -> None:
    with desk.writing() as session:
        channels.note_failure(session, session.get_one(Channel, channel_id), error)
