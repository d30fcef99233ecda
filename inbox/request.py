"""What a page asks of the request it serves: the desk, the sessions, who is asking, which part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from flask import current_app, request
from flask_security import current_user
from sqlalchemy.orm import Session, scoped_session

from crm.channels.contract import Limits
from crm.desk import Desk
from crm.staff.agent import Agent

KEY = "postkorb"


@dataclass(frozen=True)
class Inbox:
    """What the front door gave this application. `ways`: what each channel (id) can carry."""

    desk: Desk
    site_name: str
    base_url: str
    ways: Mapping[int, Limits]
    sessions: scoped_session[Session]


def inbox() -> Inbox:
    """The application's own things."""
    found: Inbox = current_app.extensions[KEY]
    return found


def desk() -> Desk:
    """The database, the data folder, the secret and the rules."""
    return inbox().desk


def ways() -> Mapping[int, Limits]:
    """What each channel can carry, by its id."""
    return inbox().ways


def reading() -> Session:
    """The request's session for reading; closed when the request ends."""
    return inbox().sessions()


@contextmanager
def writing() -> Iterator[Session]:
    """A writing transaction; what is read after it in this request is read anew."""
    inbox().sessions().rollback()
    with desk().writing() as session:
        yield session


def current_agent() -> Agent:
    """The agent who is signed in; a page that is not public always has one."""
    agent: Agent = current_user.agent
    return agent


def is_administrator() -> bool:
    """Whether the agent may see what only administrators see."""
    return bool(current_user.has_role("administrator"))


def by_htmx() -> bool:
    """Whether a part of a page is asked for, by htmx."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def only_stage() -> bool:
    """Whether only main and context are asked for (a click in the list): no list, no side bar."""
    return by_htmx() and request.headers.get("HX-Target") == "stage"
