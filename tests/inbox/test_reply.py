"""Replying: queued with a way back, held when overtaken, retried when it failed."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.base import now
from crm.channels.contract import Rejected
from crm.conversations.attachment import Attachment
from crm.conversations.conversation import Conversation, Status
from crm.conversations.drafting import Draft
from crm.conversations.message import Direction, Message
from crm.desk import Desk
from crm.outgoing.reply import Reply, State
from crm.outgoing.settling import settle_failed, settle_unknown
from crm.staff.agent import Agent
from tests.inbox.arriving import arrive, conversation_of, mail, send
from tests.inbox.conftest import read, texts


@pytest.fixture
def asked(desk: Desk, client: FlaskClient) -> int:
    """The number of a conversation in which a customer waits; its channel has the number 1."""
    [number] = arrive(desk, mail("first"))
    return conversation_of(desk, number)


def test_a_reply_stands_in_the_thread_and_can_be_taken_back(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    page = _reply(client, asked, "Send us the number.")
    assert texts(page, ".message-out .message-text") == ["Send us the number."]
    assert "Goes out in" in texts(page, ".delivery")[0]
    assert texts(page, ".toast-text") == ["Reply goes out"]
    page = send(client, f"/replies/{_newest(desk).id}/undo")
    assert texts(page, ".message-out") == []
    assert texts(page, ".composer-reply textarea") == ["Send us the number."]


def test_the_offer_to_undo_ends_before_the_reply_goes(client: FlaskClient, asked: int) -> None:
    page = _reply(client, asked, "Yes.")
    assert read(page).css_first(".toast").attributes["data-toast"] == "8"


def test_a_reply_that_went_cannot_be_taken_back(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    _reply(client, asked, "Yes.")
    _settle(desk, State.SENDING)
    page = send(client, f"/replies/{_newest(desk).id}/undo")
    assert texts(page, ".toast-bad .toast-text") == ["Too late: the reply is on its way."]


def test_an_overtaken_reply_is_held_and_shows_what_is_new(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    seen = _newest(desk).id
    arrive(desk, mail("My dealer changes it.", mentions=_ids(desk), at=now()))
    page = _reply(client, asked, "Bring it here.", seen_message_id=seen)
    assert texts(page, ".held mark") == ["My dealer changes it."]
    assert texts(page, ".composer-reply textarea") == ["Bring it here."]
    assert _newest(desk).direction == Direction.INCOMING


def test_a_held_reply_goes_when_its_writer_says_so(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    seen = _newest(desk).id
    arrive(desk, mail("Wait.", mentions=_ids(desk), at=now()))
    _reply(client, asked, "Bring it.", seen_message_id=seen)
    page = _reply(client, asked, "Bring it.", seen_message_id=seen, regardless="1")
    assert texts(page, ".held") == []
    assert _newest(desk).text == "Bring it."


def test_send_and_close_goes_on_to_the_next(desk: Desk, client: FlaskClient, asked: int) -> None:
    arrive(desk, mail(subject="The next one"))
    page = _reply(client, asked, "Done.", then="close")
    assert texts(page, ".thread-title h1") == ["The next one"]
    assert _conversation(desk, asked).status == Status.CLOSED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  ", "Not sent: the reply is empty."),
        ("x" * 32_001, "Not sent. The reply is too long by 1."),
    ],
)
def test_what_cannot_be_sent_is_refused_in_words_and_kept(
    desk: Desk, client: FlaskClient, asked: int, text: str, words: str
) -> None:
    page = _reply(client, asked, text)
    assert texts(page, ".toast-bad .toast-text") == [words]
    assert _newest(desk).direction == Direction.INCOMING
    assert texts(page, ".composer-reply textarea") == [text.strip()]


@pytest.mark.parametrize("way", ["note", "", "99"])
def test_nothing_leaves_by_a_way_that_is_not_offered(
    desk: Desk, client: FlaskClient, asked: int, way: str
) -> None:
    assert _reply(client, asked, "for colleagues only", way=way).status_code == 422
    assert _newest(desk).direction == Direction.INCOMING


def test_a_way_without_files_refuses_them(desk: Desk, client: FlaskClient, asked: int) -> None:
    page = _reply(client, asked, "See here", files=(BytesIO(b"x"), "x.txt"))
    assert "takes no files" in texts(page, ".toast-bad .toast-text")[0]


def test_files_go_along_where_the_way_takes_them(
    app: Flask, desk: Desk, client: FlaskClient, asked: int
) -> None:
    from dataclasses import replace

    from inbox.request import KEY

    inbox = app.extensions[KEY]
    app.extensions[KEY] = replace(inbox, ways={1: replace(inbox.ways[1], files=None)})
    page = _reply(client, asked, "See here", files=(BytesIO(b"PDF"), "form.pdf"))
    assert [words.split()[0] for words in texts(page, ".message-out .file")] == ["form.pdf"]
    with desk.reading() as session:
        assert session.scalar(select(Attachment.size)) == 3


def test_the_files_of_a_held_reply_wait_with_it_and_can_be_removed(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    page = _reply(client, asked, "See here", files=(BytesIO(b"PDF"), "form.pdf"))
    assert texts(page, ".composer-enclosed .one-line") == ["form.pdf"]
    remove = read(page).css_first(".composer-enclosed button").attributes["formaction"]
    page = send(client, remove, kind="reply", text="See there", way="1")
    assert texts(page, ".composer-enclosed") == []
    assert texts(page, ".composer-reply textarea") == ["See there"]


def test_a_failed_reply_says_why_and_can_be_sent_again(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    _reply(client, asked, "Yes.")
    with desk.writing() as session:
        reply = session.scalars(select(Reply)).one()
        settle_failed(
            session, reply, Rejected("The mailbox is full.", "552 full", "Write a letter.")
        )
    page = client.get(f"/conversations/{asked}")
    assert texts(page, ".delivery-failed p") == [
        "Not delivered. The mailbox is full. 552 full Write a letter."
    ]
    send(client, f"/replies/{reply.message_id}/retry")
    assert _state(desk) == State.WAITING


def test_a_failed_reply_can_be_corrected_in_the_composer(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    _reply(client, asked, "Yes.")
    with desk.writing() as session:
        reply = session.scalars(select(Reply)).one()
        settle_failed(session, reply, Rejected("The mail server refused the mail.", "550"))
    page = send(client, f"/replies/{reply.message_id}/change")
    assert texts(page, ".composer-reply textarea") == ["Yes."]
    assert texts(page, ".message-out") == []
    page = send(client, f"/replies/{reply.message_id}/change")
    assert texts(page, ".toast-bad .toast-text") == ["It has not failed (any more)."]


def test_what_may_have_gone_is_settled_by_a_person(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    _reply(client, asked, "Yes.")
    with desk.writing() as session:
        settle_unknown(session, session.scalars(select(Reply)).one())
    page = client.get(f"/conversations/{asked}")
    assert texts(page, ".delivery-unknown button") == ["Send again", "It went"]
    send(client, f"/replies/{_newest(desk).id}/went")
    assert _state(desk) == State.SENT


def test_the_state_of_a_reply_is_told_when_it_changes(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    page = _reply(client, asked, "Yes.")
    url = read(page).css_first(".delivery").attributes["hx-get"]
    assert client.get(url).status_code == 204
    _settle(desk, State.SENT)
    assert texts(client.get(url), ".delivery-sent p") == ["Sent"]


def test_the_composer_offers_only_ways_that_can_send(client: FlaskClient, asked: int) -> None:
    page = client.get(f"/conversations/{asked}")
    assert texts(page, ".tab-name") == ["E-mail", "Note"]
    assert "no files, 32,000 characters" in texts(page, ".composer-to")[0]


def test_what_is_typed_is_kept_for_its_writer_alone(
    desk: Desk, client: FlaskClient, mara: Agent, asked: int
) -> None:
    answer = send(client, f"/conversations/{asked}/draft", kind="reply", text="Dear", way="1")
    assert answer.text.startswith("Saved ")
    page = client.get(f"/conversations/{asked}")
    assert texts(page, ".composer-reply textarea") == ["Dear"]
    with desk.reading() as session:
        assert session.scalars(select(Draft.agent_id)).all() == [mara.id]


def test_what_can_be_thrown_away_shows_once_something_is_kept(
    client: FlaskClient, asked: int
) -> None:
    there = f"/conversations/{asked}"
    before = read(client.get(there)).css_first("#reply [data-discard]")
    send(client, f"{there}/draft", kind="reply", text="Dear", way="1")
    after = read(client.get(there)).css_first("#reply [data-discard]")
    assert ("hidden" in before.attributes, "hidden" in after.attributes) == (True, False)


def test_a_draft_thrown_away_is_gone(desk: Desk, client: FlaskClient, asked: int) -> None:
    send(client, f"/conversations/{asked}/draft", kind="reply", text="Dear", way="1")
    page = send(client, f"/conversations/{asked}/draft/undo", kind="reply")
    assert texts(page, ".composer-reply textarea") == [""]


def _reply(client: FlaskClient, number: int, text: str, **fields: object):  # type: ignore[no-untyped-def]
    given = {"way": "1", "text": text, "seen_message_id": "0"}
    return send(client, f"/conversations/{number}/replies", **{**given, **fields})


def _newest(desk: Desk) -> Message:
    with desk.reading() as session:
        return session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()


def _ids(desk: Desk) -> tuple[str, ...]:
    return (_newest(desk).message_id,)


def _conversation(desk: Desk, number: int) -> Conversation:
    with desk.reading() as session:
        return session.get_one(Conversation, number)


def _state(desk: Desk) -> str:
    with desk.reading() as session:
        return session.scalars(select(Reply.state)).one()


def _settle(desk: Desk, state: State) -> None:
    with desk.writing() as session:
        session.scalars(select(Reply)).one().state = state
