"""Channels: how each one fares, in words; what fails stands first, with what to do."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import select

from crm.channels.channel import Channel
from inbox.request import reading, ways

pages = Blueprint("channels", __name__)


@pages.get("/channels")
def show() -> str:
    """A card for each channel."""
    channels = list(reading().scalars(select(Channel).order_by(Channel.id)))
    failing = [channel for channel in channels if channel.failing_since and not channel.paused_at]
    return render_template(
        "channels/show.html",
        view="channels",
        total=len(channels),
        failing=failing,
        others=[channel for channel in channels if channel not in failing],
        paused=sum(channel.paused_at is not None for channel in channels),
        ways=ways(),
    )
