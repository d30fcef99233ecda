"""What an operator tells of a mailbox that is read by IMAP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from connectors.email.history import Quote
from connectors.email.sending import OurAddresses
from connectors.email.smtp import Smtp
from connectors.settings import STRICT, LocalPath, Port, Secret


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ImapSettings:
    """A mailbox; `interval` is in seconds, the first of `addresses` is the From of answers."""

    host: str
    user: str
    password: Secret
    addresses: OurAddresses
    port: Port = 993
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: LocalPath | None = None
    folder: str = "INBOX"
    interval: Annotated[int, Field(ge=5)] = 60
    mark_seen: bool = False
    sender_name: str = ""
    quote: Quote = "last"
    smtp: Smtp | None = None
