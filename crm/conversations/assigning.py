"""Assigning a conversation to an agent, or to nobody."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.conversations.conversation import Conversation, take
from crm.history.record import record
from crm.staff.agent import Agent


def assign(
    session: Session, conversation: Conversation, agent_id: int | None, *, by: int | None
) -> None:
    """Give it to an agent, None for nobody. Raises LookupError for an agent that is not there."""
    take(session, conversation)
    if conversation.assignee_id == agent_id:
        return
    agent = session.get(Agent, agent_id) if agent_id is not None else None
    if agent_id is not None and (agent is None or not agent.active):
        raise LookupError(f"there is no active agent {agent_id}")
    conversation.assignee_id = agent_id
    record(
        session,
        "conversation.assigned",
        ("conversation", conversation.id),
        by=by,
        conversation_id=conversation.id,
        to=agent_id,
        name=agent.name if agent else "",
    )
