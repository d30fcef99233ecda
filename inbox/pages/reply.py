"""Replies: queued, taken back while there is time, sent again when they failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, abort, render_template, request, url_for
from flask import Response as Answer
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from crm.channels.channel import Channel
from crm.channels.contract import File, Limits
from crm.conversations import drafting
from crm.conversations.closing import close
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.outgoing.queue import Overtaken, cancel, queue
from crm.outgoing.reply import Reply
from crm.outgoing.retry import it_went, retry
from crm.outgoing.ways import WayOut, ways_out
from inbox import toasts
from inbox.acting import conversation, following, go_on, stay, working_view
from inbox.limits import objection
from inbox.request import current_agent, desk, reading, ways, writing

pages = Blueprint("reply", __name__)

SOONER = 2
"""Seconds that the offer to undo ends before the reply can go: a click needs its way, too."""


@pages.post("/conversations/<int:number>/replies")
def create(number: int) -> Response:
    """Queue a reply; what something new has overtaken comes back as the held draft."""
    files = tuple(_files())
    with writing() as session:
        found = conversation(session, number)
        way = _way(session, number)
        text = request.form.get("text", "")
        wrong = objection(text, _sizes(session, number, files), _limits(way))
        if wrong:
            _keep(session, number, text, way, files)
        else:
            comes_next = following(session, number)
            queued = _queue(session, found, text, way, files)
    if wrong:
        toasts.warn(wrong)
        return stay(number, way=way.channel_id, _anchor="composer")
    if isinstance(queued, Overtaken):
        return stay(number, way=way.channel_id)
    _report(queued)
    return go_on(comes_next) if _closes() else stay(number, _anchor=f"m{queued.id}")


@pages.post("/replies/<int:number>/undo")
def undo(number: int) -> Response:
    """Take it back: its text becomes the draft again; too late is said."""
    with writing() as session:
        message = _message(session, number)
        if not cancel(session, number, by=current_agent().id):
            toasts.warn(gettext("Too late: the reply is on its way."))
    return stay(message.conversation_id, _anchor="composer")


@pages.post("/replies/<int:number>/retry")
def again(number: int) -> Response:
    """Send once more what failed, or what may have gone."""
    with writing() as session:
        message = _message(session, number)
        retry(session, number, by=current_agent().id)
    return stay(message.conversation_id, _anchor=f"m{number}")


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
    session: Session, found: Conversation, text: str, way: WayOut, files: tuple[File, ...]
) -> Message | Overtaken:
    queued = queue(
        session,
        desk(),
        found,
        text,
        by=current_agent().id,
        channel_id=way.channel_id,
        to_identity_id=way.identity_id,
        answers_id=way.answers_id,
        seen_message_id=request.form.get("seen_message_id", type=int) or None,
        files=files,
        regardless="regardless" in request.form,
    )
    if isinstance(queued, Message) and _closes():
        close(session, found, by=current_agent().id)
    return queued


def _report(queued: Message) -> None:
    seconds = desk().undo_seconds - SOONER
    if seconds > 0:
        undo = url_for("reply.undo", number=queued.id, view=working_view().value)
        toasts.say(gettext("Reply goes out"), undo=undo, seconds=seconds)
    else:
        toasts.say(gettext("Reply goes out"))


def _way(session: Session, number: int) -> WayOut:
    """The way the form chose, among those the contact can be answered by; 422 for another."""
    wanted = request.form.get("way", type=int)
    found = next((way for way in ways_out(session, number) if way.channel_id == wanted), None)
    return found or abort(422, gettext("This contact cannot be answered that way."))


def _files() -> Iterator[File]:
    for upload in request.files.getlist("files"):
        if upload.filename:
            yield File(upload.filename, upload.mimetype, upload.read())


def _sizes(session: Session, number: int, files: Sequence[File]) -> list[int]:
    """In bytes: the files that come with the form and those that wait with the draft."""
    waiting = drafting.files_of_draft(session, number, current_agent().id)
    return [len(file.content) for file in files] + [file.size for file in waiting]


def _limits(way: WayOut) -> Limits:
    return ways().get(way.channel_id, Limits())


def _keep(session: Session, number: int, text: str, way: WayOut, files: Sequence[File]) -> None:
    agent, channel = current_agent().id, way.channel_id
    draft = drafting.save(session, number, agent, "reply", text, channel_id=channel)
    if draft is not None:
        drafting.enclose(session, draft, drafting.keep_files(session, desk().blobs, files))


def _closes() -> bool:
    return request.form.get("then") == "close"


def _message(session: Session, number: int) -> Message:
    return session.get(Message, number) or abort(404)
