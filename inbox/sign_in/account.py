"""The account: how an agent signs in. Name, address and language are the agent's own.

All tables of signing in stand here, so that whoever imports the account has them all.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, String, Table, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from crm.base import Base, Id, primary_key
from crm.staff.agent import Agent

ADMINISTRATOR = "administrator"
AGENT = "agent"

roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True),
    Column("role_id", Id, ForeignKey("role.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    __tablename__ = "role"

    id: Mapped[int] = primary_key()
    name: Mapped[str] = mapped_column(String(80), unique=True)

    if TYPE_CHECKING:
        permissions: list[str] | None


class Account(Base, UserMixin):
    """`fs_uniquifier` stands in the session cookie; a new one signs out everywhere.

    password     argon2, None where only a link signs in
    once_nonce   the sign-in link that still works, "" when it was used
    theme        "auto", "light" or "dark"
    """

    __tablename__ = "account"

    id: Mapped[int] = primary_key()
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    once_nonce: Mapped[str] = mapped_column(String(64), default="")
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    created_at: Mapped[datetime]

    agent: Mapped[Agent] = relationship(lazy="joined", innerjoin=True)
    roles: Mapped[list[Role]] = relationship(secondary=roles_users)  # type: ignore[assignment]
    email: Mapped[str] = column_property(
        select(Agent.email).where(Agent.id == agent_id).correlate_except(Agent).scalar_subquery()
    )
    active: Mapped[bool] = column_property(
        select(Agent.active).where(Agent.id == agent_id).correlate_except(Agent).scalar_subquery()
    )


class SignInFailure(Base):
    """How often signing in failed in a row; the address is kept as its hash (see throttle)."""

    __tablename__ = "sign_in_failure"

    address_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
