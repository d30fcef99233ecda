"""Waiting for the customer: a conversation that is pending."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm.conversations.pending import set_pending
from inbox import toasts
from inbox.acting import conversation, following, go_on, working_view
from inbox.request import current_agent, writing

pages = Blueprint("pending", __name__)


@pages.post("/conversations/<int:number>/pending")
def create(number: int) -> Response:
    """Wait for somebody; on to the next conversation."""
    with writing() as session:
        comes_next = following(session, number)
        set_pending(session, conversation(session, number), by=current_agent().id)
    undo = url_for("closure.undo", number=number, view=working_view().value)
    toasts.say(gettext("Pending until somebody writes"), undo=undo)
    return go_on(comes_next)
