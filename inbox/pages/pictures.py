"""Pictures from outside: allowed for all that a message's sender writes, and held back again."""

from __future__ import annotations

from flask import Blueprint, abort, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from crm.contacts.identity import Identity
from crm.contacts.pictures import allow, hold_back
from crm.conversations.message import Message
from inbox import toasts
from inbox.acting import stay, working_view
from inbox.request import current_agent, writing

pages = Blueprint("pictures", __name__)


@pages.post("/messages/<int:number>/pictures")
def create(number: int) -> Response:
    """Load them from now on in what this sender writes."""
    with writing() as session:
        message, sender = _sender(session, number)
        allow(session, sender, by=current_agent().id)
        address, conversation = sender.shown, message.conversation_id
    undo = url_for("pictures.undo", number=number, view=working_view().value)
    toasts.say(gettext("Pictures of %(address)s are shown", address=address), undo=undo)
    return stay(conversation, _anchor=f"m{number}")


@pages.post("/messages/<int:number>/pictures/undo")
def undo(number: int) -> Response:
    """Hold them back again."""
    with writing() as session:
        message, sender = _sender(session, number)
        hold_back(session, sender, by=current_agent().id)
        address, conversation = sender.shown, message.conversation_id
    toasts.say(gettext("Pictures of %(address)s are held back", address=address))
    return stay(conversation, _anchor=f"m{number}")


def _sender(session: Session, number: int) -> tuple[Message, Identity]:
    """The message and the address it came through; 404 where there is none."""
    message = session.get(Message, number)
    if message is None or message.identity_id is None:
        abort(404)
    return message, session.get_one(Identity, message.identity_id)
