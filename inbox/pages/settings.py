"""Settings: an agent's language, time zone, colours and password; the agents, for administrators."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask_babel import gettext, refresh
from flask_security import current_user
from sqlalchemy import select

from inbox.language import LANGUAGES, THEMES
from inbox.request import is_administrator, reading, writing
from inbox.sign_in.account import Account
from inbox.sign_in.accounts import SHORTEST_PASSWORD, set_password
from inbox.toasts import say

pages = Blueprint("settings", __name__)


@pages.get("/settings")
def show(problem: str = "") -> str:
    """What the agent may choose; administrators see who else there is."""
    accounts = reading().scalars(select(Account).order_by(Account.id)) if is_administrator() else ()
    return render_template(
        "settings/show.html",
        view="settings",
        account=current_user,
        languages=LANGUAGES,
        themes=THEMES,
        zones=sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"),
        accounts=list(accounts),
        shortest=SHORTEST_PASSWORD,
        problem=problem,
    )


@pages.post("/settings")
def save() -> Any:
    """Keep language, time zone and colours."""
    language, zone, theme = (request.form.get(name, "") for name in ("language", "zone", "theme"))
    if language not in LANGUAGES or zone not in available_timezones() or theme not in THEMES:
        abort(400)
    number = current_user.id
    with writing() as writer:
        account = writer.get_one(Account, number)
        account.agent.language, account.agent.time_zone = language, zone
        account.theme = theme
    refresh()
    say(gettext("Settings saved"))
    return redirect(url_for("settings.show"))


@pages.post("/settings/password")
def change_password() -> Any:
    """A new password, against the old one where there is one; other sessions end."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if current_user.password and not current_user.verify_and_update_password(old):
        return show(gettext("The present password is not right.")), 422
    if len(new) < SHORTEST_PASSWORD:
        return show(
            gettext(
                "The new password needs at least %(count)s characters.", count=SHORTEST_PASSWORD
            )
        ), 422
    number = current_user.id
    with writing() as writer:
        account = writer.get_one(Account, number)
        set_password(account, new)
        session["_user_id"] = account.fs_uniquifier
    say(gettext("Password changed"))
    return redirect(url_for("settings.show"))
