"""The thread: everything of a matter on one line, whichever way it came."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, update

from crm.base import now
from crm.channels.contract import Address, Change, IdentityKind, ReadField, Recipient
from crm.conversations.assigning import assign
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.conversations.noting import note
from crm.desk import Desk
from crm.staff.agent import Agent
from tests.inbox.arriving import OURS, arrive, conversation_of, letter, mail, post
from tests.inbox.conftest import read, texts


def test_a_thread_shows_who_wrote_which_way_and_what(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail("It does not charge."))
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    assert texts(page, ".message-author") == ["Annegret Brandt"]
    assert texts(page, ".message-way") == ["E-mail"]
    assert texts(page, ".message-text") == ["It does not charge."]


def test_a_mail_to_several_says_so_and_names_them(desk: Desk, client: FlaskClient) -> None:
    others = [("anna@example.org", "cc"), (OURS.replace("service", "shop"), "bcc")]
    to = [Recipient(Address(IdentityKind.EMAIL, OURS), "Lindenrad")]
    copies = [Recipient(Address(IdentityKind.EMAIL, value), way=way) for value, way in others]
    [number] = arrive(desk, mail(recipients=(*to, *copies)))
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    assert texts(page, ".message-way") == ["E-mail to Lindenrad +1"]
    assert read(page).css_first(".message-way .number").attributes["title"] == "anna@example.org"


def test_a_mail_without_a_word_says_that_it_has_none(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail(""))
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    assert texts(page, ".message-text") == ["No text"]


def test_messages_of_every_channel_stand_on_one_line(desk: Desk, client: FlaskClient) -> None:
    [first] = arrive(desk, mail())
    [second] = arrive(desk, letter("By letter"), family="post")
    [third] = arrive(desk, post(), family="community")
    number = conversation_of(desk, first)
    _join(desk, number, second, third)
    page = client.get(f"/conversations/{number}")
    assert texts(page, ".message-way") == ["E-mail", "Letter, 1 page", "Forum › community"]
    assert len(read(page).css(".item-sign .sign-email, .item-sign .sign-post")) == 2
    assert "public" in texts(page, ".message-side .chip")[0]


def test_a_conversation_that_is_not_there_is_said_so(client: FlaskClient) -> None:
    page = client.get("/conversations/4711")
    assert page.status_code == 404
    assert "Nothing here" in page.text


def test_quoted_history_and_signature_are_folded(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail("New words", quoted="> old words", signature="Annegret"))
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    assert texts(page, "details.fold > summary") == ["Signature", "Quoted history"]


def test_what_a_customer_types_is_text_and_never_markup(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail("<script>alert(1)</script> https://a.example/?x=<b>"))
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    words = read(page).css_first(".message-text")
    assert words.text().startswith("<script>alert(1)</script>")
    assert words.css("script, b") == []
    link = read(page).css_first(".message-text a")
    assert link.attributes["rel"] == "noopener noreferrer nofollow"
    assert link.attributes["title"] == "a.example"


def test_a_letter_stands_beside_its_page_with_what_was_read(
    desk: Desk, client: FlaskClient
) -> None:
    fields = (
        ReadField("customer_number", "K-48213", 0.96, 1, (0.1, 0.2, 0.4, 0.25)),
        ReadField("date", "19.11.2026", 0.4),
    )
    [number] = arrive(desk, letter("My number is K-48213, of 19.11.2026.", *fields), family="post")
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    assert texts(page, ".message-text .found") == ["K-48213"]
    assert texts(page, ".message-text .unsure") == ["19.11.2026"]
    box = read(page).css_first(".letter-page rect")
    assert (box.attributes["x"], box.attributes["width"]) == ("0.1", "0.30000000000000004")


def test_an_unreadable_message_is_shown_as_it_came(desk: Desk, client: FlaskClient) -> None:
    broken = mail("", flags=("unparsable",), raw=b"Content-Type: ????")
    [number] = arrive(desk, broken)
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    assert texts(page, ".message-raw") == ["Content-Type: ????"]
    assert f"/messages/{number}/raw" in page.text


def test_a_reference_that_proves_nothing_is_offered_as_a_link(
    desk: Desk, client: FlaskClient
) -> None:
    [first, second] = arrive(desk, mail(), mail("other", subject="Other"))
    other = conversation_of(desk, first)
    with desk.writing() as session:
        session.execute(update(Message).where(Message.id == second).values(flags={"offers": other}))
    page = client.get(f"/conversations/{conversation_of(desk, second)}")
    assert texts(page, ".message-notice a") == [f"PK-{other}"]


def test_what_its_author_took_back_is_not_shown(desk: Desk, client: FlaskClient) -> None:
    first = post("said too much")
    [number] = arrive(desk, first, family="community")
    gone = post(remote_id=first.remote_id, change=Change.DELETED)
    arrive(desk, gone, family="community")
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    assert "said too much" not in texts(page, ".message")[0]


def test_a_note_says_that_it_is_internal(desk: Desk, client: FlaskClient, jonas: Agent) -> None:
    [number] = arrive(desk, mail())
    with desk.writing() as session:
        found = session.get_one(Conversation, conversation_of(desk, number))
        note(session, found, "Exchange it.", by=jonas.id)
    page = client.get(f"/conversations/{found.id}")
    assert texts(page, ".message-note .message-way") == ["Note, internal only"]


def test_nothing_new_is_answered_with_nothing(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail())
    news = client.get(f"/conversations/{conversation_of(desk, number)}/news?after={number}")
    assert (news.status_code, news.text) == (204, "")


def test_what_came_since_is_added_at_the_end(desk: Desk, client: FlaskClient) -> None:
    first = mail("first")
    [number] = arrive(desk, first)
    conversation = conversation_of(desk, number)
    [later] = arrive(desk, mail("second", mentions=(first.message_id,), at=now()))
    news = client.get(f"/conversations/{conversation}/news?after={number}")
    assert texts(news, ".message-text") == ["second"]
    assert f"after={later}" in read(news).css_first(".thread-tail").attributes["hx-get"]


def test_what_a_colleague_did_comes_with_the_head_and_the_row(
    desk: Desk, client: FlaskClient, jonas: Agent
) -> None:
    [number] = arrive(desk, mail())
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    ask = read(page).css_first(".thread-tail").attributes["hx-get"]
    with desk.writing() as session:
        found = session.get_one(Conversation, conversation_of(desk, number))
        assign(session, found, jonas.id, by=jonas.id)
    news = client.get(ask)
    assert texts(news, ".event span")[-1].startswith("Jonas Thiel took over")
    assert texts(news, "#thread-state .thread-assignee .one-line") == ["Jonas Thiel"]
    assert read(news).css_first(f"#row-{found.id}").attributes["hx-swap-oob"] == "true"
    assert news.headers["HX-Trigger"] == "counts"
    ask = read(news).css_first(".thread-tail").attributes["hx-get"]
    assert client.get(ask).status_code == 204


@pytest.mark.parametrize("path", ["/conversations/{number}", "/open"])
def test_fifty_need_no_more_queries_than_five(desk: Desk, client: FlaskClient, path: str) -> None:
    number = _filled(desk, 5)
    with _queries(desk) as five:
        client.get(path.format(number=number))
    number = _filled(desk, 45)
    with _queries(desk) as fifty:
        client.get(path.format(number=number))
    assert len(fifty) == len(five)


def _filled(desk: Desk, count: int) -> int:
    """So many conversations, and one with so many messages, each with a file."""
    arrive(desk, *(mail(subject=f"Matter {each}") for each in range(count)))
    first = mail("first")
    later = [
        mail(f"message {each}", mentions=(first.message_id,), at=now() - timedelta(minutes=50))
        for each in range(count)
    ]
    [number, *_] = arrive(desk, first, *later)
    return conversation_of(desk, number)


@contextmanager
def _queries(desk: Desk) -> Iterator[list[str]]:
    found: list[str] = []

    def note_it(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(desk.engine, "before_cursor_execute", note_it)
    yield found
    event.remove(desk.engine, "before_cursor_execute", note_it)


def _join(desk: Desk, conversation: int, *messages: int) -> None:
    with desk.writing() as session:
        session.execute(
            update(Message).where(Message.id.in_(messages)).values(conversation_id=conversation)
        )
