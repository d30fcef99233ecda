"""Files of messages: pictures shown, everything else downloaded."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from crm.conversations.attachment import Attachment
from crm.conversations.message import Message
from inbox import serving
from inbox.request import reading

pages = Blueprint("files", __name__)


@pages.get("/attachments/<int:number>")
def show(number: int) -> Response:
    """A file; what its author took back is not given out."""
    session = reading()
    file = session.get(Attachment, number)
    if file is None or session.get_one(Message, file.message_id).withheld_at is not None:
        abort(404)
    return serving.show(file.sha256, file.type, file.name)
