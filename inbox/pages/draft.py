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
            seen_message_id=form.get("seen_message_id", type=int),
        )
    return Response(gettext("Saved %(time)s", time=clock(now())) if kept else "")


@pages.post("/conversations/<int:number>/draft/undo")
def undo(number: int) -> Response:
    """Throw it away."""
    with writing() as session:
        drafting.discard(session, number, current_agent().id, kind_of_draft())
    return stay(number)


@pages.post("/conversations/<int:number>/draft/files/<int:file>/removal")
def leave_out(number: int, file: int) -> Response:
    """Let a file not go along; what was typed meanwhile is kept."""
    agent, way = current_agent().id, request.form.get("way", type=int)
    with writing() as session:
        conversation(session, number)
        drafting.save(session, number, agent, "reply", request.form.get("text", ""), channel_id=way)
        drafting.remove_file(session, number, agent, file)
    return stay(number, _anchor="composer")


def kind_of_draft() -> str:
    """ "reply" or "note", as the form says."""
    return "note" if request.form.get("kind") == "note" else "reply"
