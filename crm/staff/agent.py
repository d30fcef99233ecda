"""An agent: somebody who reads the tray and answers."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base, primary_key


class Agent(Base):
    """A person of ours. How they sign in is the inbox's affair.

    `signature` stands below their mails, with variables such as {agent}; "" for the common one.
    """

    __tablename__ = "agent"

    id: Mapped[int] = primary_key()
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320), unique=True)
    language: Mapped[str] = mapped_column(String(8), default="de")
    time_zone: Mapped[str] = mapped_column(String(64), default="Europe/Berlin")
    active: Mapped[bool] = mapped_column(default=True)
    signature: Mapped[str] = mapped_column(Text, default="")
