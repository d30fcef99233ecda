"""Bytes, stored once by their SHA-256 in a folder of files."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm.base import Base, now
from crm.database import insert


class Blob(Base):
    """That these bytes are kept; they themselves lie in the folder."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    stored_at: Mapped[datetime]


def sha256(content: bytes) -> str:
    """The name of these bytes: 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def path_of(folder: Path, name: str) -> Path:
    """Where a blob lies: among 256 folders, so that none holds too many."""
    return folder / name[:2] / name


def keep(session: Session, sizes: Mapping[str, int]) -> None:
    """The rows of blobs that lie in the folder; one that is there stays."""
    if sizes:
        session.connection().execute(
            insert(session, Blob).on_conflict_do_nothing(),
            [{"sha256": name, "size": size, "stored_at": now()} for name, size in sizes.items()],
        )


class BlobWriter:
    """Writes the blobs of a batch; `sync` brings all of them to the disk at once.

    The database row follows in the batch's transaction, so that a row never lacks its file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unsynced: list[Path] = []

    def write(self, content: bytes) -> str:
        """Keep these bytes; returns their SHA-256. What is there already is left alone."""
        name = sha256(content)
        path = path_of(self._folder, name)
        if not path.exists():
            unfinished = path.with_name(f".{name}-{os.getpid()}-{threading.get_ident()}")
            try:
                unfinished.write_bytes(content)
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True)
                unfinished.write_bytes(content)
            unfinished.replace(path)
            self._unsynced.append(path)
        return name

    def sync(self) -> None:
        """Have all written files reach the disk."""
        for path in _with_folders(self._unsynced):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        self._unsynced.clear()


def _with_folders(paths: Iterable[Path]) -> list[Path]:
    files = list(paths)
    return files + sorted({path.parent for path in files})
