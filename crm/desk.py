"""What lies on the desk of every act: the database, the data folder, the secret, the house's rules."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.database import sessions, transaction


@dataclass(frozen=True)
class Desk:
    """`folder` is the data folder: blobs/ and locks/ lie in it. Times are in the unit named.

    `host` names this installation in Message-IDs. `signature` stands below the mails of agents
    who have none of their own; `company` has the keys of contract.Site.
    """

    engine: Engine
    folder: Path
    secret: bytes
    undo_seconds: int = 10
    new_conversation_after_days: int = 30
    language: str = "de"
    country: str = "DE"
    host: str = "localhost"
    signature: str = ""
    company: Mapping[str, str] = field(default_factory=dict)

    @property
    def blobs(self) -> Path:
        return self.folder / "blobs"

    @property
    def locks(self) -> Path:
        return self.folder / "locks"

    def reading(self) -> Session:
        """A session that only reads; use it as a context manager."""
        return sessions(self.engine)()

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction that writes: committed at the end, rolled back on an exception."""
        return transaction(self.engine)
