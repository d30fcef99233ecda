"""The letters of the story as scans with the text an OCR reads in them, into a scan folder."""

from __future__ import annotations

import io
import json
import os
import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageFilter, ImageOps

from connectors.post.dates import write_date
from postkorb.demo import story
from postkorb.demo.papers import grained, typeset

DOTS_PER_INCH = 130
FORMATS = {"pdf": "PDF", "jpg": "JPEG", "png": "PNG", "tif": "TIFF"}
PAPER = (250, 247, 240)
"""The colour of a white sheet on an old scanner."""


def lay_out(folder: Path, now: datetime) -> None:
    """Every letter as a scan and its text beside it, received when the story says."""
    folder.mkdir(parents=True, exist_ok=True)
    for letter in story.letters():
        pages = pypdfium2.PdfDocument(typeset("letter.typ", letter=json.dumps(_sheet(letter, now))))
        scan = folder / f"{letter.id}.{letter.file}"
        scan.write_bytes(_scanned([_page_picture(page, letter) for page in pages], letter.file))
        words = scan.with_suffix(".txt")
        words.write_text(_misread("\f".join(_words(page) for page in pages), letter), "utf-8")
        received = (now - letter.ago).timestamp()
        for path in (scan, words):
            os.utime(path, (received, received))


def _sheet(letter: story.Letter, now: datetime) -> dict[str, object]:
    """What stands on the paper."""
    firm = story.firm()
    german = letter.language == "de"
    reached = [f"{'Tel.' if german else 'Tel:'} {letter.phone}", letter.email]
    customer = f"Kundennummer {letter.customer_number}" if letter.customer_number else ""
    written = (now - timedelta(letter.date)).date()
    town = re.sub(r"^\d{5} | [A-Z]{2}\d\d .*$", "", letter.town)
    return {
        "style": letter.style,
        "language": letter.language,
        "head": [
            line
            for line in (letter.company or letter.name, letter.street, letter.town, *reached, customer)
            if line
        ],
        "recipient": [
            firm["company"], firm["street"], f"{firm['postcode']} {firm['city']}",
            *([] if german else ["Germany"]),
        ],
        "date": f"{town}, {write_date(written, letter.language)}",
        "stamp": f"{now - letter.ago:%d.%m.%Y}" if letter.stamped else "",
        "subject": letter.subject,
        "salutation": letter.salutation,
        "paragraphs": letter.body.split("\n\n"),
        "closing": letter.closing,
        "signature": _signature(letter.name),
        "signed": letter.name,
        "enclosure": letter.enclosure,
    }  # fmt: skip


def _signature(name: str) -> list[tuple[float, float]]:
    """The points of a flourish, in millimetres, always the same for the same name."""
    chance = random.Random(name)
    points = [(0.0, 11.0), (5.0, chance.uniform(-3, 1)), (7.0, 12.0), (9.5, chance.uniform(3, 6))]
    for number in range(len(name) // 2):
        low = number % 2 == 0
        far = chance.random() < 0.25
        y = (15 if low else -1) if far else chance.uniform(8, 10) if low else chance.uniform(4, 7)
        points.append((points[-1][0] + chance.uniform(1.2, 3.6), y))
    return [*points, (points[-1][0] + chance.uniform(8, 20), chance.uniform(5, 8))]


def _page_picture(page: pypdfium2.PdfPage, letter: story.Letter) -> Image.Image:
    """The page as a scanner sees it: tinted paper, a little turned, a little unsharp, with grain."""
    clean = page.render(scale=DOTS_PER_INCH / 72).to_pil().convert("RGB")
    sheet = ImageChops.multiply(clean, Image.new("RGB", clean.size, PAPER))
    turned = sheet.rotate(letter.turned, Image.Resampling.BICUBIC, fillcolor=(226, 222, 214))
    return grained(turned.filter(ImageFilter.GaussianBlur(0.5)), 7, letter.id)


def _scanned(pictures: list[Image.Image], ending: str) -> bytes:
    """The pages in one file; those of one page may be JPEG or PNG."""
    written = io.BytesIO()
    first, *others = pictures
    form = FORMATS[ending]
    match form:
        case "PDF":
            first.save(written, form, save_all=True, append_images=others, resolution=DOTS_PER_INCH)
        case "TIFF":
            first.save(written, form, save_all=True, append_images=others, compression="jpeg")
        case "PNG":
            ImageOps.posterize(first.convert("L"), 4).save(written, form, optimize=True)
        case _:
            first.save(written, form, quality=70, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    return written.getvalue()


def _words(page: pypdfium2.PdfPage) -> str:
    """The page's lines, blocks apart by an empty line, as an OCR writes them."""
    lines = list(_lines(page))
    pitches = [above - top for (above, _), (top, _) in pairwise(lines)]
    usual = min((pitch for pitch in pitches if pitch > 5), default=0)
    written = [lines[0][1]]
    for pitch, (_, line) in zip(pitches, lines[1:], strict=True):
        written += ["", line] if pitch > 1.3 * usual else [line]
    return "\n".join(written) + "\n"


def _lines(page: pypdfium2.PdfPage) -> Iterator[tuple[float, str]]:
    """Each line of the page: its upper edge in points from below, and its words."""
    text = page.get_textpage()
    start = 0
    for line in text.get_text_range().split("\r\n"):
        if line.strip():
            top = text.get_charbox(start, loose=True)[3]
            yield top, " ".join(line.split())
        start += len(line) + 2


def _misread(text: str, letter: story.Letter) -> str:
    """The text with the letter's slips, as an OCR makes them."""
    for right, read in letter.slips:
        text = text.replace(right, read, 1)
    return text
