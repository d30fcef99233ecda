"""Secrets that change with use: what a connector keeps in its vault, sealed in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base
from crm.channels.channel import Channel


class ChannelSecret(Base):
    """`sealed` can be opened with the installation's secret alone."""

    __tablename__ = "channel_secret"

    channel_id: Mapped[int] = mapped_column(ForeignKey(Channel.id), primary_key=True)
    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
