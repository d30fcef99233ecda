"""The page of a conversation: its thread, the composer under it, the contact beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.contacts.suggest import suggestions_of
from crm.contacts.view import contact
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
    found = _thread(session, id)
    view, agents = working_view(), _agents(session)
    return render_template(
        "conversation/show.html",
        view=view.value,
        pane=None if only_stage() else list_pane(view, current=id),
        conversation=found.conversation,
        items=shown(found.items, _replies(session, found.messages), desk().blobs),
        composer=composer(session, found),
        agents=agents,
        people={agent.id: agent.name for agent in agents},
        families={item.message.channel_id: item.family for item in found.messages},
        tags=tags_of(session, [id])[id],
        offers=offers(),
        **_context(session, found.conversation),
    )


@pages.get("/conversations/<int:id>/news")
def news(id: int) -> Any:
    """What came after the messages that the page shows; 204 while there is nothing."""
    session = reading()
    found = _thread(session, id)
    seen = request.args.get("after", 0, int)
    items = [item for item in found.messages if item.message.id > seen]
    if not items:
        return Response(status=204)
    return render_template(
        "conversation/news.html",
        view=working_view().value,
        conversation=found.conversation,
        items=shown(items, _replies(session, items), desk().blobs),
        newest=max(item.message.id for item in items),
    )


def _thread(session: Session, number: int) -> Thread:
    try:
        return thread(session, number)
    except LookupError:
        abort(404)


def _replies(session: Session, messages: Sequence[MessageItem]) -> dict[int, Reply]:
    numbers = [item.message.id for item in messages]
    found = session.scalars(select(Reply).where(Reply.message_id.in_(numbers)))
    return {reply.message_id: reply for reply in found}


def _agents(session: Session) -> Sequence[Agent]:
    return session.scalars(select(Agent).where(Agent.active).order_by(Agent.name)).all()


def _context(session: Session, conversation: Conversation) -> dict[str, Any]:
    """The contact and what else is known: the panel at the right."""
    person = contact(session, conversation.card_id)
    return {
        "contact": person,
        "suggestions": suggestions_of(session, person.id),
        "others": [
            row for row in of_contact(session, person.id, OTHERS + 1) if row.id != conversation.id
        ][:OTHERS],
    }
