"""Notes: only colleagues read them."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.desk import Desk
from crm.outgoing.reply import Reply
from tests.inbox.arriving import arrive, conversation_of, mail, send
from tests.inbox.conftest import read, texts


def test_a_note_stands_in_the_thread_and_nothing_is_sent(desk: Desk, client: FlaskClient) -> None:
    number = conversation_of(desk, arrive(desk, mail())[0])
    page = send(client, f"/conversations/{number}/notes", text="Exchange it.")
    assert texts(page, ".message-note .message-text") == ["Exchange it."]
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(Reply)) == 0


def test_an_empty_note_is_refused(desk: Desk, client: FlaskClient) -> None:
    number = conversation_of(desk, arrive(desk, mail())[0])
    page = send(client, f"/conversations/{number}/notes", text=" ")
    assert texts(page, ".toast-bad .toast-text") == ["Nothing noted: the note is empty."]


def test_the_form_of_a_note_has_no_recipient_and_no_way(desk: Desk, client: FlaskClient) -> None:
    number = conversation_of(desk, arrive(desk, mail())[0])
    form = read(client.get(f"/conversations/{number}?mode=note")).css_first("form.composer-note")
    assert form.css(".composer-to, [name=way], [type=file]") == []
    assert form.attributes["action"].split("?")[0].endswith("/notes")
