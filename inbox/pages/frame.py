"""The frame of a message with foreign HTML: no scripts, nothing from outside, a policy of its own."""

from __future__ import annotations

import re
from base64 import b64encode
from html import unescape
from urllib.parse import unquote

from flask import Blueprint, Response, abort, make_response, render_template
from markupsafe import Markup
from sqlalchemy import select

from crm.conversations.attachment import Attachment
from crm.conversations.blob import path_of
from crm.conversations.message import Message
from inbox.request import desk, reading
from inbox.serving import SHOWN

pages = Blueprint("frame", __name__)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
)
"""Pictures stand in the page itself: a sandboxed frame has no cookie with which to ask for them."""

MOST_BYTES = 8_000_000
_SOURCE = re.compile(r' src="(?:cid:([^"]*)|https?:[^"]*)"')


@pages.get("/messages/<int:number>/html")
def show(number: int) -> Response:
    """The sanitised HTML of a message, for the frame in its card."""
    session = reading()
    message = session.get(Message, number)
    if message is None or not message.html or message.withheld_at is not None:
        abort(404)
    files = session.scalars(
        select(Attachment).where(Attachment.message_id == number, Attachment.cid != "")
    )
    page = render_template("frame/show.html", html=with_pictures(message.html, list(files)))
    response = make_response(page)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def with_pictures(html: str, files: list[Attachment]) -> Markup:
    """The HTML (sanitised at intake) with the pictures that came along written into it.

    Those from outside lose their address: loading them would tell the sender who read it.
    """
    by_cid = {file.cid: file for file in files if file.type in SHOWN}
    left = MOST_BYTES

    def picture(match: re.Match[str]) -> str:
        nonlocal left
        file = by_cid.get(unquote(unescape(match[1] or "")))
        if file is None or file.size > left:
            return ""
        left -= file.size
        return f' src="{_data(file)}"'

    return Markup(_SOURCE.sub(picture, html))


def _data(file: Attachment) -> str:
    try:
        content = path_of(desk().blobs, file.sha256).read_bytes()
    except OSError:
        return ""
    return f"data:{file.type};base64,{b64encode(content).decode()}"
