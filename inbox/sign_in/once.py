"""The link that signs in once: printed by `postkorb init` and `postkorb demo`."""

from __future__ import annotations

from secrets import token_urlsafe

from flask import Flask
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.staff.agent import Agent
from inbox.request import KEY
from inbox.security import derived
from inbox.sign_in.account import Account

VALID_SECONDS = 24 * 60 * 60


def once_link(app: Flask, email: str) -> str:
    """An address that signs this agent in once, within a day; it replaces an earlier one.

    Raises LookupError where nobody of that address has an account.
    """
    inbox = app.extensions[KEY]
    with inbox.desk.writing() as session:
        account = session.scalar(
            select(Account).join(Agent).where(func.lower(Agent.email) == email.lower())
        )
        if account is None:
            raise LookupError(f"no account with the address {email}")
        account.once_nonce = token_urlsafe(24)
        token = _serializer(inbox.desk.secret).dumps([account.id, account.once_nonce])
    return f"{inbox.base_url}/sign-in/once/{token}"


def redeem(session: Session, secret: bytes, token: str) -> Account | None:
    """The account the link is for, which uses the link up; None when it works no more."""
    try:
        number, nonce = _serializer(secret).loads(token, max_age=VALID_SECONDS)
    except (BadData, ValueError):
        return None
    account = session.scalar(
        select(Account)
        .where(Account.id == number, Account.once_nonce == nonce)
        .with_for_update(of=Account)
    )
    if account is None or not account.agent.active:
        return None
    account.once_nonce = ""
    return account


def _serializer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(derived(secret, "sign-in-once"))
