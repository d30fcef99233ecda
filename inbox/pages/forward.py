"""Forwarding: a message is passed on to somebody else, with all that belongs to it."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from crm.channels.contract import Limits
from crm.conversations.drafting import Draft, files_of_draft
from crm.conversations.message import Message
from crm.outgoing.forwarding import CannotForward, PassedOn, begin, forward
from crm.outgoing.recipients import Typed
from inbox import toasts
from inbox.acting import conversation, stay
from inbox.addressing import misdirected, read
from inbox.limits import too_much
from inbox.pages.draft import keep, uploads
from inbox.pages.reply import report
from inbox.passing_on import Mailbox, mailbox_of_form, offers, usual, waiting
from inbox.request import current_agent, desk, ways, writing
from inbox.sending_later import Due, due

pages = Blueprint("forward", __name__)


@pages.post("/messages/<int:number>/forward", endpoint="begin")
def start(number: int) -> Response:
    """Lay it out in the composer; what goes along can be taken out there."""
    with writing() as session:
        message = session.get(Message, number) or abort(404)
        offered = offers(session)
        if not offered:
            toasts.warn(gettext("Not possible: no mailbox can send."))
            return stay(message.conversation_id)
        try:
            sender = usual(offered, message).address
            begin(session, message, by=current_agent().id, from_address=sender)
        except CannotForward:
            abort(404)
    return stay(message.conversation_id, mode="forward")


@pages.post("/conversations/<int:number>/forwards")
def create(number: int) -> Response:
    """Queue it; what is wrong is said, and everything kept."""
    files, later = tuple(uploads()), due()
    told = read(request.form, "forward", {})
    queued = None
    with writing() as session:
        found = conversation(session, number)
        draft = waiting(session, number)
        if draft is None or draft.forwards_id is None:
            abort(422, gettext("There is nothing to pass on (any more)."))
        mailbox = mailbox_of_form(offers(session))
        wrong = _objection(
            session, draft, told, mailbox, later, [len(one.content) for one in files]
        )
        if wrong or mailbox is None:
            keep(session, number)
        else:
            passed_on = PassedOn(
                draft.forwards_id, mailbox.channel_id, told.recipients, mailbox.address, later.at
            )
            queued = forward(
                session,
                desk(),
                found,
                request.form.get("text", ""),
                passed_on,
                by=current_agent().id,
                seen_message_id=request.form.get("seen_message_id", type=int),
                files=files,
            )
    if queued is None:
        toasts.warn(wrong)
        return stay(number, mode="forward")
    report(queued, later)
    return stay(number, _anchor=f"m{queued.id}")


def _objection(
    session: Session,
    draft: Draft,
    told: Typed,
    mailbox: Mailbox | None,
    later: Due,
    sizes: list[int],
) -> str:
    """Why this cannot be passed on and what to do, or ""."""
    if mailbox is None:
        return gettext("Not sent. Choose from which address it goes.")
    waiting_files = files_of_draft(session, draft.conversation_id, draft.agent_id, "forward")
    limits = ways().get(mailbox.channel_id, Limits())
    text = request.form.get("text", "")
    all_sizes = [*sizes, *(file.size for file in waiting_files)]
    return misdirected(told) or later.wrong or too_much(text, all_sizes, limits)
