"""Making accounts: the agent, the password, the role."""

from __future__ import annotations

from uuid import uuid4

from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.base import now
from crm.history.record import record
from crm.staff.agent import Agent
from inbox.sign_in.account import Account, Role

SHORTEST_PASSWORD = 10


def create_account(
    session: Session, name: str, email: str, password: str | None, role: str, language: str = "de"
) -> Account:
    """An account for an agent (made where there is none of that address).

    Without a password only a link of `once_link` signs in. Raises ValueError where the address
    has an account already.
    """
    agent = session.scalar(select(Agent).where(func.lower(Agent.email) == email.strip().lower()))
    if agent is None:
        agent = Agent(name=name, email=email.strip(), language=language)
        session.add(agent)
        session.flush()
    elif session.scalar(select(Account.id).where(Account.agent_id == agent.id)):
        raise ValueError(f"{agent.email} has an account already")
    account = Account(
        agent_id=agent.id,
        agent=agent,
        password=hashed(password) if password else None,
        fs_uniquifier=uuid4().hex,
        created_at=now(),
        roles=[_role(session, role)],
    )
    session.add(account)
    session.flush()
    record(session, "account.created", ("agent", agent.id), role=role)
    return account


def set_password(account: Account, password: str) -> None:
    """A new password; every other session of the account ends."""
    account.password = hashed(password)
    account.fs_uniquifier = uuid4().hex


def hashed(password: str) -> str:
    """The password as it is kept (argon2id)."""
    return PasswordHasher().hash(password)


def is_empty(session: Session) -> bool:
    """Whether nobody can sign in yet."""
    return session.scalar(select(Account.id).limit(1)) is None


def _role(session: Session, name: str) -> Role:
    role = session.scalar(select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name)
        session.add(role)
    return role
