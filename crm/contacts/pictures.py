"""Pictures from outside: an agent lets them be loaded in what one sender writes, or no longer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.base import now
from crm.contacts.identity import Identity
from crm.history.record import record


def are_allowed(identity: Identity | None) -> bool:
    """Whether this sender's pictures are loaded; never for an address that was only mentioned."""
    return identity is not None and identity.verified and identity.pictures_at is not None


def allow(session: Session, identity: Identity, *, by: int) -> bool:
    """From now on; allowing twice changes nothing. False for an address nothing came through."""
    if not identity.verified:
        return False
    if identity.pictures_at is None:
        identity.pictures_at = now()
        _tell(session, "pictures.allowed", identity, by)
    return True


def hold_back(session: Session, identity: Identity, *, by: int) -> None:
    """As before anybody allowed them; holding back twice changes nothing."""
    if identity.pictures_at is not None:
        identity.pictures_at = None
        _tell(session, "pictures.held_back", identity, by)


def _tell(session: Session, kind: str, identity: Identity, by: int) -> None:
    subject = ("identity", identity.id)
    record(session, kind, subject, by=by, card_id=identity.card_id, address=identity.shown)
