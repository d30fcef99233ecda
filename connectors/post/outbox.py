"""The out-folder: letters as PDF, each laid there once and whole, to be printed and taken away."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from crm.channels.contract import NotThere, Outgoing, Receipt, Temporary

__all__ = ["Outbox"]

REMEDY = "Check that the out-folder exists, is mounted, writable and not full."


@dataclass(frozen=True, slots=True)
class Outbox:
    """A folder from which somebody prints and takes away, at any moment.

    In its `.sent/` the letter is made ready as MARK.pdf; then MARK is written, which holds the
    letter's name for ever; then the letter moves out. So MARK without MARK.pdf means that it was
    laid out, whether or not it still lies there, and a letter is never printed twice.
    """

    folder: Path

    @property
    def sent(self) -> Path:
        return self.folder / ".sent"

    def put(self, day: date, outgoing: Outgoing, pdf: bytes) -> Receipt:
        """Lay the letter out in one step. Raises Temporary."""
        reference = re.sub(r"[^\w-]", "", outgoing.reference)
        mark = _mark(outgoing.key)
        name = "-".join(filter(None, (day.isoformat(), reference, mark))) + ".pdf"
        try:
            self.sent.mkdir(exist_ok=True)
            _write(self.sent / f"{mark}.pdf", pdf)
            _write(self.sent / mark, name.encode())
            (self.sent / f"{mark}.pdf").rename(self.folder / name)
            return _receipt(self.sent / mark)
        except OSError as error:
            words = f"{self.folder}: {error.strerror}"
            raise Temporary("The letter could not be written.", words, REMEDY) from error

    def find(self, key: str) -> Receipt | NotThere:
        """Whether the letter with this key was laid out. Raises Temporary."""
        mark = self.sent / _mark(key)
        try:
            self.check()
            moved_out = mark.exists() and not mark.with_name(f"{mark.name}.pdf").exists()
            return _receipt(mark) if moved_out else NotThere()
        except OSError as error:
            words = f"{self.folder}: {error.strerror}"
            raise Temporary("The out-folder cannot be read.", words, REMEDY) from error

    def check(self) -> None:
        """Whether letters can be laid out. Raises Temporary."""
        if not self.folder.is_dir():
            raise Temporary("The out-folder is missing.", str(self.folder), REMEDY)
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise Temporary("The letter could not be written.", str(self.folder), REMEDY)


def _mark(key: str) -> str:
    """The key as part of a file name: two letters of one conversation and day are two files."""
    return hashlib.sha256(key.encode()).hexdigest()[:10]


def _write(path: Path, content: bytes) -> None:
    """Whole and on the disk, or not at all."""
    half = path.with_name(f"{path.name}.part")
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)


def _receipt(mark: Path) -> Receipt:
    written = datetime.fromtimestamp(mark.stat().st_mtime, UTC)
    name = mark.read_text("utf-8")
    return Receipt(written, name, words=f"laid ready for printing as {name}")
