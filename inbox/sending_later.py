"""Sending later: the times that are offered, and the one that a form chose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request
from flask_babel import gettext

from inbox.pages.snooze import chosen


@dataclass(frozen=True, slots=True)
class Due:
    """When it goes out: `at` None is at once; `wrong` says why the time chosen is none."""

    at: datetime | None = None
    wrong: str = ""


def due() -> Due:
    """What the form says: a time offered, one's own where it was asked for, or nothing."""
    until = request.form.get("due", "")
    if not until:
        return Due()
    own = request.form.get("due_at", "") if until == "own" else ""
    at = chosen("" if own or until == "own" else until, own)
    return Due(at) if at else Due(wrong=gettext("Not sent. Choose a time that is still to come."))
