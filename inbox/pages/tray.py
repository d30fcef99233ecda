"""The tray: the lists agents work from, and the empty place beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response as AnyResponse

from crm.conversations.conversation import Conversation, Place
from crm.conversations.tray import CAP, Row, View, clause, page
from inbox.rail import VIEWS, WAITING, rail
from inbox.request import by_htmx, current_agent, reading
from inbox.times import is_today

pages = Blueprint("tray", __name__)


@dataclass(frozen=True)
class Group:
    """Rows under one heading; `count` is None where the group goes on on the next page."""

    name: str
    title: str
    rows: list[Row]
    count: int | None


@dataclass(frozen=True)
class ListPane:
    """What `tray/list_pane.html` shows. `current` is the open conversation's id."""

    view: View
    label: str
    total: str
    groups: list[Group]
    older: str
    seen: int
    current: int = 0
    tag: str = ""

    @property
    def waiting(self) -> bool:
        """Whether its conversations wait for us."""
        return self.view in WAITING

    @property
    def order(self) -> str:
        """In which order the rows stand, in words."""
        return {
            View.PENDING: gettext("Longest without a message first"),
            View.SNOOZED: gettext("Next to wake first"),
            View.CLOSED: gettext("Newest first"),
            View.SPAM: gettext("Newest first"),
        }.get(self.view, gettext("Longest waiting first"))


@pages.get("/")
def start() -> AnyResponse:
    """Where the day begins: with what is mine, else with what is nobody's."""
    mine, unassigned = rail().views[:2]
    return redirect(unassigned.url if unassigned.count and not mine.count else mine.url)


@pages.get("/<any(mine, unassigned, open, pending, snoozed, closed, spam):view>")
def show(view: str) -> Any:
    """A view: the list, and no conversation yet; for htmx asking on, the older rows alone."""
    after, tag = request.args.get("after", ""), request.args.get("tag", "")
    try:
        pane = list_pane(view, after=after, tag=tag)
    except ValueError:
        abort(404)
    if after and by_htmx():
        return render_template("tray/rows.html", pane=pane, group=request.args.get("group", ""))
    return render_template("tray/show.html", pane=pane, view=view)


@pages.get("/<any(mine, unassigned, open, pending, snoozed, closed, spam):view>/news")
def news(view: str) -> Any:
    """The line that offers new conversations; nothing (204) while there are none."""
    seen = request.args.get("seen", 0, int)
    count = reading().scalar(
        select(func.count())
        .select_from(Conversation)
        .where(clause(View(view), current_agent().id), Conversation.last_incoming_id > seen)
    )
    if not count:
        return Response(status=204)
    return render_template("tray/news.html", view=view, count=min(count, CAP))


def list_pane(view: str, *, after: str = "", tag: str = "", current: int = 0) -> ListPane:
    """The list of a view, for its own page and beside a conversation.

    Raises ValueError for a view or cursor that does not exist.
    """
    name = View(view)
    found = page(reading(), name, current_agent().id, after=after, tag=tag)
    place = next(place for place in rail().views if place.name == name)
    older = url_for("tray.show", view=name, after=found.next, tag=tag or None)
    return ListPane(
        view=name,
        label=str(VIEWS[name][0]),
        total=place.count_text if place.count is not None else "",
        groups=grouped(found.rows, ends=not found.next),
        older=older if found.next else "",
        seen=_newest_incoming(),
        current=current,
        tag=tag,
    )


def grouped(rows: Iterable[Row], *, ends: bool) -> list[Group]:
    """Rows under headings, in their order; the last group has a count only where the list ends."""
    groups: list[tuple[str, list[Row]]] = []
    for row in rows:
        name = _group(row)
        if not groups or groups[-1][0] != name:
            groups.append((name, []))
        groups[-1][1].append(row)
    titles = _titles()
    return [
        Group(name, titles[name], found, len(found) if ends or at < len(groups) - 1 else None)
        for at, (name, found) in enumerate(groups)
    ]


def _group(row: Row) -> str:
    if row.place == Place.WAITING and row.waiting_since:
        return "today" if is_today(row.waiting_since) else "longer"
    return "answered" if row.place == Place.ANSWERED else ""


def _titles() -> dict[str, str]:
    return {
        "longer": gettext("Since yesterday or longer"),
        "today": gettext("Today"),
        "answered": gettext("Answered"),
        "": "",
    }


def _newest_incoming() -> int:
    return reading().scalar(select(func.max(Conversation.last_incoming_id))) or 0
