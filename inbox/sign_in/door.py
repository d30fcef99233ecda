"""The door: Flask-Security on our tables, closed to everybody who is not signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_security import Security, current_user, login_user
from flask_security.datastore import SQLAlchemySessionUserDatastore
from werkzeug.wrappers import Response as AnyResponse

from inbox.language import LANGUAGES
from inbox.request import KEY, by_htmx, desk, reading, writing
from inbox.security import derived
from inbox.sign_in.account import Account, Role
from inbox.sign_in.accounts import is_empty
from inbox.sign_in.form import SignInForm
from inbox.sign_in.once import redeem

PUBLIC = {"static", "security.login", "sign_in.once", "sign_in.speak"}

pages = Blueprint("sign_in", __name__)


def open_door(app: Flask) -> None:
    """Sign-in, sign-out, and a guard before every page that is not public."""
    inbox = app.extensions[KEY]
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},
        SECURITY_PASSWORD_SALT=derived(inbox.desk.secret, "password"),
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGIN_USER_TEMPLATE="sign_in/show.html",
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/sign-in",
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        REMEMBER_COOKIE_DURATION=timedelta(days=30),
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=app.config["SESSION_COOKIE_SECURE"],
        REMEMBER_COOKIE_NAME="postkorb_remember",
    )
    datastore = SQLAlchemySessionUserDatastore(inbox.sessions, Account, Role)
    security = Security(app, datastore, login_form=SignInForm)
    security.login_context_processor(_for_sign_in)
    app.register_blueprint(pages)
    app.before_request(_guard)


@pages.get("/sign-in/once/<token>")
def once(token: str) -> Any:
    """Sign in by a link that works once."""
    with writing() as writer:
        account = redeem(writer, desk().secret, token)
    if account is None:
        return render_template("sign_in/used.html", languages=LANGUAGES), 410
    login_user(reading().get_one(Account, account.id), authn_via=["once"])
    return redirect("/")


@pages.post("/sign-in/language")
def speak() -> AnyResponse:
    """The language of the sign-in page."""
    if request.form.get("language") in LANGUAGES:
        session["language"] = request.form["language"]
    return redirect(url_for("security.login"))


def _for_sign_in() -> dict[str, Any]:
    return {"languages": LANGUAGES, "is_empty": is_empty(reading())}


def _guard() -> AnyResponse | None:
    """Closed by default: a page is open only when it stands in PUBLIC."""
    if request.endpoint is None or request.endpoint in PUBLIC or current_user.is_authenticated:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    way_in = url_for("security.login", next=wanted)
    if by_htmx():
        return Response(status=401, headers={"HX-Redirect": url_for("security.login")})
    return redirect(way_in)
