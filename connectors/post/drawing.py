"""The child process that draws a scan's pages and reads its text layer.

Runs alone, as a script: `python -I drawing.py SCAN FOLDER`. Whatever a scan does to the decoders, it
does to this process only, which holds itself to limits of memory and time. Writes page-1.jpg ...
and words.txt into FOLDER, and last pages.json: {"pages": how many the scan has, "drawn": how many
were drawn, "fault": why the rest was not, or ""}.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps, ImageSequence

WIDTH = 1240
"""Pixels: A4 at 150 dpi, enough to read on a screen."""

MAX_PAGES = 20
MAX_HEIGHT = 4 * WIDTH
MAX_WORDS = 200_000
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 30


def main(scan: Path, folder: Path) -> None:
    """Draw what can be drawn; pages.json tells how far it came."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    pages = drawn = 0
    fault = ""
    try:
        with scan.open("rb") as file:
            is_pdf = b"%PDF-" in file.read(1024)
        for picture, words, count in pdf_pages(scan) if is_pdf else image_pages(scan):
            pages, drawn = count, drawn + 1
            picture.save(folder / f"page-{drawn}.jpg", quality=82, optimize=True)
            with (folder / "words.txt").open("a", encoding="utf-8", errors="replace") as file:
                file.write(words[:MAX_WORDS] + "\f")
    except Exception as error:
        # Decoders fail in many ways; all of them mean that this scan cannot be shown.
        fault = f"{type(error).__name__}: {error}".replace(str(scan), "the scan")[:300]
    told = {"pages": pages, "drawn": drawn, "fault": fault}
    (folder / "pages.json").write_text(json.dumps(told), "utf-8")


def pdf_pages(scan: Path) -> Iterator[tuple[Image.Image, str, int]]:
    """Picture and text layer of each page, and how many pages there are."""
    with pypdfium2.PdfDocument(scan) as document:
        for number in range(min(len(document), MAX_PAGES)):
            page = document[number]
            width, height = page.get_size()
            scale = min(WIDTH / max(width, 1), MAX_HEIGHT / max(height, 1))
            picture = page.render(scale=scale, may_draw_forms=False).to_pil()
            yield fitted(picture), page.get_textpage().get_text_range(), len(document)


def image_pages(scan: Path) -> Iterator[tuple[Image.Image, str, int]]:
    """Each frame of a TIFF, PNG or JPEG, turned as its EXIF says."""
    with Image.open(scan, formats=("TIFF", "PNG", "JPEG")) as image:
        frames = getattr(image, "n_frames", 1)
        for number, frame in enumerate(ImageSequence.Iterator(image), 1):
            yield fitted(ImageOps.exif_transpose(frame)), "", frames
            if number == MAX_PAGES:
                break


def fitted(picture: Image.Image) -> Image.Image:
    """As JPEG can hold it, no larger than shown; grey stays grey."""
    grey = picture.mode in ("1", "L", "LA", "I;16", "I", "F")
    picture = picture.convert("L" if grey else "RGB")
    picture.thumbnail((WIDTH, MAX_HEIGHT), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return picture


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
