"""News of a conversation: what came and what was done while one looks at it; polled."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.conversations.message import Message
from crm.conversations.timeline import SHOWN_EVENTS, Item, MessageItem, Thread
from crm.conversations.tray import rows_of
from crm.history.event import Event
from inbox.acting import conversation
from inbox.pages.conversation import head, replies, thread_of
from inbox.request import current_agent, desk, reading
from inbox.showing.item import shown

pages = Blueprint("news", __name__)


@pages.get("/conversations/<int:id>/news")
def show(id: int) -> Response:
    """The items that the page does not show yet, the head as it is now, and the row in the list.

    `after` is the newest message of the page, `told` how many events it tells. 204 while there
    is nothing.
    """
    session = reading()
    conversation(session, id)
    after, told = request.args.get("after", 0, int), request.args.get("told", 0, int)
    if not _has_news(session, id, after, told):
        return Response(status=204)
    found = thread_of(session, id)
    messages = found.messages
    page = render_template(
        "conversation/news.html",
        items=shown(_new(found, after, told), replies(session, messages), desk().blobs),
        newest=max((item.message.id for item in messages), default=after),
        told=len(found.items) - len(messages),
        row=next(iter(rows_of(session, [id], current_agent().id)), None),
        **head(session, found.conversation),
    )
    response = make_response(page)
    response.headers["HX-Trigger"] = "counts"
    return response


def _has_news(session: Session, number: int, after: int, told: int) -> bool:
    """Asked every few seconds by every open page: two look-ups in indexes, nothing is loaded."""
    newest = select(func.max(Message.id)).where(
        Message.conversation_id == number, Message.copy_of_id.is_(None)
    )
    events = select(func.count(Event.id)).where(
        Event.conversation_id == number, Event.kind.in_(SHOWN_EVENTS)
    )
    found = session.execute(select(newest.scalar_subquery(), events.scalar_subquery())).one()
    return (found[0] or 0) > after or found[1] > told


def _new(found: Thread, after: int, told: int) -> list[Item]:
    events = [item for item in found.items if not isinstance(item, MessageItem)]
    unknown = {id(event) for event in events[told:]}
    return [
        item
        for item in found.items
        if (item.message.id > after if isinstance(item, MessageItem) else id(item) in unknown)
    ]
