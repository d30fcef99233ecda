"""A bounce: the reply it is about has failed, and its thread says why."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.channels.contract import Failure, Incoming, Rejected, Sort
from crm.conversations.message import Message
from crm.conversations.reference import Reference, message_key
from crm.outgoing.reply import Reply
from crm.outgoing.settling import settle_failed

_MEANS = {
    Failure.NO_SUCH_ADDRESS: Rejected(
        "There is no such address.",
        remedy="Check the address, or answer by another channel.",
    ),
    Failure.NO_SUCH_DOMAIN: Rejected(
        "What stands behind the @ of the address does not exist.",
        remedy="Check the address, or answer by another channel.",
    ),
    Failure.MAILBOX_FULL: Rejected(
        "The mailbox is full.",
        remedy="Send it again in a few days, or answer by another channel.",
    ),
    Failure.MAILBOX_CLOSED: Rejected(
        "The mailbox is closed.",
        remedy="Answer at another address of the customer, or by another channel.",
    ),
    Failure.TOO_LARGE: Rejected(
        "The message is too large for the other side.",
        remedy="Send it again with fewer or smaller files.",
    ),
    Failure.REFUSED: Rejected(
        "The other side refuses the message.",
        remedy="Answer by another channel, and show the reason to the operator.",
    ),
    Failure.SPAM: Rejected(
        "The other side takes the message for spam.",
        remedy="Answer by another channel, and show the reason to the operator.",
    ),
    Failure.UNREACHABLE: Rejected(
        "The other side's mail server could not be reached.",
        remedy="Send it again later, or answer by another channel.",
    ),
    Failure.OTHER: Rejected(
        "The message came back.",
        remedy="Check the address, or answer by another channel.",
    ),
}


def mark_bounced(session: Session, incoming: Incoming) -> None:
    """Mark the reply that came back as failed; a bounce about something else changes nothing.

    It must name a Message-ID of ours, or the one that a server gave the reply on its way: address
    and subject alone prove nothing, and anybody can write a bounce. What nobody typed may come
    back unheard: no agent waits for it.
    """
    found = _reply(session, incoming.bounced) if incoming.bounced else None
    if found is not None:
        meant = _MEANS[incoming.failure]
        settle_failed(session, found, Rejected(meant.summary, incoming.reason, meant.remedy))


def _reply(session: Session, message_id: str) -> Reply | None:
    """The reply that bears this id, if a person wrote it."""
    return session.scalar(
        select(Reply)
        .join(Message, Message.id == Reply.message_id)
        .join(Reference, Reference.message_id == Reply.message_id)
        .where(Reference.value == message_key(message_id), Message.sort == Sort.CUSTOMER)
        .limit(1)
    )
