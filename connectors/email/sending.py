"""What both kinds of mailbox do to answer: write the mail, hand it over, know their limits."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.email.smtp import Smtp, deliver, sign_in
from connectors.email.write import wire_address, write_mail
from crm.channels.contract import Limits, Misconfigured, Outgoing, Receipt, Site

LARGEST_FILE = 25_000_000
"""Bytes that practically every mail server takes."""


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


def check_sending(smtp: Smtp | None) -> None:
    """Whether answers would be taken; nothing is sent. Raises as `deliver` does."""
    if smtp is not None:
        sign_in(smtp)


def limits_of(smtp: Smtp | None, addresses: Sequence[str]) -> Limits:
    """Text of any length, any number of files, from the first of our addresses."""
    return Limits(
        can_send=smtp is not None, files=None, file_bytes=LARGEST_FILE, address=addresses[0]
    )
