"""Duplicates: pairs that may be one person, compared side by side and decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from crm.contacts import suggest
from crm.contacts.card import Card
from crm.contacts.merge import AlreadyOne
from crm.contacts.suggest import Pair, count_open, open_suggestions
from crm.contacts.view import choose, contact
from crm.conversations.tray import of_contact
from inbox import toasts
from inbox.request import current_agent, reading, writing
from inbox.showing.pair import compared
from inbox.showing.reasons import total

pages = Blueprint("suggestions", __name__)


@pages.get("/suggestions")
def show() -> Any:
    """The open pairs by likelihood, and the chosen one (else the first) in full."""
    session = reading()
    pairs = open_suggestions(session)
    pair = _chosen(session, pairs)
    if pair is None:
        return render_template("suggestions/none.html", view="suggestions")
    left, right = contact(session, pair.card_a), contact(session, pair.card_b)
    return render_template(
        "suggestions/show.html",
        view="suggestions",
        pairs=pairs,
        pair=pair,
        following=following(pairs, pair),
        left=left,
        right=right,
        rows=compared(left, right, pair.reasons),
        last=[of_contact(session, person.id, 1) for person in (left, right)],
        total=total(pair.reasons),
        open=count_open(session),
    )


@pages.post("/suggestions/<int:a>/<int:b>/acceptance")
def accept(a: int, b: int) -> Response:
    """They are one person: joined, with the values that were chosen."""
    by = current_agent().id
    with writing() as session:
        onward = _onward(session, a, b)
        try:
            edge = _of(suggest.accept, session, a, b)
        except AlreadyOne:
            return redirect(onward, 303)
        for field, value in _choices():
            choose(session, a, field, value, by=by)
    toasts.say(gettext("One contact now"), undo=url_for("merges.undo", number=edge.id))
    return redirect(onward, 303)


@pages.post("/suggestions/<int:a>/<int:b>/refusal")
def decline(a: int, b: int) -> Response:
    """They are two persons; never suggested again."""
    with writing() as session:
        onward = _onward(session, a, b)
        _of(suggest.decline, session, a, b)
    toasts.say(gettext("Different persons, not suggested again"), undo=_undo(a, b))
    return redirect(onward, 303)


@pages.post("/suggestions/<int:a>/<int:b>/later")
def later(a: int, b: int) -> Response:
    """Not decided now."""
    with writing() as session:
        onward = _onward(session, a, b)
        _of(suggest.later, session, a, b)
    toasts.say(gettext("Put off; it stays with both contacts"), undo=_undo(a, b))
    return redirect(onward, 303)


@pages.post("/suggestions/<int:a>/<int:b>/reconsideration")
def reconsider(a: int, b: int) -> Response:
    """Not decided after all: back to the question, where it was asked."""
    with writing() as session:
        _of(suggest.reconsider, session, a, b)
    toasts.say(gettext("Open again"))
    return redirect(_back() or url_for("suggestions.show", a=a, b=b), 303)


def following(pairs: Sequence[Pair], pair: Pair) -> Pair | None:
    """The pair that comes after this one, from the start again at the end."""
    at = pairs.index(pair) if pair in pairs else -1
    rest = [*pairs[at + 1 :], *pairs[:at]]
    return rest[0] if rest else None


def _chosen(session: Session, pairs: Sequence[Pair]) -> Pair | None:
    """The pair of the address, also one that was put off; else the likeliest."""
    wanted = request.args.get("a", 0, int), request.args.get("b", 0, int)
    known = {(pair.card_a, pair.card_b): pair for pair in pairs}
    if all(wanted) and wanted not in known:
        card = session.get(Card, wanted[0])
        put_off = suggest.suggestions_of(session, card.contact_id) if card else []
        known |= {(pair.card_a, pair.card_b): pair for pair in put_off}
    return known.get(wanted) or next(iter(pairs), None)


def _of(act: Callable[..., Any], session: Session, a: int, b: int) -> Any:
    try:
        return act(session, a, b, by=current_agent().id)
    except LookupError:
        abort(404)


def _onward(session: Session, a: int, b: int) -> str:
    """Back to where the question was asked, else to the next pair; ask before deciding."""
    back = _back()
    if back:
        return back
    pairs = open_suggestions(session)
    pair = next((pair for pair in pairs if (pair.card_a, pair.card_b) == (a, b)), None)
    comes_next = following(pairs, pair) if pair else None
    if comes_next is None:
        return url_for("suggestions.show")
    return url_for("suggestions.show", a=comes_next.card_a, b=comes_next.card_b)


def _undo(a: int, b: int) -> str:
    return url_for("suggestions.reconsider", a=a, b=b, back=_back() or None)


def _back() -> str:
    """The page of this house that asked; "" when there is none."""
    back = request.args.get("back", "")
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    return back if inside else ""


def _choices() -> list[tuple[str, str]]:
    return [
        (name.removeprefix("choice-"), value)
        for name, value in request.form.items()
        if name.startswith("choice-")
    ]
