"""Pictures from outside: held back until an agent lets them in, and never for who may be forged."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.channels.contract import Address, IdentityKind, Incoming, Person
from crm.contacts.identity import Identity
from crm.contacts.pictures import allow
from crm.conversations.message import Message
from crm.desk import Desk
from crm.history.event import Event
from crm.staff.agent import Agent
from inbox.showing.pictures import are_outside, with_pictures
from tests.inbox.arriving import arrive, conversation_of, mail, send
from tests.inbox.conftest import read, texts

SHOP = "https://shop.example/tyre.jpg"


def offer(**fields: Any) -> Incoming:
    html = f'<h1>Tyres</h1><img src="{SHOP}" alt="A tyre">'
    return mail(**{"html": html, **fields})


def frame(client: FlaskClient, number: int, once: bool = False) -> tuple[str, str]:
    """The frame's HTML and what its policy says of pictures."""
    answer = client.get(f"/messages/{number}/html{'?pictures=1' if once else ''}")
    policy = answer.headers["Content-Security-Policy"].split("; ")
    return answer.text, next(part for part in policy if part.startswith("img-src"))


def test_they_are_held_back_and_the_card_says_how_to_see_them(
    desk: Desk, client: FlaskClient
) -> None:
    [number] = arrive(desk, offer())
    html, policy = frame(client, number)
    assert SHOP not in html
    assert policy == "img-src data:"
    page = read(client.get(f"/conversations/{conversation_of(desk, number)}"))
    asks = page.css_first(".message-asks")
    assert "Pictures from outside are held back" in asks.text()
    link, inner = asks.css_first("a"), page.css_first("iframe")
    assert link.attributes["href"] == f"/messages/{number}/html?pictures=1"
    assert link.attributes["target"] == inner.attributes["name"]


def test_shown_once_they_are_held_back_the_next_time(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, offer())
    html, policy = frame(client, number, once=True)
    assert SHOP in html
    assert policy == "img-src data: https: http:"
    assert SHOP not in frame(client, number)[0]


def test_nobody_is_told_where_they_are_looked_at(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, offer())
    answer = client.get(f"/messages/{number}/html?pictures=1")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = read(client.get(f"/conversations/{conversation_of(desk, number)}"))
    assert page.css_first("iframe").attributes["referrerpolicy"] == "no-referrer"


def test_allowed_for_a_sender_they_are_shown_in_all_that_he_writes(
    desk: Desk, client: FlaskClient, mara: Agent
) -> None:
    [first] = arrive(desk, offer())
    page = send(client, f"/messages/{first}/pictures")
    [second] = arrive(desk, offer(subject="More tyres"))
    assert SHOP in frame(client, first)[0]
    assert SHOP in frame(client, second)[0]
    assert texts(page, ".message-asks p") == [
        "Pictures from outside are loaded for a.brandt@example.org."
    ]
    [event] = _events(desk)
    assert (event.kind, event.agent_id) == ("pictures.allowed", mara.id)
    assert event.data == {"address": "a.brandt@example.org"}


def test_another_sender_is_asked_about_again(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, offer())
    send(client, f"/messages/{number}/pictures")
    king = Person("Tyre King", Address(IdentityKind.EMAIL, "king@tyre.example"))
    [theirs] = arrive(desk, offer(sender=king))
    assert SHOP not in frame(client, theirs)[0]


def test_what_was_allowed_is_held_back_again(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, offer())
    send(client, f"/messages/{number}/pictures")
    page = send(client, f"/messages/{number}/pictures/undo")
    assert SHOP not in frame(client, number)[0]
    assert "held back" in texts(page, ".message-asks p")[0]
    assert [event.kind for event in _events(desk)] == ["pictures.allowed", "pictures.held_back"]


@pytest.mark.parametrize(
    "verdicts",
    [{"dmarc": "fail"}, {"spf": "fail", "dkim": "fail"}, {"spam": "yes", "dmarc": "pass"}],
)
def test_who_may_be_forged_is_never_trusted(
    desk: Desk, client: FlaskClient, verdicts: dict[str, str]
) -> None:
    [number] = arrive(desk, offer())
    send(client, f"/messages/{number}/pictures")
    [forged] = arrive(desk, offer(verdicts=verdicts))
    assert SHOP not in frame(client, forged)[0]
    page = read(client.get(f"/conversations/{conversation_of(desk, forged)}"))
    asks = page.css_first(f"#m{forged} .message-asks")
    assert asks.css_first("a") is not None, "this once they can be seen"
    assert asks.css("form") == []


def test_spam_is_never_trusted(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, offer())
    send(client, f"/messages/{number}/pictures")
    send(client, f"/conversations/{conversation_of(desk, number)}/spam")
    assert SHOP not in frame(client, number)[0]


def test_an_address_that_was_only_mentioned_is_given_nothing(desk: Desk, mara: Agent) -> None:
    arrive(desk, offer())
    with desk.writing() as session:
        identity = session.scalars(select(Identity)).one()
        identity.verified = False
        assert not allow(session, identity, by=mara.id)
    assert _events(desk) == []


def test_a_message_of_nobody_cannot_be_allowed(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, offer())
    with desk.writing() as session:
        session.get_one(Message, number).identity_id = None
    assert send(client, f"/messages/{number}/pictures").status_code == 404
    assert send(client, "/messages/4711/pictures").status_code == 404


PIXELS = [
    f'<img src="{SHOP}" width="1" height="1">',
    f'<img src="{SHOP}" height="0">',
    f'<img width="1px" src="{SHOP}">',
    f'<img src="{SHOP}" style="width:1px;height:1px">',
    f'<img src="{SHOP}" style="border:0; HEIGHT : 0 ! important">',
    f'<img src="{SHOP}" style="display:none">',
    f'<img src="{SHOP}" style="max-height: 0px">',
]


@pytest.mark.parametrize("pixel", PIXELS)
def test_a_pixel_that_tells_who_read_it_is_never_loaded_and_asks_nothing(pixel: str) -> None:
    assert not are_outside(f"<p>a</p>{pixel}")
    assert with_pictures(f"<p>a</p>{pixel}", lambda cid: "", outside=True) == "<p>a</p>"


@pytest.mark.parametrize(
    "picture",
    [
        f'<img src="{SHOP}">',
        f'<img alt="&lt;1&quot;" src="{SHOP}" width="100" height="10">',
        f'<img src="{SHOP}" style="width:100%;border-width:1px">',
        f'<img src="{SHOP}" width="1%">',
    ],
)
def test_a_picture_that_can_be_seen_is_held_back(picture: str) -> None:
    assert are_outside(picture)
    assert SHOP not in with_pictures(picture, lambda cid: "", outside=False)
    assert with_pictures(picture, lambda cid: "", outside=True) == picture


def _events(desk: Desk) -> list[Event]:
    with desk.reading() as session:
        about = Event.kind.startswith("pictures.")
        return list(session.scalars(select(Event).where(about).order_by(Event.id)))
