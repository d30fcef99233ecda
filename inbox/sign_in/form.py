"""The sign-in form: one neutral sentence for every wrong pair, a waiting time after five."""

from __future__ import annotations

from math import ceil
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_security.forms import Form, NextFormMixin
from sqlalchemy import func, select
from wtforms import BooleanField, PasswordField, StringField

from crm.staff.agent import Agent
from inbox.request import reading, writing
from inbox.sign_in import throttle
from inbox.sign_in.account import Account
from inbox.sign_in.accounts import hashed


class SignInForm(Form, NextFormMixin):
    """Takes the place of Flask-Security's own; it sets `user` when the pair is right."""

    email = StringField(lazy_gettext("E-mail address"))
    password = PasswordField(lazy_gettext("Password"))
    remember = BooleanField(lazy_gettext("Stay signed in"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = self.next.data or request.args.get("next", "")
        self.user: Account | None = None
        self.requires_confirmation = False
        self.user_authenticated = False

    def validate(self, **kwargs: Any) -> bool:
        if not super().validate(**kwargs):
            return False
        address = (self.email.data or "").strip()
        pause = throttle.wait(reading(), address)
        if pause:
            return self._refuse(
                gettext(
                    "Too many attempts. Next one in %(count)s s.", count=ceil(pause.total_seconds())
                )
            )
        account = _account(address)
        if not _is_right(account, self.password.data or ""):
            with writing() as session:
                throttle.failed(session, address)
            return self._refuse(gettext("The address or the password is not right."))
        with writing() as session:
            throttle.succeeded(session, address)
        self.user = account
        self.user_authenticated = True
        return True

    def _refuse(self, words: str) -> bool:
        self.form_errors.append(words)
        return False


def _account(address: str) -> Account | None:
    return reading().scalar(
        select(Account)
        .join(Agent)
        .where(func.lower(Agent.email) == address.lower(), Agent.active.is_(True))
    )


def _is_right(account: Account | None, password: str) -> bool:
    """Takes as long for an unknown address as for a wrong password."""
    if account is None or account.password is None:
        hashed(password)
        return False
    return bool(account.verify_and_update_password(password))
