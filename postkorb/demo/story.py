"""The story: what happened at Lindenrad, as the files of story/ tell it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from connectors.post.dates import write_date

STORY = resources.files("postkorb.demo") / "story"

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_DATE = re.compile(r"\{date:(\d+)\}")


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody of Lindenrad, and how they sign in to the demo."""

    name: str
    email: str
    password: str
    administrator: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail; `by` names the agent where it is ours, `answers` the id of the mail answered.

    `kind` is "" for a person's mail, else "automatic", "bounce" or "list"; `status` and `words`
    are a bounce's (RFC 3464).
    """

    id: str
    ago: timedelta
    text: str
    sender: str = ""
    by: str = ""
    answers: str = ""
    quotes: bool = False
    subject: str = ""
    language: str = "de"
    signature: str = ""
    html: str = ""
    kind: str = ""
    status: str = ""
    words: str = ""
    files: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter on paper; `date` is days ago, `turned` degrees, `slips` pairs of right and read."""

    id: str
    file: str
    style: str
    ago: timedelta
    name: str
    street: str
    town: str
    phone: str
    date: int
    subject: str
    salutation: str
    body: str
    closing: str
    language: str = "de"
    company: str = ""
    email: str = ""
    customer_number: str = ""
    enclosure: str = ""
    stamped: bool = False
    turned: float = 0.0
    slips: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    username: str
    name: str
    ago: timedelta
    raw: str
    staff: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    title: str
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the blog that the demo reads."""

    title: str
    author: str
    ago: timedelta
    html: str


@dataclass(frozen=True, slots=True)
class Act:
    """What an agent did with the conversation of this subject before the reader came."""

    about: str
    assign: str = ""
    tags: tuple[str, ...] = ()
    status: str = ""
    snooze: timedelta | None = None
    spam: bool = False
    note: str = ""
    note_by: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """Two cards an agent took for one person: names as the cards bear them, by channel."""

    name: str
    channel: str
    other_name: str
    other_channel: str
    by: str


@cache
def firm() -> Mapping[str, str]:
    """The keys of config.toml's [company]."""
    table: Mapping[str, str] = _table("firm")["firm"]
    return table


@cache
def agents() -> tuple[Agent, ...]:
    return tuple(Agent(**agent) for agent in _table("firm")["agent"])


@cache
def mails() -> tuple[Mail, ...]:
    """All mails, oldest first."""
    return tuple(Mail(**_typed(mail)) for mail in _table("mails")["mail"])


@cache
def letters() -> tuple[Letter, ...]:
    return tuple(Letter(**_typed(letter)) for letter in _table("letters")["letter"])


@cache
def topics() -> tuple[Topic, ...]:
    return tuple(
        Topic(topic["title"], tuple(Post(**_typed(post)) for post in topic["post"]))
        for topic in _table("forum")["topic"]
    )


@cache
def entries() -> tuple[Entry, ...]:
    return tuple(Entry(**_typed(entry)) for entry in _table("feed")["entry"])


@cache
def acts() -> tuple[Act, ...]:
    return tuple(Act(**_typed(act)) for act in _table("firm")["act"])


@cache
def joined() -> tuple[Joined, ...]:
    return tuple(Joined(**pair) for pair in _table("firm")["joined"])


def filled(text: str, now: datetime, language: str) -> str:
    """The text with its {date:9} as the date nine days before `now`."""
    return _DATE.sub(lambda day: write_date((now - timedelta(int(day[1]))).date(), language), text)


def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads((STORY / f"{name}.toml").read_text("utf-8"))


def _typed(table: Mapping[str, Any]) -> dict[str, Any]:
    """TOML's values as the dataclasses hold them: times as spans, lists as tuples, no edge lines."""
    return {key: _value(key, value) for key, value in table.items()}


def _value(key: str, value: Any) -> Any:
    match value:
        case str() if key in {"ago", "snooze"}:
            parts = {_UNITS[part[-1]]: int(part[:-1]) for part in value.split()}
            return timedelta(**parts)
        case str():
            return value.strip("\n")
        case list():
            return tuple(_value("", item) for item in value)
    return value
