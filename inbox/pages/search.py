"""Search: one box, the conversations that hold every word, newest first."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request

from crm.conversations.tray import rows_of
from crm.search.query import Hits, search
from inbox.request import by_htmx, current_agent, reading

pages = Blueprint("search", __name__)


@pages.get("/search")
def show() -> Any:
    """What was found for `q`; `before` continues an earlier answer."""
    query, before = request.args.get("q", "").strip(), request.args.get("before", "")
    session = reading()
    try:
        hits = search(session, query, before=before) if query else Hits([], "")
    except ValueError:
        abort(404)
    rows = rows_of(session, hits.conversation_ids, current_agent().id)
    template = "search/rows.html" if before and by_htmx() else "search/show.html"
    return render_template(template, query=query, rows=rows, more=hits.more, view="search")
