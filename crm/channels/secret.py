"""Secrets that change with use: what a connector keeps in its vault, sealed in the database."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base, now
from crm.channels.channel import Channel
from crm.channels.contract import Misconfigured, Temporary
from crm.channels.lock import hold
from crm.desk import Desk

PATIENCE_SECONDS = 90.0
"""How long another process may hold the vault: longer than a token server may take to answer."""


class ChannelSecret(Base):
    """`sealed` can be opened with the installation's secret alone."""

    __tablename__ = "channel_secret"

    channel_id: Mapped[int] = mapped_column(ForeignKey(Channel.id), primary_key=True)
    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class ChannelVault:
    """The vault of one channel (the contract's Vault); never use it inside a transaction."""

    def __init__(self, desk: Desk, channel_id: int) -> None:
        self._desk, self._channel_id = desk, channel_id

    def read(self, name: str) -> str:
        """What was kept under the name; "" for nothing. Raises Misconfigured."""
        with self._desk.reading() as session:
            row = session.get(ChannelSecret, (self._channel_id, name))
        if row is None:
            return ""
        try:
            return self._seal(name).decrypt(row.sealed).decode()
        except InvalidToken:
            raise Misconfigured(
                "The kept tokens cannot be opened with this secret key.",
                remedy="Put the former secret key back, or run `postkorb authorise CHANNEL`.",
            ) from None

    def keep(self, name: str, value: str) -> None:
        """Keep it in a transaction of its own, committed when this returns."""
        sealed = self._seal(name).encrypt(value.encode()).decode()
        with self._desk.writing() as session:
            session.merge(
                ChannelSecret(
                    channel_id=self._channel_id, name=name, sealed=sealed, changed_at=now()
                )
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the vault; not to be entered twice. Raises Temporary where another one keeps it."""
        desk = self._desk
        with hold(desk.engine, desk.locks, self._channel_id, "secret", PATIENCE_SECONDS) as held:
            if not held:
                raise Temporary("Another process renews the access of this channel.")
            yield

    def _seal(self, name: str) -> Fernet:
        """A key for this place alone (HKDF, RFC 5869): what was kept elsewhere opens nothing here."""
        label = f"postkorb channel_secret {self._channel_id} {name}"
        derived = HKDF(SHA256(), 32, salt=None, info=label.encode()).derive(self._desk.secret)
        return Fernet(urlsafe_b64encode(derived))
