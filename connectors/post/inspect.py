"""How one scan would be read, as JSON: `postkorb inspect PATH --kind letter`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connectors.post.letterhead import Letter, read_letter
from connectors.post.pages import media_type, page_pictures
from connectors.post.words import read_words, words_beside

__all__ = ["inspect_letter"]


def inspect_letter(path: Path, our_addresses: Sequence[str] = ()) -> dict[str, Any]:
    """One scan and the text beside it: path, pages, seconds, error, fields (each with value,
    confidence, page, box). Raises nothing: what cannot be read stands in `error`.
    """
    started = time.monotonic()
    read: dict[str, Any] = {"path": str(path), "pages": 0, "error": None, "fields": {}}
    try:
        content = path.read_bytes()
        beside = words_beside(path)
        text = read_words(beside.read_bytes()).text if beside else ""
    except OSError as error:
        return read | {"error": str(error), "seconds": round(time.monotonic() - started, 3)}
    if not media_type(content):
        read["error"] = "empty" if not content else "neither PDF nor TIFF, PNG or JPEG"
    else:
        pages = page_pictures(path.name, content)
        read |= {"pages": pages.count, "error": pages.fault or None}
        text = text or pages.text
    if text:
        read["fields"] = _fields(read_letter(text, our_addresses))
    return read | {"seconds": round(time.monotonic() - started, 3)}


def _fields(letter: Letter) -> dict[str, Any]:
    fields: dict[str, Any] = {
        name: {"value": found.value, "confidence": found.confidence, "page": 1, "box": None}
        for name, found in letter.found()
        if found.value
    }
    if letter.enclosures:
        listed = list(letter.enclosures)
        fields["enclosures"] = {"value": listed, "confidence": 0.7, "page": 1, "box": None}
    return fields
