"""The out-folder: letters as PDF, each there once and whole, waiting to be printed."""

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
    """A folder from which somebody prints; it is asked only for letters that may be in it."""

    folder: Path

    def put(self, day: date, outgoing: Outgoing, pdf: bytes) -> Receipt:
        """Write the letter under its final name in one step. Raises Temporary."""
        reference = re.sub(r"[^\w-]", "", outgoing.reference)
        name = "-".join(filter(None, (day.isoformat(), reference, _mark(outgoing.key)))) + ".pdf"
        half = self.folder / f".{name}.part"
        try:
            with half.open("wb") as file:
                file.write(pdf)
                file.flush()
                os.fsync(file.fileno())
            half.rename(self.folder / name)
        except OSError as error:
            words = f"{self.folder}: {error.strerror}"
            raise Temporary("The letter could not be written.", words, REMEDY) from error
        return _receipt(self.folder / name)

    def find(self, key: str) -> Receipt | NotThere:
        """The letter with this key, whatever day it was written. Raises Temporary."""
        try:
            if not self.folder.is_dir():
                raise Temporary("The out-folder is missing.", str(self.folder), REMEDY)
            there = sorted(self.folder.glob(f"[0-9]*-{_mark(key)}.pdf"))
            return _receipt(there[0]) if there else NotThere()
        except OSError as error:
            words = f"{self.folder}: {error.strerror}"
            raise Temporary("The out-folder cannot be read.", words, REMEDY) from error


def _mark(key: str) -> str:
    """The key as part of a file name: two letters of one conversation and day are two files."""
    return hashlib.sha256(key.encode()).hexdigest()[:10]


def _receipt(letter: Path) -> Receipt:
    written = datetime.fromtimestamp(letter.stat().st_mtime, UTC)
    return Receipt(written, letter.name, words=f"laid ready for printing as {letter.name}")
