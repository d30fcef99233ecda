"""Tags put on a conversation and taken off."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from crm.conversations.tagging import tag, untag
from inbox.acting import conversation, stay
from inbox.request import current_agent, writing

pages = Blueprint("tags", __name__)


@pages.post("/conversations/<int:number>/tags")
def create(number: int) -> Response:
    """Put a tag on; an empty name changes nothing."""
    with writing() as session:
        name = request.form.get("name", "")
        tag(session, conversation(session, number), name, by=current_agent().id)
    return stay(number)


@pages.post("/conversations/<int:number>/tags/undo")
def undo(number: int) -> Response:
    """Take a tag off."""
    with writing() as session:
        name = request.form.get("name", "")
        untag(session, conversation(session, number), name, by=current_agent().id)
    return stay(number)
