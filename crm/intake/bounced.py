"""A bounce: the reply it is about has failed, and its thread says why."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.channels.contract import Incoming, Rejected
from crm.outgoing.settling import reply_of_id, settle_failed


def mark_bounced(session: Session, incoming: Incoming) -> None:
    """Mark the reply that came back as failed; a bounce about something else changes nothing."""
    reply = reply_of_id(session, incoming.bounced) if incoming.bounced else None
    if reply is not None:
        settle_failed(
            session,
            reply,
            Rejected(
                "The message came back.",
                incoming.reason,
                "Check the address, or answer by another channel.",
            ),
        )
