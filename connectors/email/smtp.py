"""Handing a mail to the outgoing mail server (SMTP, RFC 5321), once and with a known result."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from connectors.email.oauth.bearer import sign_in_by_smtp
from connectors.email.oauth.tokens import Tokens
from connectors.email.refusals import (
    CHECK_SIGN_IN,
    Answer,
    expect_mail,
    expect_recipients,
    expect_sender,
    readable,
    too_large,
)
from connectors.email.trust import trusting, untrusted
from connectors.settings import STRICT, LocalPath, Port, Secret
from crm.channels.contract import ChannelError, Misconfigured, Receipt, Rejected, Temporary

CHECK_SERVER = "Check host, port and tls of the outgoing mail server."

_DATA_END = b".\r\n"
_ANSWER_SECONDS = 600.0
"""How long a server may think after the last byte (RFC 5321, 4.5.3.2.6)."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Smtp:
    """The outgoing mail server of a mailbox; `timeout` is in seconds."""

    host: str
    port: Port = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: Secret | None = None
    ca_file: LocalPath | None = None
    timeout: Annotated[float, Field(gt=0, le=600)] = 30.0

    @model_validator(mode="after")
    def _both_or_neither(self) -> Smtp:
        if bool(self.user) != (self.password is not None):
            raise ValueError("user and password belong together; tell both, or neither")
        return self


def deliver(
    settings: Smtp,
    mime_bytes: bytes,
    envelope_from: str,
    recipients: Sequence[str],
    tokens: Tokens | None = None,
) -> Receipt:
    """Send one mail to all its recipients or to none.

    `tokens` sign in where the settings have neither user nor password.

    Raises Temporary where the server surely did not take it, Rejected where it never will,
    Misconfigured where the operator must act. Any other exception comes from the moment between
    the last byte and the server's answer: the mail may have gone.
    """
    with _session(settings, tokens) as session:
        with _not_taken(settings):
            _address(session, envelope_from, recipients, len(mime_bytes))
            _begin(session, mime_bytes)
        _wait_at_most(session, _ANSWER_SECONDS)
        session.send(_DATA_END)
        answer = Answer(*session.getreply())
        _wait_at_most(session, settings.timeout)
        expect_mail(answer)
        return Receipt(datetime.now(UTC), words=readable(answer.words))


def would_take(settings: Smtp, envelope_from: str, tokens: Tokens | None = None) -> None:
    """Connect, sign in, name the sender and send nothing. Raises as `deliver` does."""
    with _session(settings, tokens) as session, _not_taken(settings):
        expect_sender(Answer(*session.mail(envelope_from)), envelope_from)
        session.rset()


@contextlib.contextmanager
def _session(settings: Smtp, tokens: Tokens | None) -> Iterator[smtplib.SMTP]:
    """A greeted, encrypted, signed-in connection; what fails in it ends it without a farewell."""
    with _not_taken(settings):
        session = _connected(settings)
    try:
        with _not_taken(settings):
            session.ehlo_or_helo_if_needed()
            _sign_in(session, settings, tokens)
        yield session
        with contextlib.suppress(OSError, smtplib.SMTPException):
            session.quit()
    finally:
        session.close()


def _wait_at_most(session: smtplib.SMTP, seconds: float) -> None:
    if session.sock is not None:
        session.sock.settimeout(seconds)


def _connected(settings: Smtp) -> smtplib.SMTP:
    trust = trusting(settings.ca_file)
    if settings.tls == "tls":
        return smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=settings.timeout, context=trust
        )
    session = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    if settings.tls == "starttls":
        try:
            session.starttls(context=trust)
        except BaseException:
            session.close()
            raise
    return session


def _sign_in(session: smtplib.SMTP, settings: Smtp, tokens: Tokens | None) -> None:
    """As configured; without user and password by the mailbox's tokens.

    A server that asks nobody to sign in is trusted to know us.
    """
    if not settings.user or settings.password is None:
        if tokens is not None and session.has_extn("auth"):
            sign_in_by_smtp(session, tokens, _refused_sign_in)
        return
    user, password = settings.user, settings.password.get_secret_value()
    if user.isascii() and password.isascii():
        session.login(user, password)
        return
    # smtplib takes only ASCII; PLAIN is defined for all of UTF-8 (RFC 4616).
    credentials = b64encode(f"\0{user}\0{password}".encode()).decode()
    code, words = session.docmd("AUTH", f"PLAIN {credentials}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, words)


def _address(
    session: smtplib.SMTP, envelope_from: str, recipients: Sequence[str], size: int
) -> None:
    """Sender and recipients; `size` of the mail is in bytes."""
    options = _size_told(session, size)
    if not all(address.isascii() for address in (envelope_from, *recipients)):
        if not session.has_extn("smtputf8"):
            raise Rejected(
                "The mail server cannot send to addresses with letters beyond ASCII.",
                remedy="Use another address.",
            )
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    expect_sender(Answer(*session.mail(envelope_from, options)), envelope_from)
    expect_recipients({one: Answer(*session.rcpt(one)) for one in recipients})


def _size_told(session: smtplib.SMTP, size: int) -> list[str]:
    """The mail's size for a server that wants to know it (RFC 1870). Raises Rejected."""
    if not session.has_extn("size"):
        return []
    told = session.esmtp_features["size"].strip()
    most = int(told) if told.isascii() and told.isdecimal() else 0
    if 0 < most < size:
        raise too_large(f"{size / 1e6:.1f} MB > {most / 1e6:.1f} MB")
    return [f"SIZE={size}"]


def _begin(session: smtplib.SMTP, mime_bytes: bytes) -> None:
    """Everything but the final dot: without it no server may take the mail."""
    expect_mail(Answer(*session.docmd("DATA")), 354)
    lines = mime_bytes if mime_bytes.endswith(b"\r\n") else mime_bytes + b"\r\n"
    dotted = lines.replace(b"\r\n.", b"\r\n..")
    session.send(b"." + dotted if dotted.startswith(b".") else dotted)


@contextlib.contextmanager
def _not_taken(settings: Smtp) -> Iterator[None]:
    """Before the final dot, every fault means that the mail was not taken."""
    place = f"{settings.host}:{settings.port}"
    try:
        yield
    except ChannelError:
        raise
    except smtplib.SMTPAuthenticationError as error:
        raise _refused_sign_in(error) from None
    except smtplib.SMTPNotSupportedError as error:
        raise Misconfigured(
            "The mail server does not offer what is configured.", str(error), CHECK_SERVER
        ) from None
    except ssl.SSLError as error:
        raise untrusted(error, place, CHECK_SERVER) from None
    except smtplib.SMTPResponseException as error:
        raise Temporary(
            "The mail server does not take the mail now.",
            f"{error.smtp_code} {readable(error.smtp_error)}",
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Temporary(
            "The mail server cannot be reached.", f"{place}: {error}", CHECK_SERVER
        ) from None


def _refused_sign_in(error: smtplib.SMTPAuthenticationError) -> ChannelError:
    said = f"{error.smtp_code} {readable(error.smtp_error)}"
    if 400 <= error.smtp_code < 500:
        return Temporary("The mail server cannot check the sign-in now.", said)
    return Misconfigured("The mail server refused the sign-in.", said, CHECK_SIGN_IN)
