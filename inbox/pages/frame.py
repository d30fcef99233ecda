"""The frame of a message with foreign HTML: no scripts, nothing from outside, a policy of its own."""

from __future__ import annotations

from base64 import b64encode

from flask import Blueprint, Response, abort, make_response, render_template, request
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.contacts.identity import Identity
from crm.conversations.attachment import MOST_SHOWN_BYTES, SHOWN_TYPES, Attachment
from crm.conversations.blob import path_of
from crm.conversations.conversation import Conversation, Status
from crm.conversations.message import Message
from inbox.request import desk, reading
from inbox.showing.leading import with_addresses
from inbox.showing.pictures import stand, with_pictures

pages = Blueprint("frame", __name__)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src {pictures}",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
)
"""Pictures stand in the page itself: a sandboxed frame has no cookie with which to ask for them."""

ALONG = "data:"
OUTSIDE = "data: https: http:"


@pages.get("/messages/<int:number>/html")
def show(number: int) -> Response:
    """The sanitised HTML of a message, for the frame in its card.

    With `pictures` in the address those from outside are loaded this once; else only where an
    agent has allowed them for the sender.
    """
    session = reading()
    message = session.get(Message, number)
    if message is None or not message.html or message.withheld_at is not None:
        abort(404)
    outside = "pictures" in request.args or _are_allowed(session, message)
    files = session.scalars(
        select(Attachment).where(Attachment.message_id == number, Attachment.cid != "")
    )
    html = with_pictures(message.html, _Album(list(files)).source, outside=outside)
    page = render_template("frame/show.html", html=Markup(with_addresses(html)))
    response = make_response(page)
    policy = POLICY.format(pictures=OUTSIDE if outside else ALONG)
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _are_allowed(session: Session, message: Message) -> bool:
    conversation = session.get_one(Conversation, message.conversation_id)
    sender = session.get(Identity, message.identity_id) if message.identity_id else None
    return stand(message, sender, in_spam=conversation.status == Status.SPAM)


class _Album:
    """The pictures that came along; together no more than a page can carry."""

    def __init__(self, files: list[Attachment]) -> None:
        self._by_cid = {file.cid: file for file in files if file.type in SHOWN_TYPES}
        self._left = MOST_SHOWN_BYTES

    def source(self, cid: str) -> str:
        """` src="..."` with the picture written into it, "" where there is none."""
        file = self._by_cid.get(cid)
        if file is None or file.size > self._left:
            return ""
        self._left -= file.size
        return f' src="{_data(file)}"'


def _data(file: Attachment) -> str:
    try:
        content = path_of(desk().blobs, file.sha256).read_bytes()
    except OSError:
        return ""
    return f"data:{file.type};base64,{b64encode(content).decode()}"
