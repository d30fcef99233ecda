"""Snoozing: the times that are offered, in the agent's zone, and the act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm.base import now
from crm.conversations.snoozing import snooze
from inbox import toasts
from inbox.acting import conversation, following, go_on, stay, working_view
from inbox.request import current_agent, writing
from inbox.times import moment

pages = Blueprint("snooze", __name__)

MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Offer:
    """A time that one click chooses; `until` is in UTC."""

    label: Any
    until: datetime


@pages.post("/conversations/<int:number>/snooze")
def create(number: int) -> Response:
    """Put it back until the time chosen; a time that is over changes nothing and says so."""
    until = chosen(request.form.get("until", ""), request.form.get("at", ""))
    if until is None:
        toasts.warn(gettext("Not snoozed. Choose a time that is still to come."))
        return stay(number)
    with writing() as session:
        comes_next = following(session, number)
        snooze(
            session,
            conversation(session, number),
            until,
            by=current_agent().id,
            wake_on_reply="regardless" not in request.form,
        )
    undo = url_for("closure.undo", number=number, view=working_view().value)
    toasts.say(gettext("Snoozed until %(time)s", time=moment(until)), undo=undo)
    return go_on(comes_next)


def offers(at: datetime | None = None) -> list[Offer]:
    """Later today (while there is an evening left), tomorrow morning, Monday, in a week."""
    local = (at or now()).astimezone(_zone())
    found = [
        Offer(gettext("Tomorrow"), _morning(local, 1)),
        Offer(gettext("Monday"), _morning(local, 7 - local.weekday())),
        Offer(gettext("In a week"), _morning(local, 7)),
    ]
    if local.hour < 18:
        later = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=3)
        found.insert(0, Offer(gettext("Later today"), later.astimezone(UTC)))
    times = [offer.until for offer in found]
    return [offer for place, offer in enumerate(found) if offer.until not in times[:place]]


def chosen(until: str, at: str) -> datetime | None:
    """The UTC time of a form: `until` with its zone, or `at` as a local date and time."""
    try:
        found = datetime.fromisoformat(until or at)
        found = found if found.tzinfo else found.replace(tzinfo=_zone())
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found > now() else None


def _morning(local: datetime, days: int) -> datetime:
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, MORNING, local.tzinfo).astimezone(UTC)


def _zone() -> ZoneInfo:
    return ZoneInfo(current_agent().time_zone)
