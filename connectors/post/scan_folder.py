"""A folder the scanner writes into, with the OCR text beside each scan; answers leave as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic.dataclasses import dataclass

from connectors.post.claims import Claim, Patience, ScanFolders
from connectors.post.incoming import ScanUnusable, read_scan
from connectors.post.letter import MAX_PAGES, compose
from connectors.post.outbox import Outbox
from connectors.settings import STRICT, LocalPath
from crm.channels.contract import (
    Batch,
    Cursor,
    Family,
    Incoming,
    Limits,
    Misconfigured,
    NotThere,
    Outgoing,
    Receipt,
    Rejected,
    Site,
    Temporary,
)

__all__ = ["ScanFolder"]

BATCH_LETTERS = 25
BATCH_BYTES = 8_000_000
MAX_SCAN_BYTES = 100_000_000
TOO_LARGE = (
    "This scan is larger than 100 MB. Scan the letter again in grey or black and white, or in "
    "parts, and put it back into the scan folder."
)

Lines = Annotated[tuple[str, ...], Field(strict=False)]
"""A list of texts; TOML has lists where we want what cannot change."""


@dataclass(frozen=True, config=STRICT)
class ScanFolderSettings:
    """The scanner's share, and where letters to be printed are put.

    `interval` is in seconds. `our_addresses` are further lines that mark us as the recipient,
    beside company and street of the [company] section: a PO box, a former name. A file counts as
    finished when it has not changed for `still_seconds`; a scan whose OCR text does not come within
    `text_wait_seconds` is taken without. Without `out` no letter can be sent.
    """

    folder: LocalPath = Field(examples=["scans"])
    our_addresses: Lines = ()
    out: LocalPath | None = None
    interval: Annotated[int, Field(ge=1)] = 30
    still_seconds: Annotated[int, Field(ge=0)] = 5
    text_wait_seconds: Annotated[int, Field(ge=0)] = 60


class ScanFolder:
    """Letters in from a scan folder, letters out as PDF. The folder itself is the cursor."""

    Settings: ClassVar[type[ScanFolderSettings]] = ScanFolderSettings
    family: ClassVar[Family] = Family.POST

    def __init__(self, settings: ScanFolderSettings, site: Site) -> None:
        self.settings, self.site = settings, site
        told = (
            site.company.get(key, "") for key in ("name", "company", "street", "phone", "email")
        )
        self.ours = (*settings.our_addresses, *filter(None, told))
        patience = Patience(settings.still_seconds, settings.text_wait_seconds)
        self.folders = ScanFolders(settings.folder, patience)

    def who_am_i(self) -> str:
        """The folder, resolved. Raises Misconfigured where it is missing."""
        folder = self.settings.folder
        if not folder.is_dir():
            raise Misconfigured(
                "The scan folder is missing.",
                str(folder),
                "Create it, or mount the scanner's share, or correct `folder` of this channel.",
            )
        return str(folder.resolve())

    def check(self) -> None:
        """Whether the folder of scans and the one for answers are there."""
        self.who_am_i()
        if self.settings.out is not None:
            Outbox(self.settings.out).check()

    def pull(self, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """Every finished scan, whatever its age; it goes to done/ once its batch is committed."""
        self.who_am_i()
        with _folder_troubles(self.settings.folder):
            self.folders.prepare()
            for group in self._groups():
                yield Batch(tuple(letter for _, letter in group), {})
                for claim, _ in group:
                    self.folders.finish(claim)

    def send(self, outgoing: Outgoing) -> Receipt:
        """Put the letter into the out-folder, whole or not at all; the same key makes one file."""
        if self.settings.out is None:
            raise Rejected(
                "This channel cannot send letters.",
                remedy="Name an `out` folder for this channel in config.toml.",
            )
        outbox = Outbox(self.settings.out)
        found = outbox.find(outgoing.key)
        if isinstance(found, Receipt):
            return found
        day = outgoing.at.astimezone(ZoneInfo(self.site.time_zone)).date()
        return outbox.put(day, outgoing, compose(outgoing, self.site))

    def find_sent(self, key: str, since: datetime) -> Receipt | NotThere:
        """Whether the out-folder has the letter with this key. Raises Temporary."""
        return Outbox(self.settings.out).find(key) if self.settings.out else NotThere()

    def limits(self) -> Limits:
        """A letter of so many pages, if there is an out-folder."""
        return Limits(can_send=self.settings.out is not None, length=MAX_PAGES, unit="pages")

    def _groups(self) -> Iterator[list[tuple[Claim, Incoming]]]:
        """The letters there are, as many together as a batch may hold."""
        group: list[tuple[Claim, Incoming]] = []
        for claim in self.folders.claims():
            letter = self._read(claim)
            if letter and group and _too_much([*(each for _, each in group), letter]):
                yield group
                group = []
            if letter:
                group.append((claim, letter))
        if group:
            yield group

    def _read(self, claim: Claim) -> Incoming | None:
        """The letter, or None where the file is no scan and now lies in failed/."""
        try:
            size = claim.scan.stat().st_size
            if size > MAX_SCAN_BYTES:
                raise ScanUnusable(TOO_LARGE)
            return read_scan(claim, self.ours, self.site.language)
        except ScanUnusable as error:
            self.folders.fail(claim, str(error))
        except PermissionError as error:
            self.folders.fail(claim, f"{error}. Make the file readable and put it back.")
        return None


def _too_much(letters: list[Incoming]) -> bool:
    size = sum(len(file.content) for letter in letters for file in letter.files)
    return len(letters) > BATCH_LETTERS or size > BATCH_BYTES


@contextmanager
def _folder_troubles(folder: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise Misconfigured(
            "The scan folder cannot be used.",
            f"{folder}: {error}",
            "Allow this program to write into the folder: it moves what it has read.",
        ) from error
    except OSError as error:
        raise Temporary("The scan folder cannot be read.", f"{folder}: {error}") from error
