"""What arrives at the inbox under test: messages by a true pull, and forms sent as a browser does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from crm.base import now
from crm.channels.channel import declare
from crm.channels.contract import (
    Address,
    Batch,
    File,
    FileUse,
    IdentityKind,
    Incoming,
    Person,
    ReadField,
    Recipient,
    Visibility,
)
from crm.conversations.message import Message
from crm.desk import Desk
from crm.intake.pull import pull
from tests.inbox.conftest import read

OURS = "service@lindenrad.example"
KINDS = {"email": "imap", "post": "scan_folder", "community": "discourse"}
_numbers = count(1)


class Waiting:
    """A source with some messages that wait."""

    def __init__(self, messages: tuple[Incoming, ...]) -> None:
        self._messages = messages

    def who_am_i(self) -> str:
        return "the one account"

    def pull(self, cursor: Mapping[str, Any] | None, since: datetime) -> Iterator[Batch]:
        yield Batch(self._messages, {"read": next(_numbers)})


def arrive(desk: Desk, *messages: Incoming, family: str = "email") -> list[int]:
    """Pull these; the numbers of their messages, in their order. A family is one channel."""
    with desk.writing() as session:
        channel = declare(session, OURS if family == "email" else family, KINDS[family], family)
        channel.connected_at = now() - timedelta(days=100)
    pull(desk, channel.id, Waiting(messages), since=now() - timedelta(days=100))
    with desk.reading() as session:
        found = {
            row.remote_id: row.id
            for row in session.execute(
                select(Message.remote_id, Message.id).where(Message.channel_id == channel.id)
            )
        }
    return [found[message.remote_id] for message in messages]


def conversation_of(desk: Desk, message: int) -> int:
    with desk.reading() as session:
        return session.get_one(Message, message).conversation_id


def mail(text: str = "The battery does not charge.", **fields: Any) -> Incoming:
    """A mail of Annegret's."""
    number = next(_numbers)
    given = {
        "remote_id": f"1:{number}",
        "at": now() - timedelta(hours=1),
        "sender": Person("Annegret Brandt", Address(IdentityKind.EMAIL, "a.brandt@example.org")),
        "recipients": (Recipient(Address(IdentityKind.EMAIL, OURS)),),
        "subject": "Battery T7",
        "text": text,
        "message_id": f"{number}@example.org",
        "raw": b"From: a.brandt@example.org\r\n\r\nraw bytes",
        "raw_type": "message/rfc822",
    }
    return Incoming(**{**given, **fields})


def letter(text: str, *fields: ReadField, **more: Any) -> Incoming:
    """A letter of one page."""
    given = {
        "remote_id": f"scan {next(_numbers)}",
        "at": now() - timedelta(hours=1),
        "sender": Person(
            "Annegret Brandt",
            Address(IdentityKind.POSTAL, "Annegret Brandt|Am Deich 7|99999 Musterstadt"),
        ),
        "subject": "Letter of 19 November",
        "text": text,
        "fields": fields,
        "files": (File("page-1.png", "image/png", picture(), FileUse.PAGE),),
        "raw": b"%PDF scan",
        "raw_type": "application/pdf",
    }
    return Incoming(**{**given, **more})


def post(text: str = "Does anyone else have this?", **fields: Any) -> Incoming:
    """A post in a forum."""
    given = {
        "remote_id": f"post {next(_numbers)}",
        "at": now() - timedelta(hours=1),
        "sender": Person(
            "deichradlerin", Address(IdentityKind.HANDLE, "deichradlerin", "forum.example")
        ),
        "visibility": Visibility.PUBLIC,
        "remote_thread": "77",
        "permalink": "https://forum.example/t/77/1",
        "subject": "Battery blinks",
        "text": text,
    }
    return Incoming(**{**given, **fields})


def picture() -> bytes:
    """A small white page."""
    drawn = BytesIO()
    Image.new("RGB", (10, 14), "white").save(drawn, "PNG")
    return drawn.getvalue()


def send(client: FlaskClient, url: str, **fields: Any) -> TestResponse:
    """Send a form as the page's own would be, and read the answer that follows."""
    page = client.get("/keys")
    token = read(page).css_first("input[name=csrf_token]").attributes["value"]
    return client.post(url, data={"csrf_token": token, **fields}, follow_redirects=True)
