"""A real SMTP server that keeps what it is sent, and refuses whom it is told to refuse."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Condition
from types import TracebackType
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.ports import free_ports


@dataclass(frozen=True)
class Received:
    """One mail as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        return cast(EmailMessage, message_from_bytes(self.raw, policy=policy.default))


@dataclass
class SmtpSink:
    """Use it as a context manager.

    `refusals` maps a sender or recipient to the answer it gets, like "550 5.1.1 No such user";
    mails of more than `largest` bytes are refused; `final` is what is said after the last byte ("" closes the connection without an answer), and
    `pause_seconds` how long that takes. With a certificate it offers STARTTLS, with `password` it wants a sign-in.
    """

    certificate: Path | None = None
    key: Path | None = None
    password: str = ""
    largest: int = 33_554_432
    refusals: dict[str, str] = field(default_factory=dict)
    final: str = "250 OK"
    pause_seconds: float = 0
    host: str = "localhost"
    port: int = 0
    received: list[Received] = field(default_factory=list)

    def __enter__(self) -> SmtpSink:
        self._changed = Condition()
        options: dict[str, Any] = {}
        if self.certificate and self.key:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, self.key)
            options["tls_context"] = context
        if self.password:
            options |= {
                "authenticator": self._authenticate,
                "auth_required": True,
                "auth_require_tls": self.certificate is not None,
            }
        self.port = self.port or free_ports(1)[0]
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            enable_SMTPUTF8=True,
            data_size_limit=self.largest,
            **options,
        )
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Nobody listens any more."""
        with contextlib.suppress(AssertionError):
            self._controller.stop()

    def wait_for(self, number: int, seconds: float = 10) -> list[Received]:
        """The mails once there are so many. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.received) >= number, seconds):
                raise TimeoutError(f"{len(self.received)} of {number} mails came")
            return list(self.received)

    def _authenticate(self, server: Any, session: Any, envelope: Any, way: str, data: Any) -> Any:
        right = isinstance(data, LoginPassword) and data.password == self.password.encode()
        return AuthResult(success=right, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.final.startswith("250") or not self.final:
            mail = Received(
                str(envelope.mail_from), tuple(envelope.rcpt_tos), bytes(envelope.content or b"")
            )
            with self._changed:
                self.received.append(mail)
                self._changed.notify_all()
        await asyncio.sleep(self.pause_seconds)
        if not self.final:
            server.transport.abort()
        return self.final
