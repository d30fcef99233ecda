"""The side bar: the places of the house with their counts, in two statements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import g, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import func, select

from crm.channels.channel import Channel
from crm.contacts.suggest import count_open
from crm.conversations.tray import CAP, View, counts
from inbox.request import current_agent, reading
from inbox.times import number

VIEWS = {
    View.MINE: (lazy_gettext("Mine"), "user"),
    View.UNASSIGNED: (lazy_gettext("Unassigned"), "inbox"),
    View.OPEN: (lazy_gettext("All open"), "users"),
    View.PENDING: (lazy_gettext("Pending"), "hourglass"),
    View.SNOOZED: (lazy_gettext("Snoozed"), "moon"),
    View.CLOSED: (lazy_gettext("Closed"), "check"),
    View.SPAM: (lazy_gettext("Spam"), "ban"),
}
"""What each view is called, and its icon."""

WAITING = (View.MINE, View.UNASSIGNED, View.OPEN)
"""The views of what waits for us; the others are mere totals."""

UNCOUNTED = (View.CLOSED, View.SPAM)


@dataclass(frozen=True)
class Place:
    """A row of the side bar; `count` None shows no number, `warning` stands in its stead."""

    name: str
    label: str
    icon: str
    url: str
    count: int | None = None
    waiting: bool = False
    warning: str = ""

    @property
    def count_text(self) -> str:
        """The number as shown: 999+ where counting ended."""
        return "999+" if self.count is not None and self.count >= CAP else number(self.count or 0)


@dataclass(frozen=True)
class Rail:
    """All places. `phone`: the four that a phone's bar has; the rest stands under More."""

    views: list[Place]
    look_up: list[Place]
    house: list[Place]
    phone: list[Place]


def rail() -> Rail:
    """The side bar of this request; asked twice it counts once."""
    if "rail" not in g:
        g.rail = _rail()
    bar: Rail = g.rail
    return bar


def _rail() -> Rail:
    session = reading()
    views = _views(counts(session, current_agent().id))
    look_up = [
        _place("contacts", gettext("Contacts"), "user", "contact.index"),
        _place(
            "suggestions", gettext("Duplicates"), "merge", "suggestions.show", count_open(session)
        ),
    ]
    house = [
        _place("channels", gettext("Channels"), "zap", "channels.show", warning=_failing(session)),
        _place("settings", gettext("Settings"), "sliders-horizontal", "settings.show"),
    ]
    search = _place("search", gettext("Search"), "search", "search.show")
    return Rail(
        views=views,
        look_up=look_up,
        house=house,
        phone=[views[0], replace(views[1], label=gettext("Inbox")), search, look_up[0]],
    )


def _views(counted: dict[View, int]) -> list[Place]:
    return [
        Place(
            view,
            str(label),
            icon,
            url_for("tray.show", view=view),
            None if view in UNCOUNTED else counted[view],
            view in WAITING,
        )
        for view, (label, icon) in VIEWS.items()
    ]


def _place(
    name: str, label: str, icon: str, endpoint: str, count: int | None = None, warning: str = ""
) -> Place:
    return Place(name, label, icon, url_for(endpoint), count, False, warning)


def _failing(session: Any) -> str:
    failing = session.scalar(
        select(func.count()).select_from(Channel).where(Channel.failing_since.is_not(None))
    )
    return gettext("%(count)s failing", count=failing) if failing else ""
