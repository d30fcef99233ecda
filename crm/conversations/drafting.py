"""Drafts: what an agent has written and not sent, kept while it is typed and on every device."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm.base import Base, now
from crm.channels.channel import Channel
from crm.contacts.identity import Identity
from crm.conversations.conversation import Conversation
from crm.staff.agent import Agent


class Draft(Base):
    """One per conversation, agent and kind ("reply" or "note").

    seen_incoming_id   the newest incoming message when the agent began
    held_at            the reply was overtaken and came back as this draft
    """

    __tablename__ = "draft"

    conversation_id: Mapped[int] = mapped_column(ForeignKey(Conversation.id), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey(Agent.id), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey(Channel.id))
    to_identity_id: Mapped[int | None] = mapped_column(ForeignKey(Identity.id))
    body: Mapped[str] = mapped_column(Text, default="")
    seen_incoming_id: Mapped[int | None]
    held_at: Mapped[datetime | None]
    saved_at: Mapped[datetime]


def save(
    session: Session,
    conversation_id: int,
    agent_id: int,
    kind: str,
    body: str,
    *,
    channel_id: int | None = None,
    to_identity_id: int | None = None,
    seen_incoming_id: int | None = None,
) -> Draft | None:
    """Keep the text; an empty one is no draft any more."""
    draft = session.get(Draft, (conversation_id, agent_id, kind))
    if not body.strip():
        if draft is not None:
            session.delete(draft)
        return None
    if draft is None:
        draft = Draft(
            conversation_id=conversation_id,
            agent_id=agent_id,
            kind=kind,
            seen_incoming_id=seen_incoming_id,
            saved_at=now(),
        )
        session.add(draft)
    draft.body, draft.saved_at = body, now()
    draft.channel_id = channel_id if channel_id is not None else draft.channel_id
    draft.to_identity_id = to_identity_id if to_identity_id is not None else draft.to_identity_id
    return draft


def discard(session: Session, conversation_id: int, agent_id: int, kind: str) -> None:
    """Throw the draft away."""
    draft = session.get(Draft, (conversation_id, agent_id, kind))
    if draft is not None:
        session.delete(draft)
