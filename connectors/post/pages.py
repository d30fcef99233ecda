"""What a scan looks like: its pages as pictures, drawn in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.channels.contract import File, FileUse

__all__ = ["Pages", "media_type", "page_pictures"]

SECONDS = 30
"""How long one scan may take; longer means that it would hang the pull."""

DRAWING = Path(__file__).with_name("drawing.py")
MEDIA_TYPES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
)


@dataclass(frozen=True, slots=True)
class Pages:
    """A scan as it can be shown.

    `count` is how many pages it has, which may be more than were drawn; `text` the PDF's own text
    layer, pages apart by form feeds; `fault` says why nothing, or not all, could be drawn.
    """

    pictures: tuple[File, ...] = ()
    count: int = 0
    text: str = ""
    fault: str = ""

    @property
    def flags(self) -> tuple[str, ...]:
        """ "unreadable_scan", "pages_missing" where only the first pages are shown."""
        if not self.pictures:
            return ("unreadable_scan",)
        return ("pages_missing",) if self.fault or len(self.pictures) < self.count else ()


def media_type(content: bytes) -> str:
    """What the bytes are, whatever the name says: PDF, TIFF, PNG, JPEG; "" for anything else."""
    if b"%PDF-" in content[:1024]:
        return "application/pdf"
    return next((kind for magic, kind in MEDIA_TYPES if content.startswith(magic)), "")


def page_pictures(name: str, content: bytes) -> Pages:
    """Each page as a JPEG about 1240 px wide, at most 20 of them.

    Never raises for what is in the scan: what cannot be drawn within 30 s and 1 GB is a fault.
    """
    with tempfile.TemporaryDirectory(prefix="postkorb-pages-") as place:
        folder = Path(place)
        scan = folder / "scan"
        scan.write_bytes(content)
        fault = _draw(scan, folder)
        told = _told(folder)
        return Pages(
            pictures=_pictures(folder, Path(name).stem),
            count=told.get("pages", 0),
            text=_words(folder),
            fault=told.get("fault", "") or fault,
        )


def _draw(scan: Path, folder: Path) -> str:
    """Run the child; what ended it early, or ""."""
    # -I: neither the folder of this file nor the environment decides what the child imports.
    command = [sys.executable, "-I", str(DRAWING), str(scan), str(folder)]
    try:
        done = subprocess.run(
            command,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"took longer than {SECONDS} seconds"
    return "" if done.returncode == 0 else f"the decoder ended with {done.returncode}"


def _told(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / "pages.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _pictures(folder: Path, stem: str) -> tuple[File, ...]:
    paths = sorted(folder.glob("page-*.jpg"), key=lambda path: int(path.stem.split("-")[1]))
    return tuple(
        File(f"{stem}-{number}.jpg", "image/jpeg", path.read_bytes(), FileUse.PAGE)
        for number, path in enumerate(paths, 1)
    )


def _words(folder: Path) -> str:
    try:
        text = (folder / "words.txt").read_text("utf-8", errors="replace")
    except OSError:
        return ""
    return text if text.strip() else ""
