"""The throttle: after five failures an address waits, whether it has an account or not."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete
from sqlalchemy.orm import Session

from crm.base import now
from inbox.sign_in.account import SignInFailure

FREE = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)


def wait(session: Session, address: str) -> timedelta:
    """How long this address must still wait; zero when it may try."""
    row = session.get(SignInFailure, _key(address))
    if row is None or row.failures < FREE:
        return timedelta()
    pause = min(FIRST_WAIT * 2 ** min(row.failures - FREE, 10), LONGEST_WAIT)
    return max(row.last_at + pause - now(), timedelta())


def failed(session: Session, address: str) -> None:
    """Remember a failure; what is older than a day is forgotten."""
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < now() - FORGOTTEN_AFTER))
    row = session.get(SignInFailure, _key(address))
    if row is None:
        row = SignInFailure(address_sha256=_key(address), failures=0, last_at=now())
        session.add(row)
    row.failures += 1
    row.last_at = now()


def succeeded(session: Session, address: str) -> None:
    """The right password: a clean slate."""
    session.execute(delete(SignInFailure).where(SignInFailure.address_sha256 == _key(address)))


def _key(address: str) -> str:
    return sha256(address.strip().lower().encode()).hexdigest()
