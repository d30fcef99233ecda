"""Who is responsible for a conversation."""

from __future__ import annotations

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm.conversations.assigning import assign
from inbox import toasts
from inbox.acting import conversation, stay, working_view
from inbox.request import current_agent, writing

pages = Blueprint("assignment", __name__)


@pages.post("/conversations/<int:number>/assignment")
def create(number: int) -> Response:
    """Give it to the agent of the form or of the address; to nobody when there is none."""
    wanted = request.values.get("agent", "")
    with writing() as session:
        found = conversation(session, number)
        before = found.assignee_id
        try:
            assign(session, found, int(wanted) if wanted else None, by=current_agent().id)
        except (LookupError, ValueError):
            abort(404)
    toasts.say(gettext("Assigned") if wanted else gettext("Unassigned"), undo=_undo(number, before))
    return stay(number)


def _undo(number: int, before: int | None) -> str:
    return url_for(
        "assignment.create", number=number, agent=before or "", view=working_view().value
    )
