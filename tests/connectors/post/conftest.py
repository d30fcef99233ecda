"""A scanner that lays scans with their text into a folder, and who we are."""

from __future__ import annotations

import io
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from connectors.post.scan_folder import ScanFolder
from crm.channels.contract import Batch, Incoming, Site

LETTERS = Path(__file__).parent / "letters"
LONG_AGO = 3600.0
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def a_picture(
    words: str = "", form: str = "PNG", pages: int = 1, size: tuple[int, int] = (620, 877)
) -> bytes:
    """A white page with these words on it; with different words, different bytes."""
    sheets = []
    for number in range(pages):
        sheet = Image.new("L", size, 255)
        ImageDraw.Draw(sheet).text((60, 60), f"{words} {number}", fill=0)
        sheets.append(sheet)
    target = io.BytesIO()
    more = {"save_all": True, "append_images": sheets[1:]} if form in ("TIFF", "PDF") else {}
    sheets[0].save(target, form, **more)
    return target.getvalue()


class Scanner:
    """What stands at the other end of the share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lays(
        self,
        name: str,
        content: bytes | None = None,
        text: str | bytes | None = None,
        age: float = LONG_AGO,
    ) -> Path:
        """A scan that has not changed for `age` seconds, and its text beside it if there is one."""
        scan = self.writes(name, a_picture(name) if content is None else content, age)
        if text is not None:
            words = text if isinstance(text, bytes) else text.encode()
            self.writes(f"{Path(name).stem}.txt", words, age)
        return scan

    def writes(self, name: str, content: bytes, age: float = LONG_AGO) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        self.ages(path, age)
        return path

    def ages(self, path: Path, seconds: float) -> None:
        then = time.time() - seconds
        os.utime(path, (then, then))

    def holds(self, folder: str = ".") -> list[str]:
        return sorted(path.name for path in (self.folder / folder).iterdir() if path.is_file())


@pytest.fixture
def scanner(tmp_path: Path) -> Scanner:
    (tmp_path / "scans").mkdir()
    return Scanner(tmp_path / "scans")


@pytest.fixture
def picture() -> Any:
    return a_picture


@pytest.fixture
def site() -> Site:
    company = {
        "company": "Lindgrün Fahrräder GmbH",
        "street": "Speicherweg 4–6",
        "postcode": "20457",
        "city": "Hamburg",
        "country": "DE",
        "phone": "040 66969-100",
        "email": "service@lindgruen.example",
    }
    return Site("Postkorb", "de", "DE", "Europe/Berlin", company)


@pytest.fixture
def post(scanner: Scanner, site: Site, tmp_path: Path) -> ScanFolder:
    (tmp_path / "out").mkdir()
    return ScanFolder(ScanFolder.Settings(folder=scanner.folder, out=tmp_path / "out"), site)


@pytest.fixture
def pulled(post: ScanFolder) -> Any:
    """Pull to the end, as a caller does who commits every batch."""

    def pull() -> list[Incoming]:
        batches: list[Batch] = list(post.pull({}, SINCE))
        return [letter for batch in batches for letter in batch.messages]

    return pull


@pytest.fixture
def letter_text() -> Any:
    return lambda name: (LETTERS / f"{name}.txt").read_text("utf-8")
