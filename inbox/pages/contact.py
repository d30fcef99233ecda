"""The page of a contact: addresses, details, everything on one line, and the cards it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import format_date
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel
from crm.contacts.card import Card
from crm.contacts.identity import Identity
from crm.contacts.view import Contact, contact, names
from crm.conversations.conversation import Conversation
from crm.conversations.message import Direction, Message
from crm.conversations.tray import Row, of_contact
from crm.staff.agent import Agent
from inbox.request import reading
from inbox.showing.lifeline import lifeline

pages = Blueprint("contact", __name__)

SHOWN = 200
DOTS = 2000
LISTED = 50


@dataclass(frozen=True, slots=True)
class Month:
    """The conversations whose last message fell into one month."""

    title: str
    rows: list[Row]


@pages.get("/contacts")
def index() -> Any:
    """The newest contacts, or those whose name or address holds what was searched."""
    session, query = reading(), request.args.get("q", "").strip()
    found = _listed(session, query)
    named = names(session, found)
    rows = [(number, named.get(number, "")) for number in found]
    return render_template("contact/index.html", rows=rows, query=query, view="contacts")


@pages.get("/contacts/<int:number>")
def show(number: int) -> Any:
    """The contact; any of its cards' numbers leads there."""
    session = reading()
    try:
        person = contact(session, number)
    except LookupError:
        abort(404)
    if person.id != number:
        return redirect(url_for("contact.show", number=person.id))
    rows = of_contact(session, person.id, SHOWN)
    return render_template(
        "contact/show.html",
        view="contacts",
        contact=person,
        months=by_month(rows),
        rows=rows,
        cards={card.id: card for card in person.cards},
        agents=_agents(session),
        apart_names=_names_of_cards(session, person),
        line=lifeline(_moments(session, person.id), now()),
    )


def by_month(rows: Iterable[Row]) -> list[Month]:
    """The rows, newest first, under their months."""
    months: list[Month] = []
    for row in rows:
        title = format_date(row.last_message_at, "LLLL y")
        if not months or months[-1].title != title:
            months.append(Month(title, []))
        months[-1].rows.append(row)
    return months


def _listed(session: Session, query: str) -> list[int]:
    statement = select(Card.contact_id).distinct()
    if query:
        known = select(Identity.card_id).where(Identity.shown.icontains(query, autoescape=True))
        statement = statement.where(
            or_(Card.name.icontains(query, autoescape=True), Card.id.in_(known))
        )
    return list(session.scalars(statement.order_by(Card.contact_id.desc()).limit(LISTED)))


def _moments(session: Session, number: int) -> list[tuple[datetime, str]]:
    """When something came or went, and which way."""
    found = session.execute(
        select(Message.at, Channel.family)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Card, Card.id == Conversation.card_id)
        .join(Channel, Channel.id == Message.channel_id)
        .where(Card.contact_id == number, Message.direction != Direction.NOTE)
        .order_by(Message.moment.desc())
        .limit(DOTS)
    )
    return [(at, family) for at, family in found]


def _names_of_cards(session: Session, person: Contact) -> dict[int, str]:
    """What the cards are called that were declared not the same."""
    numbers = {number for pair in person.apart for number in (pair.card_a, pair.card_b)}
    found = session.execute(select(Card.id, Card.name).where(Card.id.in_(numbers)))
    return {row.id: row.name for row in found}


def _agents(session: Session) -> dict[int, str]:
    return {agent.id: agent.name for agent in session.scalars(select(Agent))}
