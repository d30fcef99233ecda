"""Settings: an agent's language, zone, colours, signature and password; for administrators all agents."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask_babel import gettext, refresh
from flask_security import current_user
from sqlalchemy import select

from crm.conversations.reference import Seal
from crm.outgoing.signature import (
    LONGEST,
    VARIABLES,
    expand,
    signature_of,
    unknown,
    values_for,
)
from crm.staff.agent import Agent
from inbox.language import LANGUAGES, THEMES
from inbox.request import current_agent, desk, is_administrator, reading, writing
from inbox.sign_in.account import Account
from inbox.sign_in.accounts import SHORTEST_PASSWORD, set_password
from inbox.times import number
from inbox.toasts import say

pages = Blueprint("settings", __name__)


@pages.get("/settings")
def show(problem: str = "", too_long: str = "") -> str:
    """What the agent may choose; administrators see who else there is."""
    signature = request.form.get("signature", "") if too_long else current_agent().signature
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
        signature=signature,
        too_long=too_long,
        common=desk().signature,
        preview=_preview(signature_of(signature, desk().signature)),
        unknown=unknown(signature_of(signature, desk().signature)),
        variables=[f"{{{name}}}" for name in VARIABLES],
    )


def _preview(template: str) -> str:
    """The signature as a mail would end, with a customer and a reference as examples."""
    values = values_for(
        current_agent().name,
        desk().company,
        reference=Seal(desk().secret).reference(1042),
        customer="Anna Berg",
    )
    return expand(template, values)


@pages.post("/settings")
def save() -> Any:
    """Keep language, time zone and colours."""
    language, zone, theme = (request.form.get(name, "") for name in ("language", "zone", "theme"))
    if language not in LANGUAGES or zone not in available_timezones() or theme not in THEMES:
        abort(400)
    own = current_user.id
    with writing() as writer:
        account = writer.get_one(Account, own)
        account.agent.language, account.agent.time_zone = language, zone
        account.theme = theme
    refresh()
    say(gettext("Settings saved"))
    return redirect(url_for("settings.show"))


@pages.post("/settings/signature")
def sign() -> Any:
    """Keep what stands below the agent's mails; empty for the common one."""
    text = request.form.get("signature", "").replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        return show(too_long=gettext("At most %(count)s characters.", count=number(LONGEST))), 422
    agent = current_agent().id
    with writing() as writer:
        writer.get_one(Agent, agent).signature = text
    say(gettext("Signature saved"))
    return redirect(url_for("settings.show", _anchor="signature"))


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
    own = current_user.id
    with writing() as writer:
        account = writer.get_one(Account, own)
        set_password(account, new)
        session["_user_id"] = account.fs_uniquifier
    say(gettext("Password changed"))
    return redirect(url_for("settings.show"))
