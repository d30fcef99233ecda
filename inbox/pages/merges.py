"""Merges: two cards joined by an agent's word, and any join taken apart again."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm.contacts.merge import AlreadyOne, Merge, merge, unmerge
from inbox import toasts
from inbox.request import current_agent, writing

pages = Blueprint("merges", __name__)


@pages.post("/merges")
def create() -> Response:
    """Join the contacts of two cards."""
    one, other = request.values.get("a", 0, int), request.values.get("b", 0, int)
    with writing() as session:
        try:
            edge = merge(session, one, other, by=current_agent().id)
            toasts.say(gettext("Joined"), undo=url_for("merges.undo", number=edge.id))
        except AlreadyOne:
            toasts.say(gettext("They are one contact already"))
        except LookupError:
            abort(404)
    return redirect(url_for("contact.show", number=one), 303)


@pages.post("/merges/<int:number>/undo")
def undo(number: int) -> Response:
    """Take apart exactly what this merge joined."""
    with writing() as session:
        edge = session.get(Merge, number) or abort(404)
        unmerge(session, edge, by=current_agent().id)
    again = url_for("merges.create", a=edge.card_a, b=edge.card_b)
    toasts.say(gettext("Taken apart"), undo=again)
    return redirect(url_for("contact.show", number=edge.card_a), 303)
