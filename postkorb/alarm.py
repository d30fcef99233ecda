"""The alarm: a channel that has failed for an hour is told to the operator by one mail."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import (
    Address,
    ChannelError,
    Connector,
    Family,
    IdentityKind,
    Outgoing,
    Recipient,
)
from postkorb.wiring import Wired

PATIENCE = timedelta(hours=1)
log = logging.getLogger(__name__)


def tell_operator(wired: Wired) -> int:
    """Send the mails that are due; returns how many. One per failure, however long it lasts."""
    address = wired.config.operator.email
    mouth = _mouth(wired)
    if address is None or mouth is None:
        return 0
    told = 0
    with wired.desk.reading() as session:
        failing = session.scalars(
            select(Channel).where(
                Channel.failing_since <= now() - PATIENCE, Channel.operator_told_at.is_(None)
            )
        ).all()
    for channel in failing:
        try:
            mouth.send(_mail(wired, channel, address))
        except ChannelError as error:
            log.warning("the operator could not be told that %s fails: %s", channel.name, error)
            continue
        with wired.desk.writing() as session:
            session.get_one(Channel, channel.id).operator_told_at = now()
        told += 1
    return told


def _mouth(wired: Wired) -> Connector | None:
    """The mail channel named by operator.via, else the first that can send."""
    via = wired.config.operator.via
    if via is not None:
        return wired.connectors[via]
    return next(
        (
            one
            for one in wired.connectors.values()
            if one.family is Family.EMAIL and one.limits().can_send
        ),
        None,
    )


def _mail(wired: Wired, channel: Channel, address: str) -> Outgoing:
    assert channel.failing_since is not None
    since = channel.failing_since.strftime("%Y-%m-%d %H:%M UTC")
    return Outgoing(
        key=f"alarm-{channel.id}-{int(channel.failing_since.timestamp())}@{wired.desk.host}",
        at=now(),
        recipients=(Recipient(Address(IdentityKind.EMAIL, address)),),
        subject=f"{wired.config.site.name}: the channel {channel.name} fails since {since}",
        text=(
            f"{channel.error}\n{channel.error_words}\n\nWhat to do: {channel.remedy or 'see below'}\n"
            f"\nNothing is lost: the channel goes on where it stopped, by itself, as soon as it"
            f" can.\n`postkorb doctor` checks it now. {wired.config.site.address}/channels\n"
        ),
        sender_name=wired.config.site.name,
        reference="",
        automatic=True,
    )
