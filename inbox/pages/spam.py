"""Spam: out of all views, and back."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm.conversations.removing import bring_back, to_spam
from inbox import toasts
from inbox.acting import conversation, following, go_on, stay, working_view
from inbox.request import current_agent, writing

pages = Blueprint("spam", __name__)


@pages.post("/conversations/<int:number>/spam")
def create(number: int) -> Response:
    """Take it out as spam and go to the next one."""
    with writing() as session:
        comes_next = following(session, number)
        to_spam(session, conversation(session, number), by=current_agent().id)
    undo = url_for("spam.undo", number=number, view=working_view().value)
    toasts.say(gettext("Moved to spam"), undo=undo)
    return go_on(comes_next)


@pages.post("/conversations/<int:number>/spam/undo")
def undo(number: int) -> Response:
    """It is none: open again."""
    with writing() as session:
        bring_back(session, conversation(session, number), by=current_agent().id)
    toasts.say(gettext("Open again"))
    return stay(number)
