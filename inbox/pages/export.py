"""Export: contacts and activities as CSV, streamed, for administrators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort

from crm.base import now
from crm.desk import Desk
from crm.export import activities, contacts
from crm.export.safe_csv import encode
from inbox.request import current_agent, desk, is_administrator

pages = Blueprint("export", __name__)


@pages.get("/export/contacts.csv")
def contacts_csv() -> Response:
    """One row per person, with the ids merged into it."""
    return _csv("contacts", contacts.HEADER, contacts.rows)


@pages.get("/export/activities.csv")
def activities_csv() -> Response:
    """One row per conversation."""
    return _csv("activities", activities.HEADER, activities.rows)


def _csv(name: str, header: Sequence[str], rows: Callable[..., Any]) -> Response:
    """The lines as they come, times in the agent's zone; the file's name says when."""
    if not is_administrator():
        abort(403)
    zone = ZoneInfo(current_agent().time_zone)
    response = Response(_lines(desk(), header, rows, zone), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{now():%Y-%m-%d}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _lines(
    on: Desk, header: Sequence[str], rows: Callable[..., Any], zone: ZoneInfo
) -> Iterator[bytes]:
    """Read in a session of its own, which lives as long as the download."""
    with on.reading() as session:
        yield from encode(header, rows(session, zone))
