"""What both kinds of mailbox do to answer: write the mail, hand it over, know their limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.email.addresses import is_address
from connectors.email.smtp import Smtp, deliver, would_take
from connectors.email.write import wire_address, write_mail
from crm.channels.contract import Limits, Misconfigured, Outgoing, Receipt, Site

LARGEST_FILE = 25_000_000
"""Bytes that practically every mail server takes."""


def _our_own(value: str) -> str:
    if not is_address(value):
        raise ValueError("expected an e-mail address")
    return value


OurAddresses = Annotated[tuple[Annotated[str, AfterValidator(_our_own)], ...], Field(min_length=1)]
"""The addresses that lead into a mailbox; answers come from the first."""


def send_mail(
    outgoing: Outgoing, smtp: Smtp | None, addresses: Sequence[str], sender_name: str, site: Site
) -> Receipt:
    """Send an answer from the first of our addresses. Raises as `deliver` does."""
    if smtp is None:
        raise Misconfigured(
            "This channel has no outgoing mail server.", remedy="Add its smtp settings."
        )
    program = f"Postkorb/{site.version}" if site.version else "Postkorb"
    mail = write_mail(outgoing, addresses[0], sender_name, program)
    recipients = [wire_address(recipient.address.value) for recipient in outgoing.recipients]
    return deliver(smtp, mail, wire_address(addresses[0]), list(dict.fromkeys(recipients)))


def check_sending(smtp: Smtp | None, addresses: Sequence[str]) -> None:
    """Whether answers would be taken; nothing is sent. Raises as `deliver` does."""
    if smtp is not None:
        would_take(smtp, wire_address(addresses[0]))


def limits_of(smtp: Smtp | None, addresses: Sequence[str]) -> Limits:
    """Text of any length, any number of files, from the first of our addresses."""
    return Limits(
        can_send=smtp is not None, files=None, file_bytes=LARGEST_FILE, address=addresses[0]
    )
