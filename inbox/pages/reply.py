"""Replies: queued, taken back while there is time, sent again when they failed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, render_template, request, url_for
from flask import Response as Answer
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from crm.channels.channel import Channel
from crm.channels.contract import File, Limits, Recipient
from crm.conversations import drafting
from crm.conversations.closing import close
from crm.conversations.conversation import Conversation
from crm.conversations.drafting import Draft
from crm.conversations.message import Message
from crm.outgoing.queue import Overtaken, cancel, hasten, queue
from crm.outgoing.recipients import Typed
from crm.outgoing.reply import Reply
from crm.outgoing.retry import change, it_went, retry
from crm.outgoing.ways import WayOut
from inbox import toasts
from inbox.acting import conversation, following, go_on, stay, working_view
from inbox.addressing import misdirected, named, sender
from inbox.limits import objection
from inbox.pages.draft import keep, uploads, way_of_form
from inbox.request import current_agent, desk, reading, ways, writing
from inbox.sending_later import Due, due
from inbox.times import moment

pages = Blueprint("reply", __name__)

SOONER = 2
"""Seconds that the offer to undo ends before the reply can go: a click needs its way, too."""


@pages.post("/conversations/<int:number>/replies")
def create(number: int) -> Response:
    """Queue a reply; what something new has overtaken comes back as the held draft."""
    files, later = tuple(uploads()), due()
    with writing() as session:
        found = conversation(session, number)
        way = way_of_form(session, number)
        if way is None:
            abort(422, gettext("This contact cannot be answered that way."))
        told = _named(session, number, way)
        text = request.form.get("text", "")
        wrong = (
            objection(text, _sizes(session, number, files), _limits(way))
            or (misdirected(told) if told is not None else "")
            or later.wrong
        )
        if wrong:
            _keep(session, number, files)
        else:
            comes_next = following(session, number)
            leaving = (way, told.recipients if told else (), later)
            queued = _queue(session, found, text, leaving, files)
    if wrong:
        toasts.warn(wrong)
        return stay(number, way=way.channel_id, _anchor="composer")
    if isinstance(queued, Overtaken):
        return stay(number, way=way.channel_id)
    report(queued, later)
    return go_on(comes_next) if _closes() else stay(number, _anchor=f"m{queued.id}")


@pages.post("/replies/<int:number>/undo")
def undo(number: int) -> Response:
    """Take it back: its text becomes the draft again; too late is said."""
    with writing() as session:
        message = _message(session, number)
        if not cancel(session, number, by=current_agent().id):
            toasts.warn(gettext("Too late: the reply is on its way."))
    return _composing(message)


@pages.post("/replies/<int:number>/now")
def now(number: int) -> Response:
    """Let go what was to go out later."""
    with writing() as session:
        message = _message(session, number)
        if not hasten(session, number, by=current_agent().id):
            toasts.warn(gettext("It does not wait any more."))
    return stay(message.conversation_id, _anchor=f"m{number}")


@pages.post("/replies/<int:number>/retry")
def again(number: int) -> Response:
    """Send once more what failed, or what may have gone."""
    with writing() as session:
        message = _message(session, number)
        retry(session, number, by=current_agent().id)
    return stay(message.conversation_id, _anchor=f"m{number}")


@pages.post("/replies/<int:number>/change")
def correct(number: int) -> Response:
    """Lay what failed into the composer again, to be corrected."""
    with writing() as session:
        message = _message(session, number)
        if not change(session, number, by=current_agent().id):
            toasts.warn(gettext("It has not failed (any more)."))
    return _composing(message)


@pages.post("/replies/<int:number>/went")
def went(number: int) -> Response:
    """Somebody knows that it arrived."""
    with writing() as session:
        message = _message(session, number)
        it_went(session, number, by=current_agent().id)
    return stay(message.conversation_id, _anchor=f"m{number}")


@pages.get("/replies/<int:number>/state")
def state(number: int) -> Answer:
    """Where it stands, as the part of its card that is asked for again while it changes.

    204 while it is what the page already shows.
    """
    session = reading()
    reply = session.get(Reply, number) or abort(404)
    if request.args.get("shown") == f"{reply.state}{reply.attempts}":
        return Answer(status=204)
    channel = session.get_one(Channel, reply.channel_id)
    return Answer(
        render_template(
            "parts/delivery.html", reply=reply, family=channel.family, view=working_view().value
        )
    )


def _queue(
    session: Session,
    found: Conversation,
    text: str,
    leaving: tuple[WayOut, tuple[Recipient, ...], Due],
    files: tuple[File, ...],
) -> Message | Overtaken:
    way, recipients, later = leaving
    queued = queue(
        session,
        desk(),
        found,
        text,
        by=current_agent().id,
        channel_id=way.channel_id,
        to_identity_id=way.identity_id,
        answers_id=way.answers_id,
        recipients=recipients,
        from_address=sender(request.form, way, _limits(way)),
        seen_message_id=request.form.get("seen_message_id", type=int) or None,
        files=files,
        regardless="regardless" in request.form,
        due_at=later.at,
    )
    if isinstance(queued, Message) and _closes():
        close(session, found, by=current_agent().id)
    return queued


def report(queued: Message, later: Due) -> None:
    """Say that it goes out, and when; with the way back while there is one."""
    undo = url_for("reply.undo", number=queued.id, view=working_view().value)
    seconds = desk().undo_seconds - SOONER
    if later.at is not None:
        toasts.say(gettext("Goes out %(time)s", time=moment(later.at)), undo=undo)
        return
    words = gettext("Message goes out") if "forwards" in queued.flags else gettext("Reply goes out")
    if seconds > 0:
        toasts.say(words, undo=undo, seconds=seconds)
    else:
        toasts.say(words)


def _named(session: Session, number: int, way: WayOut) -> Typed | None:
    """Whom the form names, where this way leads to several; else it goes to the one it shows."""
    if not _limits(way).copies:
        return None
    return named(request.form, way, session.get(Draft, (number, current_agent().id, "reply")))


def _sizes(session: Session, number: int, files: Sequence[File]) -> list[int]:
    """In bytes: the files that come with the form and those that wait with the draft."""
    waiting = drafting.files_of_draft(session, number, current_agent().id)
    return [len(file.content) for file in files] + [file.size for file in waiting]


def _limits(way: WayOut) -> Limits:
    return ways().get(way.channel_id, Limits())


def _keep(session: Session, number: int, files: Sequence[File]) -> None:
    draft = keep(session, number)
    if draft is not None:
        drafting.enclose(session, draft, drafting.keep_files(session, desk().blobs, files))


def _composing(message: Message) -> Response:
    """Back to where its text stands."""
    if "forwards" in message.flags:
        return stay(message.conversation_id, mode="forward")
    return stay(message.conversation_id, _anchor="composer")


def _closes() -> bool:
    return request.form.get("then") == "close"


def _message(session: Session, number: int) -> Message:
    return session.get(Message, number) or abort(404)
