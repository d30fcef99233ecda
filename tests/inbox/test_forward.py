"""Passing a message on from the composer."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.base import now
from crm.channels.contract import File, Limits
from crm.conversations.conversation import Conversation
from crm.conversations.message import Direction, Message
from crm.desk import Desk
from inbox.request import KEY
from tests.inbox.arriving import OURS, arrive, conversation_of, letter, mail, send
from tests.inbox.conftest import read, texts

PLAN = File("plan.pdf", "application/pdf", b"%PDF")
WORKS = "service@works.example"


@pytest.fixture(autouse=True)
def mailing(app: Flask) -> None:
    limits = Limits(can_send=True, files=None, address=OURS, addresses=(OURS,), copies=True)
    app.extensions[KEY] = replace(app.extensions[KEY], ways={1: limits})


@pytest.fixture
def asked(desk: Desk, client: FlaskClient) -> int:
    [number] = arrive(desk, mail(files=(PLAN,)))
    return number


def test_it_opens_with_all_that_goes_along_and_nobody_named(
    client: FlaskClient, asked: int
) -> None:
    page = begin(client, asked)
    assert texts(page, ".composer-forward .chip-file .one-line") == ["Battery T7.eml", "plan.pdf"]
    assert read(page).css_first("[data-tab=forward]").attributes.get("checked", "no") != "no"
    assert "Passes on the message of Annegret Brandt" in texts(page, ".composer-along p")[0]
    assert read(page).css_first("#to-forward").attributes.get("autofocus", "no") != "no"


def test_it_goes_out_marked_as_passed_on_and_the_customer_waits(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    page = forward(client, desk, asked)
    assert texts(page, ".message-out .message-way") == [f"Forwarded to {WORKS}"]
    assert texts(page, ".message-out .file .one-line") == ["Battery T7.eml", "plan.pdf"]
    assert texts(page, ".toast-text") == ["Message goes out"]
    assert texts(page, ".composer-forward") == []
    with desk.reading() as session:
        assert session.scalars(select(Conversation.waiting_since)).one() is not None


def test_what_was_taken_out_does_not_go_along(desk: Desk, client: FlaskClient, asked: int) -> None:
    page = begin(client, asked)
    remove = read(page).css_first(".composer-forward .chip-off").attributes["formaction"]
    page = send(client, remove, kind="forward", text="Look", **{"to-forward": WORKS})
    assert texts(page, ".composer-forward .chip-file .one-line") == ["plan.pdf"]
    assert texts(page, ".composer-forward .chip-who") == [WORKS]
    assert texts(page, ".composer-forward textarea") == ["Look"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"to-forward": ""}, "Not sent: nobody is named in To."),
        ({"to-forward": "works"}, "This is no e-mail address: works."),
        ({"to-forward": OURS}, "is our own address"),
        ({"from-forward": "1 else@x.example"}, "Choose from which address it goes."),
        ({"due": "own", "due_at": "2020-01-01T09:00"}, "Choose a time that is still to come."),
    ],
)
def test_what_is_wrong_is_said_and_everything_kept(
    desk: Desk, client: FlaskClient, asked: int, fields: dict[str, str], words: str
) -> None:
    page = forward(client, desk, asked, **fields)
    assert words in texts(page, ".toast-bad .toast-text")[0]
    assert texts(page, ".composer-forward textarea") == ["Can you help?"]
    assert sent(desk) == []


def test_it_needs_no_words_of_our_own(desk: Desk, client: FlaskClient, asked: int) -> None:
    forward(client, desk, asked, text="")
    assert [message.text for message in sent(desk)] == [""]


def test_undo_opens_it_again_with_everything(desk: Desk, client: FlaskClient, asked: int) -> None:
    forward(client, desk, asked)
    page = send(client, f"/replies/{sent(desk)[0].id}/undo")
    assert texts(page, ".composer-forward textarea") == ["Can you help?"]
    assert texts(page, ".composer-forward .chip-who") == [WORKS]


def test_posted_twice_it_is_one(desk: Desk, client: FlaskClient, asked: int) -> None:
    forward(client, desk, asked)
    again = post(client, desk, asked, seen_message_id=asked)
    assert again.status_code == 422
    assert len(sent(desk)) == 1


def test_what_is_kept_after_it_went_begins_nothing_new(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    """The page of a slow browser keeps what was typed once more."""
    forward(client, desk, asked)
    fields = {"kind": "forward", "text": "Can you", "to-forward": WORKS}
    answer = send(client, f"/conversations/{conversation_of(desk, asked)}/draft", **fields)
    assert answer.text == ""


def test_a_letter_is_passed_on_by_mail(desk: Desk, client: FlaskClient, asked: int) -> None:
    [number] = arrive(desk, letter("Please repair it."), family="post")
    page = begin(client, number)
    names = texts(page, ".composer-forward .chip-file .one-line")
    assert names == ["Letter of 19 November.pdf"]


def test_a_note_is_not_passed_on_and_what_is_not_there_is_not_found(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    number = conversation_of(desk, asked)
    page = send(client, f"/conversations/{number}/notes", text="For us.")
    assert texts(page, ".message-note form[action*=forward]") == []
    with desk.writing() as session:
        session.get_one(Message, asked).withheld_at = now()
    assert send(client, f"/messages/{asked}/forward").status_code == 404
    assert send(client, "/messages/999/forward").status_code == 404


def test_without_a_mailbox_it_says_so(app: Flask, client: FlaskClient, asked: int) -> None:
    app.extensions[KEY] = replace(app.extensions[KEY], ways={})
    page = send(client, f"/messages/{asked}/forward")
    assert texts(page, ".toast-bad .toast-text") == ["Not possible: no mailbox can send."]


def test_a_picture_is_laid_beside_the_text_that_shows_it(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    number = conversation_of(desk, asked)
    fields = {"kind": "reply", "way": "1", "text": "[image: a.png]"}
    url = f"/conversations/{number}/draft/files"
    part = send(client, url, **fields, files=(BytesIO(b"PNG"), "a.png"))
    assert [one.attributes["data-file"] for one in read(part).css("[data-file]")] == ["a.png"]
    page = client.get(f"/conversations/{number}")
    assert texts(page, ".composer-reply .chip-file .one-line") == ["a.png"]
    assert texts(page, ".composer-reply textarea") == ["[image: a.png]"]


def begin(client: FlaskClient, message: int):  # type: ignore[no-untyped-def]
    return send(client, f"/messages/{message}/forward")


def post(client: FlaskClient, desk: Desk, message: int, **fields: object):  # type: ignore[no-untyped-def]
    given = {
        "kind": "forward",
        "text": "Can you help?",
        "to-forward": WORKS,
        "from-forward": f"1 {OURS}",
        "seen_message_id": str(message),
    }
    number = conversation_of(desk, message)
    return send(client, f"/conversations/{number}/forwards", **{**given, **fields})


def forward(client: FlaskClient, desk: Desk, message: int, **fields: object):  # type: ignore[no-untyped-def]
    begin(client, message)
    return post(client, desk, message, **fields)


def sent(desk: Desk) -> list[Message]:
    with desk.reading() as session:
        found = select(Message).where(Message.direction == Direction.OUTGOING)
        return list(session.scalars(found.order_by(Message.id)))
