"""Internal notes: for colleagues only, nothing is sent."""

from __future__ import annotations

from flask import Blueprint, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm.conversations import drafting
from crm.conversations.noting import note
from inbox import toasts
from inbox.acting import conversation, stay
from inbox.request import current_agent, writing

pages = Blueprint("note", __name__)


@pages.post("/conversations/<int:number>/notes")
def create(number: int) -> Response:
    """Keep the note; an empty one is refused in words."""
    text = request.form.get("text", "")
    if not text.strip():
        toasts.warn(gettext("Nothing noted: the note is empty."))
        return stay(number, mode="note")
    with writing() as session:
        kept = note(session, conversation(session, number), text, by=current_agent().id)
        drafting.discard(session, number, current_agent().id, "note")
    return stay(number, _anchor=f"m{kept.id}")
