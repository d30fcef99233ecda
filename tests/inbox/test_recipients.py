"""Whom a reply goes to, as the composer shows it and its form says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.base import now
from crm.channels.contract import Address, IdentityKind, Limits, Person, Recipient
from crm.conversations.drafting import Draft
from crm.conversations.message import Direction, Message
from crm.desk import Desk
from crm.outgoing.reply import Reply
from inbox.request import KEY
from tests.inbox.arriving import OURS, arrive, conversation_of, mail, send
from tests.inbox.conftest import read, texts

ANNEGRET = "a.brandt@example.org"
SHOP = "shop@lindenrad.example"
TO_ALL = {
    "to-1": ANNEGRET,
    "all-1": "1",
    "others-1": ["bo@x.example", "cy@x.example"],
}


def to(value: str, way: str = "to", name: str = "") -> Recipient:
    return Recipient(Address(IdentityKind.EMAIL, value), name, way)


@pytest.fixture
def mailing(app: Flask) -> Callable[..., None]:
    """Lets the first channel write to several, from these addresses."""

    def let(*addresses: str) -> None:
        limits = Limits(
            can_send=True,
            files=None,
            address=addresses[0],
            addresses=addresses,
            copies=True,
        )
        app.extensions[KEY] = replace(app.extensions[KEY], ways={1: limits})

    let(OURS, SHOP)
    return let


@pytest.fixture
def asked(desk: Desk, client: FlaskClient, mailing: object) -> int:
    """A conversation begun by a mail to the shop, Bo and, as a copy, Cy."""
    [number] = arrive(
        desk,
        mail(recipients=(to(SHOP), to("bo@x.example", name="Bo"), to("cy@x.example", "cc"))),
    )
    return conversation_of(desk, number)


def test_an_answer_goes_to_its_writer_and_all_others_are_one_click_away(
    client: FlaskClient, asked: int
) -> None:
    page = client.get(f"/conversations/{asked}")
    assert ticked(page) == [("to-1", ANNEGRET), ("others-1", "bo@x.example"),
                            ("others-1", "cy@x.example")]  # fmt: skip
    assert texts(page, ".composer-all") == ["Reply to all (3)"]
    assert "checked" not in read(page).css_first("[name=all-1]").attributes
    reply(client, asked)
    assert reached(client, asked) == ["to " + ANNEGRET]


def test_who_wrote_to_us_alone_is_answered_alone(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    [number] = arrive(desk, mail(subject="Other"))
    assert (
        texts(client.get(f"/conversations/{conversation_of(desk, number)}"), ".composer-all") == []
    )


def test_reply_to_all_reaches_everybody_but_us(client: FlaskClient, asked: int) -> None:
    reply(client, asked, **TO_ALL)
    assert reached(client, asked) == [f"to {ANNEGRET}", "cc bo@x.example", "cc cy@x.example"]


def test_who_is_taken_out_gets_nothing(client: FlaskClient, asked: int) -> None:
    reply(client, asked, **{**TO_ALL, "others-1": "cy@x.example"})
    assert reached(client, asked) == [f"to {ANNEGRET}", "cc cy@x.example"]


def test_copies_are_named_by_hand(client: FlaskClient, asked: int) -> None:
    typed = {"cc-1": "Dora <dora@x.example>, emil@x.example", "bcc-1": "boss@x.example"}
    reply(client, asked, **typed)
    assert reached(client, asked)[1:] == [
        "cc dora@x.example",
        "cc emil@x.example",
        "bcc boss@x.example",
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cc-1": "dora"}, "Not sent. This is no e-mail address: dora. Correct or remove it."),
        ({"cc-1": "Shop+x@Lindenrad.example"}, "Shop+x@Lindenrad.example is our own address"),
        ({"to-1": [], "cc-1": "dora@x.example"}, "Not sent: nobody is named in To."),
    ],
)
def test_what_cannot_be_written_to_is_said_and_everything_kept(
    desk: Desk, client: FlaskClient, asked: int, fields: dict[str, object], words: str
) -> None:
    page = reply(client, asked, **fields)
    assert words in texts(page, ".toast-bad .toast-text")[0]
    assert texts(page, ".composer-reply textarea") == ["Yes."]
    kept = [value for _, value in ticked(page)]
    assert str(fields["cc-1"]) in kept
    assert replies(desk) == []


def test_what_is_no_address_stands_out_among_those_that_are(
    client: FlaskClient, asked: int
) -> None:
    page = reply(client, asked, **{"cc-1": "dora, emil@x.example"})
    assert texts(page, ".composer-reply .chip-wrong") == ["dora"]


def test_the_answer_leaves_from_the_address_written_to_unless_another_is_chosen(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    page = client.get(f"/conversations/{asked}")
    assert texts(page, ".composer-more summary") == [f"Cc, Bcc from {SHOP}"]
    reply(client, asked)
    reply(client, asked, text="Again.", **{"from-1": OURS})
    reply(client, asked, text="And again.", **{"from-1": "else@x.example"})
    assert [one.from_address for one in replies(desk)] == [SHOP, OURS, SHOP]


def test_what_is_typed_among_recipients_is_kept_with_the_draft(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    form = {"kind": "reply", "way": "1", "text": "", "to-1": ANNEGRET, "cc-1": "dora@x.example"}
    page = send(client, f"/conversations/{asked}/draft/shown", **form)
    assert ("cc-1", "dora@x.example") in ticked(page)
    send(client, f"/conversations/{asked}/draft", **{**form, "cc-1": ""})
    with desk.reading() as session:
        assert session.scalars(select(Draft)).all() == []


def test_enter_in_a_field_of_recipients_keeps_and_never_sends(
    client: FlaskClient, asked: int
) -> None:
    """A browser presses the form's first button, wherever on the page that stands."""
    page = read(client.get(f"/conversations/{asked}"))
    first = page.css_first("button[form=reply], #reply button")
    assert first.attributes["formaction"].startswith(f"/conversations/{asked}/draft/shown")


