"""An inbox with an agent in it, and conversations to put on the tray."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from crm.base import now
from crm.channels.channel import Channel, declare
from crm.channels.contract import Limits
from crm.contacts.card import Card
from crm.conversations.conversation import Conversation, Status
from crm.desk import Desk
from crm.staff.agent import Agent
from inbox.app import STATIC, create_app
from inbox.sign_in.accounts import create_account
from inbox.sign_in.once import once_link

MARA, JONAS = "mara@lindenrad.example", "jonas@lindenrad.example"
PASSWORD = "drei-Speichen-fehlen"


@pytest.fixture(scope="session", autouse=True)
def _translations() -> None:
    """A checkout has the words as .po; building the wheel makes the .mo."""
    for source in (STATIC.parent / "translations").rglob("*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as words, compiled.open("wb") as target:
                write_mo(target, read_po(words))


@pytest.fixture
def mara(desk: Desk) -> Agent:
    """An administrator who reads English, in UTC."""
    return _agent(desk, "Mara Feldkamp", MARA, "administrator")


@pytest.fixture
def jonas(desk: Desk) -> Agent:
    """An agent."""
    return _agent(desk, "Jonas Thiel", JONAS, "agent")


@pytest.fixture
def app(desk: Desk) -> Flask:
    return create_app(
        desk,
        site_name="Lindenrad",
        base_url="http://localhost",
        ways={1: Limits(can_send=True, length=32_000)},
    )


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


@pytest.fixture
def client(app: Flask, mara: Agent) -> FlaskClient:
    """Mara's browser, signed in by a link."""
    return signed_in(app, mara.email)


@pytest.fixture
def put(desk: Desk) -> Callable[..., int]:
    """Puts a conversation on the tray and tells its number."""

    def put(
        subject: str = "Battery",
        *,
        who: str = "Annegret Brandt",
        waited: timedelta | None = timedelta(hours=1),
        assignee: Agent | None = None,
        status: Status = Status.OPEN,
        **columns: Any,
    ) -> int:
        at = now() - (waited or timedelta(hours=2))
        with desk.writing() as session:
            channel = declare(session, "service@lindenrad.example", "imap", "email")
            card = Card(contact_id=0, name=who, source="email", created_at=at)
            session.add(card)
            session.flush()
            card.contact_id = card.id
            conversation = Conversation(
                card_id=card.id,
                subject=subject,
                status=status,
                place=0,
                order_at=at,
                waiting_since=at if waited else None,
                last_message_at=at,
                created_at=at,
                assignee_id=assignee.id if assignee else None,
                last_channel_id=channel.id,
                **columns,
            )
            conversation.arrange()
            session.add(conversation)
            session.flush()
            return conversation.id

    return put


@pytest.fixture
def channel(desk: Desk) -> Callable[..., int]:
    """Configures a channel and tells its number."""

    def make(name: str, kind: str = "imap", family: str = "email", **columns: Any) -> int:
        with desk.writing() as session:
            row: Channel = declare(session, name, kind, family)
            for column, value in columns.items():
                setattr(row, column, value)
            return row.id

    return make


def signed_in(app: Flask, email: str) -> FlaskClient:
    """A browser in which this agent is signed in."""
    browser = app.test_client()
    browser.get(once_link(app, email).removeprefix("http://localhost"))
    return browser


def read(page: Any) -> LexborHTMLParser:
    """The page of an answer, to be asked by selectors."""
    return LexborHTMLParser(page.get_data(as_text=True))


def texts(page: Any, selector: str) -> list[str]:
    """The words of every element that the selector finds, spaces made one."""
    return [" ".join(node.text().split()) for node in read(page).css(selector)]


def hours_ago(count: float) -> datetime:
    return now() - timedelta(hours=count)


def _agent(desk: Desk, name: str, email: str, role: str) -> Agent:
    with desk.writing() as session:
        account = create_account(session, name, email, PASSWORD, role, "en")
        account.agent.time_zone = "UTC"
        return account.agent
