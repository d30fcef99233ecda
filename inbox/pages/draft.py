"""Drafts: kept while they are typed, thrown away when asked."""

from __future__ import annotations

from flask import Blueprint, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm.base import now
from crm.conversations import drafting
from inbox.acting import conversation, stay
from inbox.request import current_agent, writing
from inbox.times import clock

pages = Blueprint("draft", __name__)


@pages.post("/conversations/<int:number>/draft")
def create(number: int) -> Response:
    """Keep what is typed; answers with the words "Saved 14:02"."""
    form = request.form
    with writing() as session:
        conversation(session, number)
        kept = drafting.save(
            session,
            number,
            current_agent().id,
            kind_of_draft(),
            form.get("text", ""),
            channel_id=form.get("way", type=int),
            seen_incoming_id=form.get("seen_message_id", type=int),
        )
    return Response(gettext("Saved %(time)s", time=clock(now())) if kept else "")


@pages.post("/conversations/<int:number>/draft/undo")
def undo(number: int) -> Response:
    """Throw it away."""
    with writing() as session:
        drafting.discard(session, number, current_agent().id, kind_of_draft())
    return stay(number)


def kind_of_draft() -> str:
    """ "reply" or "note", as the form says."""
    return "note" if request.form.get("kind") == "note" else "reply"
