"""Closing a conversation, and opening it again."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm.conversations.closing import close, reopen
from inbox import toasts
from inbox.acting import conversation, following, go_on, stay, working_view
from inbox.request import current_agent, writing

pages = Blueprint("closure", __name__)


@pages.post("/conversations/<int:number>/closure")
def create(number: int) -> Response:
    """Close it and go to the next one of the view."""
    with writing() as session:
        comes_next = following(session, number)
        close(session, conversation(session, number), by=current_agent().id)
    undo = url_for("closure.undo", number=number, view=working_view().value)
    toasts.say(gettext("Closed"), undo=undo)
    return go_on(comes_next)


@pages.post("/conversations/<int:number>/closure/undo")
def undo(number: int) -> Response:
    """Open it again, from whichever state."""
    with writing() as session:
        reopen(session, conversation(session, number), by=current_agent().id)
    toasts.say(gettext("Open again"))
    return stay(number)