def test_a_blind_copy_stands_in_no_other_recipients_line(client: FlaskClient, asked: int) -> None:
    page = reply(client, asked, **{"bcc-1": "boss@x.example"})
    assert "Bcc boss@x.example" in texts(page, ".message-out .menu-title")[0]
    assert "boss@x.example" not in texts(page, ".message-out .message-way")[0]


def test_a_colleague_of_the_writer_can_be_answered_instead(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    first = newest(desk)
    other = Person("Bo", Address(IdentityKind.EMAIL, "bo@x.example"))
    arrive(desk, mail("I, too.", sender=other, mentions=(first.message_id,), at=now()))
    page = client.get(f"/conversations/{asked}")
    assert ticked(page)[0] == ("to-1", "bo@x.example")
    link = read(page).css_first(f"#m{first.id} a.menu-row").attributes["href"]
    page = client.get(link.partition("#")[0])
    assert ticked(page)[0] == ("to-1", ANNEGRET)
    identity = read(page).css_first("[name=identity-1]").attributes["value"]
    reply(client, asked, **{"identity-1": identity})
    assert [one.answers_id for one in replies(desk)] == [first.id]


def test_nothing_leaves_to_another_than_the_page_showed(
    desk: Desk, client: FlaskClient, asked: int
) -> None:
    assert reply(client, asked, **{"identity-1": "999"}).status_code == 422
    assert replies(desk) == []


def reply(client: FlaskClient, number: int, text: str = "Yes.", **fields: object):  # type: ignore[no-untyped-def]
    given = {"way": "1", "text": text, "seen_message_id": "0", "to-1": ANNEGRET}
    return send(client, f"/conversations/{number}/replies", **{**given, **fields})


def ticked(page: object) -> list[tuple[str, str]]:
    boxes = read(page).css(".composer-reply .chip-who input[checked]")
    return [(str(box.attributes["name"]), str(box.attributes["value"])) for box in boxes]


def reached(client: FlaskClient, number: int) -> list[str]:
    """The ways and addresses of the newest reply, as its card tells them."""
    with client.application.extensions[KEY].desk.reading() as session:
        message = session.scalars(
            select(Message)
            .where(Message.direction == Direction.OUTGOING)
            .order_by(Message.id.desc())
            .limit(1)
        ).one()
        assert message.conversation_id == number
        return [f"{row['way']} {row['value']}" for row in message.recipients]


def replies(desk: Desk) -> list[Reply]:
    with desk.reading() as session:
        return list(session.scalars(select(Reply).order_by(Reply.message_id)))


def newest(desk: Desk) -> Message:
    with desk.reading() as session:
        return session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
