"""How both kinds of mailbox answer: write the mail, hand it over, know their limits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from connectors.email.addresses import is_address
from connectors.email.history import Quote
from connectors.email.oauth.tokens import Tokens
from connectors.email.smtp import Smtp, deliver, would_take
from connectors.email.write import each_once, wire_address, write_mail
from crm.channels.contract import (
    CannotTell,
    Limits,
    Misconfigured,
    Outgoing,
    Receipt,
    Rejected,
    Site,
)

LARGEST_FILE = 25_000_000
"""Bytes that practically every mail server takes."""


def _our_own(value: str) -> str:
    if not is_address(value):
        raise ValueError("expected an e-mail address")
    return value


OurAddresses = Annotated[tuple[Annotated[str, AfterValidator(_our_own)], ...], Field(min_length=1)]
"""The addresses that lead into a mailbox; answers come from the one that was written to."""


class AnswerSettings(Protocol):
    """What a mailbox must be told to answer; `quote` says how much history stands below."""

    @property
    def addresses(self) -> tuple[str, ...]: ...
    @property
    def sender_name(self) -> str: ...
    @property
    def quote(self) -> Quote: ...
    @property
    def smtp(self) -> Smtp | None: ...


S = TypeVar("S", bound=AnswerSettings)


class AnsweringMailbox(Generic[S]):
    """The way out of a mailbox of either kind: SMTP, from one of our addresses."""

    tokens: Tokens | None = None
    """By which a mailbox with oauth signs in."""

    def __init__(self, settings: S, site: Site) -> None:
        self.settings, self.site = settings, site

    def send(self, outgoing: Outgoing) -> Receipt:
        """Send an answer to everybody it names, each once. Raises as `deliver` does."""
        smtp, ours = self.settings.smtp, self._sender(outgoing.sender)
        if smtp is None:
            raise Misconfigured(
                "This channel has no outgoing mail server.", remedy="Add its smtp settings."
            )
        if not outgoing.recipients:
            raise Rejected("This mail goes to nobody.", remedy="Name a recipient.")
        mail = self._written(outgoing, ours)
        recipients = [wire_address(one.address.value) for one in each_once(outgoing.recipients)]
        receipt = deliver(
            smtp, mail, wire_address(ours), list(dict.fromkeys(recipients)), self.tokens
        )
        self.keep_copy(mail)
        return receipt

    def _sender(self, wanted: str) -> str:
        """The one of our addresses that is wanted, as it is configured; else the first."""
        ours = self.settings.addresses
        return next((one for one in ours if one.casefold() == wanted.casefold()), ours[0])

    def _written(self, outgoing: Outgoing, ours: str) -> bytes:
        return write_mail(
            outgoing,
            ours,
            self.settings.sender_name,
            f"Postkorb/{self.site.version}" if self.site.version else "Postkorb",
            self.settings.quote,
            ZoneInfo(self.site.time_zone),
        )

    def keep_copy(self, mail: bytes) -> None:
        """What was sent may be laid into a folder; never raises, for the mail has gone."""

    def find_sent(self, key: str, since: datetime) -> CannotTell:
        """SMTP keeps nothing that could be asked."""
        return CannotTell()

    def limits(self) -> Limits:
        """Text of any length and any number of files, where a server for answers is told."""
        return Limits(
            can_send=self.settings.smtp is not None,
            files=None,
            file_bytes=LARGEST_FILE,
            address=self.settings.addresses[0],
            addresses=self.settings.addresses,
            copies=True,
        )

    def check_sending(self) -> None:
        """Whether answers would be taken; nothing is sent. Raises as `deliver` does."""
        if self.settings.smtp is not None:
            ours = wire_address(self.settings.addresses[0])
            would_take(self.settings.smtp, ours, self.tokens)
