"""The page of a conversation: its thread, the composer under it, the contact beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.contacts.suggest import suggestions_of
from crm.contacts.view import Contact, contact
from crm.conversations.conversation import Conversation
from crm.conversations.tagging import tags_of
from crm.conversations.timeline import MessageItem, Thread, thread
from crm.conversations.tray import of_contact
from crm.outgoing.reply import Reply
from crm.staff.agent import Agent
from inbox.acting import working_view
from inbox.composing import composer
from inbox.pages.snooze import offers
from inbox.pages.tray import list_pane
from inbox.request import desk, only_stage, reading
from inbox.showing.item import shown

pages = Blueprint("conversation", __name__)

OTHERS = 20
"""How many other conversations of the contact stand beside the thread."""


@pages.get("/conversations/<int:id>")
def show(id: int) -> Any:
    """The thread; for a click in the list only the stage, without list and side bar."""
    session = reading()
    found = thread_of(session, id)
    parts = head(session, found.conversation)
    return render_template(
        "conversation/show.html",
        pane=None if only_stage() else list_pane(working_view(), current=id),
        items=shown(found.items, replies(session, found.messages), desk().blobs),
        told=len(found.items) - len(found.messages),
        composer=composer(session, found),
        people={agent.id: agent.name for agent in parts["agents"]},
        families={item.message.channel_id: item.family for item in found.messages},
        **parts,
        **_beside(session, parts["contact"], id),
    )


def thread_of(session: Session, number: int) -> Thread:
    """Everything of a conversation; 404 when there is none."""
    try:
        return thread(session, number)
    except LookupError:
        abort(404)


def head(session: Session, conversation: Conversation) -> dict[str, Any]:
    """What the head of the page shows: state, assignee, tags, and what can be done."""
    return {
        "view": working_view().value,
        "conversation": conversation,
        "agents": _agents(session),
        "tags": tags_of(session, [conversation.id])[conversation.id],
        "offers": offers(),
        "contact": contact(session, conversation.card_id),
    }


def replies(session: Session, messages: Sequence[MessageItem]) -> dict[int, Reply]:
    """The replies among these messages, by their message's id."""
    numbers = [item.message.id for item in messages]
    found = session.scalars(select(Reply).where(Reply.message_id.in_(numbers)))
    return {reply.message_id: reply for reply in found}


def _agents(session: Session) -> Sequence[Agent]:
    return session.scalars(select(Agent).where(Agent.active).order_by(Agent.name)).all()


def _beside(session: Session, person: Contact, number: int) -> dict[str, Any]:
    """What else is known of the contact: the panel at the right."""
    rows = of_contact(session, person.id, OTHERS + 1)
    return {
        "suggestions": suggestions_of(session, person.id),
        "others": [row for row in rows if row.id != number][:OTHERS],
    }
