"""The scan folder's house-keeping: what is finished, work/, done/ and failed/. Nothing is deleted.

A scan is claimed by renaming it, so that no second pull and no later write meets it; its text
follows as SCAN.txt. Whatever a killed run left in work/ is found there by the next.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from connectors.post.words import words_beside

__all__ = ["Claim", "Patience", "ScanFolders"]

SCANS = {".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg"}
GIVE_UP_SECONDS = 600
"""After so long without a change a PDF without its end is taken as it is: it will not grow."""
TAIL_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds without a change until a file counts as finished, and until a text is not awaited."""

    still: float
    text: float


@dataclass(frozen=True, slots=True)
class Claim:
    """A scan in work/, under the name it came with and the one it has there; `words` its text."""

    name: str
    scan: Path
    words: Path | None


class ScanFolders:
    """One scan folder with its work/, done/ and failed/."""

    def __init__(self, folder: Path, patience: Patience) -> None:
        self.folder, self.patience = folder, patience
        self.work, self.done, self.failed = (folder / name for name in ("work", "done", "failed"))

    def prepare(self) -> None:
        """Make the three folders. Raises OSError."""
        for folder in (self.work, self.done, self.failed):
            folder.mkdir(exist_ok=True)

    def claims(self) -> Iterator[Claim]:
        """What a killed run left behind, then every finished scan, oldest first. Raises OSError."""
        left = sorted(path for path in self.work.iterdir() if _is_scan(path))
        waiting = sorted(
            (path for path in self.folder.iterdir() if _is_scan(path)), key=_changed_and_name
        )
        for scan in left:
            yield Claim(scan.name, scan, self._fetch_words(scan.name, scan))
        for path in waiting:
            claimed = self._claim(path) if self._is_ready(path) else None
            if claimed:
                yield claimed

    def finish(self, claim: Claim) -> None:
        """Its message is stored: to done/."""
        _move(claim, self.done)

    def fail(self, claim: Claim, reason: str) -> None:
        """To failed/, with the reason beside it. Raises OSError."""
        moved = _move(claim, self.failed)
        moved.with_name(f"{moved.name}.reason.txt").write_text(reason + "\n", "utf-8")

    def _is_ready(self, scan: Path) -> bool:
        """Whether nobody writes scan or text any more, and no text is to be awaited."""
        try:
            quiet = _quiet_seconds(scan)
            words = words_beside(scan)
            if quiet < self.patience.still or not _is_whole(scan, quiet, self.patience):
                return False
            if words is None:
                return quiet >= self.patience.text
            wait = self.patience.still if words.stat().st_size else self.patience.text
            return _quiet_seconds(words) >= wait
        except FileNotFoundError:
            return False

    def _claim(self, scan: Path) -> Claim | None:
        words = words_beside(scan)
        mine = _free(self.work, scan.name)
        try:
            scan.rename(mine)
        except FileNotFoundError:
            return None
        return Claim(scan.name, mine, _rename_words(words, mine))

    def _fetch_words(self, name: str, scan: Path) -> Path | None:
        """The text of a scan in work/; a run killed between the two renames left it outside."""
        beside = scan.with_name(f"{scan.name}.txt")
        if beside.exists():
            return beside
        outside = self.folder / name
        return None if outside.exists() else _rename_words(words_beside(outside), scan)


def _is_scan(path: Path) -> bool:
    return path.suffix.lower() in SCANS and not path.name.startswith(".") and path.is_file()


def _is_whole(scan: Path, quiet: float, patience: Patience) -> bool:
    """An empty file may yet be filled, a PDF without its end may yet get it."""
    size = scan.stat().st_size
    if not size:
        return quiet >= patience.text
    if scan.suffix.lower() != ".pdf" or quiet >= GIVE_UP_SECONDS:
        return True
    with scan.open("rb") as file:
        is_pdf = file.read(5) == b"%PDF-"
        file.seek(max(0, size - TAIL_BYTES))
        return not is_pdf or b"%%EOF" in file.read()


def _quiet_seconds(path: Path) -> float:
    """Since its last change; a clock that runs ahead on the share does not hold it for ever."""
    return abs(time.time() - path.stat().st_mtime)


def _changed_and_name(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except FileNotFoundError:
        return 0.0, path.name


def _rename_words(words: Path | None, scan: Path) -> Path | None:
    if words is None:
        return None
    beside = scan.with_name(f"{scan.name}.txt")
    with suppress(FileNotFoundError):
        words.rename(beside)
        return beside
    return None


def _move(claim: Claim, folder: Path) -> Path:
    """Scan and text under a name that is free there; the text first, as only scans are taken up."""
    target = _free(folder, claim.name)
    if claim.words:
        with suppress(FileNotFoundError):
            claim.words.rename(target.with_name(f"{target.name}.txt"))
    with suppress(FileNotFoundError):
        claim.scan.rename(target)
    return target


def _free(folder: Path, name: str) -> Path:
    """The name, or with a number the first that neither scan nor text has there."""
    path, number = folder / name, 1
    while path.exists() or path.with_name(f"{path.name}.txt").exists():
        number += 1
        path = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    return path
