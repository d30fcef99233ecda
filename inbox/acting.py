"""Acting on a conversation: find it, know the view one works through, say where to go on."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from crm.conversations.conversation import Conversation
from crm.conversations.tray import View, next_after
from inbox.request import current_agent


def conversation(session: Session, number: int) -> Conversation:
    """The conversation of the address; 404 when there is none."""
    found = session.get(Conversation, number)
    if found is None:
        abort(404)
    return found


def working_view() -> View:
    """The view that the agent works through; all open ones when the address names none."""
    try:
        return View(request.values.get("view", View.OPEN))
    except ValueError:
        return View.OPEN


def following(session: Session, number: int) -> int | None:
    """The conversation that comes next; ask before the act moves this one."""
    return next_after(session, working_view(), current_agent().id, number)


def address_of(number: int, **rest: Any) -> str:
    """The page of a conversation, within the view."""
    return url_for("conversation.show", id=number, view=working_view().value, **rest)


def stay(number: int, **rest: Any) -> Response:
    """Back to the conversation that was acted on."""
    return redirect(address_of(number, **rest), 303)


def go_on(number: int | None) -> Response:
    """To the next conversation, or to the list when nothing is left in it."""
    if number is None:
        return redirect(url_for("tray.show", view=working_view().value), 303)
    return stay(number)
