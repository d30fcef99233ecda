"""A channel: one configured source or sink, how far it was read and how it fares."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm.base import Base, now, primary_key
from crm.channels.contract import ChannelError, Misconfigured
from crm.history.record import record


class Channel(Base):
    __tablename__ = "channel"

    id: Mapped[int] = primary_key()
    name: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(50))
    family: Mapped[str] = mapped_column(String(20))
    remote_account: Mapped[str] = mapped_column(Text, default="")
    cursor: Mapped[dict[str, Any] | None]
    connected_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    pulled_at: Mapped[datetime | None]
    pulled_count: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    next_pull_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    error_words: Mapped[str] = mapped_column(Text, default="")
    remedy: Mapped[str] = mapped_column(Text, default="")
    operator_told_at: Mapped[datetime | None]


def declare(session: Session, name: str, kind: str, family: str) -> Channel:
    """The row of a configured channel, made when the channel is new."""
    channel = session.scalar(select(Channel).where(Channel.name == name))
    if channel is None:
        channel = Channel(name=name, kind=kind, family=family, connected_at=now())
        session.add(channel)
        session.flush()
        record(session, "channel.connected", ("channel", channel.id), name=name, kind=kind)
    channel.kind, channel.family = kind, family
    return channel


def note_success(session: Session, channel: Channel, count: int) -> None:
    """The pull came to its end; a failure that stood is over."""
    if channel.failing_since is not None:
        record(session, "channel.recovered", ("channel", channel.id), since=_text(channel))
    channel.pulled_at, channel.pulled_count = now(), count
    channel.failing_since = channel.operator_told_at = channel.next_pull_at = None
    channel.failures = 0
    channel.error = channel.error_words = channel.remedy = ""


def note_failure(session: Session, channel: Channel, error: ChannelError) -> None:
    """Remember what failed, since when, and when it is tried again (back-off up to an hour)."""
    if channel.failing_since is None:
        channel.failing_since = now()
        record(
            session,
            "channel.failed",
            ("channel", channel.id),
            error=error.summary,
            words=error.words,
        )
    channel.failures += 1
    channel.error, channel.error_words, channel.remedy = error.summary, error.words, error.remedy
    channel.next_pull_at = now() + pause_after(channel.failures, error)


def pause_after(failures: int, error: ChannelError) -> timedelta:
    """How long to leave a failing channel alone: what it asked for, else 30 s doubled, 1 h at most.

    A misconfigured one is tried every hour: the remedy may lie outside (a server that is back).
    """
    if isinstance(error, Misconfigured):
        return timedelta(hours=1)
    asked = getattr(error, "retry_after", None)
    backoff = min(3600.0, 30.0 * 2 ** min(failures - 1, 10))
    return timedelta(seconds=min(max(asked or 0.0, backoff), 86400.0))


def _text(channel: Channel) -> str:
    return channel.failing_since.isoformat() if channel.failing_since else ""
