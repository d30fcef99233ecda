"""Writing the history: every act leaves its event in its own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm.base import now
from crm.history.event import Event


def record(
    session: Session,
    kind: str,
    subject: tuple[str, int],
    /,
    *,
    by: int | None = None,
    conversation_id: int | None = None,
    card_id: int | None = None,
    at: datetime | None = None,
    **data: Any,
) -> None:
    """Add an event to the session's transaction. `by` is an agent's id, None for the machine."""
    session.add(
        Event(
            at=at or now(),
            kind=kind,
            agent_id=by,
            subject_kind=subject[0],
            subject_id=subject[1],
            conversation_id=conversation_id,
            card_id=card_id,
            data=data,
        )
    )
