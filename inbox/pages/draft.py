"""Drafts: kept while they are typed, thrown away when asked."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from crm.base import now
from crm.channels.contract import File, Limits
from crm.conversations import drafting
from crm.conversations.drafting import Draft
from crm.outgoing.recipients import to_rows
from crm.outgoing.ways import WayOut, ways_out
from inbox.acting import conversation, stay, working_view
from inbox.addressing import is_usual, named, read, sender, to_keep, usual_sender
from inbox.passing_on import waiting
from inbox.request import current_agent, desk, ways, writing
from inbox.times import clock

pages = Blueprint("draft", __name__)

KINDS = ("reply", "note", "forward")


@pages.post("/conversations/<int:number>/draft")
def create(number: int) -> Response:
    """Keep what is typed; answers with the words "Saved 14:02"."""
    with writing() as session:
        conversation(session, number)
        kept = keep(session, number)
    return Response(gettext("Saved %(time)s", time=clock(now())) if kept else "")


@pages.post("/conversations/<int:number>/draft/shown")
def show(number: int) -> Response:
    """Keep what is typed and show it again: addresses that were typed are chips then."""
    with writing() as session:
        conversation(session, number)
        keep(session, number)
    return _back(number)


@pages.post("/conversations/<int:number>/draft/undo")
def undo(number: int) -> Response:
    """Throw it away."""
    with writing() as session:
        drafting.discard(session, number, current_agent().id, kind_of_draft())
    return stay(number)


@pages.post("/conversations/<int:number>/draft/files")
def enclose(number: int) -> str:
    """Let files go along with what is typed; answers with all that do, as the composer shows them."""
    agent, kind = current_agent().id, kind_of_draft()
    with writing() as session:
        found = conversation(session, number)
        draft = keep(session, number)
        if draft is not None:
            drafting.enclose(
                session, draft, drafting.keep_files(session, desk().blobs, [*uploads()])
            )
        files = drafting.files_of_draft(session, number, agent, kind)
    return render_template(
        "composer/files.html", conversation=found, files=files, view=working_view().value
    )


@pages.post("/conversations/<int:number>/draft/files/<int:file>/removal")
def leave_out(number: int, file: int) -> Response:
    """Let a file not go along; what was typed meanwhile is kept."""
    with writing() as session:
        conversation(session, number)
        keep(session, number)
        drafting.remove_file(session, number, current_agent().id, file)
    return _back(number)


def keep(session: Session, number: int) -> Draft | None:
    """What the form holds, as the draft of its kind."""
    agent, kind, form = current_agent().id, kind_of_draft(), request.form
    text, seen = form.get("text", ""), form.get("seen_message_id", type=int)
    if kind == "note":
        return drafting.save(session, number, agent, kind, text, seen_message_id=seen)
    if kind == "forward":
        if waiting(session, number) is None:
            return None
        told = read(form, kind, {})
        return drafting.save(
            session,
            number,
            agent,
            kind,
            text,
            recipients=to_rows(to_keep(told)),
            from_address=form.get("from-forward", "").partition(" ")[2],
        )
    way = way_of_form(session, number)
    recipients, leaves_from = _addressed(session, number, way) if way else (None, None)
    return drafting.save(
        session,
        number,
        agent,
        kind,
        text,
        channel_id=way.channel_id if way else None,
        to_identity_id=form.get("to", type=int) if way else None,
        seen_message_id=seen,
        recipients=recipients,
        from_address=leaves_from,
    )


def way_of_form(session: Session, number: int) -> WayOut | None:
    """The way that the form chose, where it leads to the one whom the page showed there."""
    wanted = request.form.get("way", type=int)
    shown = request.form.get(f"identity-{wanted}", type=int)
    found = (way for way in ways_out(session, number, shown) if way.channel_id == wanted)
    way = next(found, None)
    return way if way and shown in (None, way.identity_id) else None


def uploads() -> Iterator[File]:
    """The files that came with the form."""
    for upload in request.files.getlist("files"):
        if upload.filename:
            yield File(upload.filename, upload.mimetype, upload.read())


def kind_of_draft() -> str:
    """ "reply", "note" or "forward", as the form says."""
    kind = request.form.get("kind", "")
    return kind if kind in KINDS else "reply"


def _addressed(
    session: Session, number: int, way: WayOut
) -> tuple[list[dict[str, str]] | None, str | None]:
    """Whom a reply goes to and from where; empty where it is as usual, None where none can choose."""
    limits = ways().get(way.channel_id, Limits())
    if not limits.copies:
        return None, None
    there = session.get(Draft, (number, current_agent().id, "reply"))
    told = named(request.form, way, there)
    leaves_from = sender(request.form, way, limits)
    return (
        [] if is_usual(told, way) else to_rows(to_keep(told)),
        "" if leaves_from == usual_sender(way, limits) else leaves_from,
    )


def _back(number: int) -> Response:
    if kind_of_draft() == "forward":
        return stay(number, mode="forward")
    return stay(number, way=request.form.get("way", type=int), _anchor="composer")
