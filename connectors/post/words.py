"""The OCR text beside a scan: which file it is, and its characters whatever the encoding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Words", "read_words", "words_beside"]

MAX_BYTES = 1_000_000
"""More than any letter says; the rest of a longer text file is not read."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text; `guessed` where its encoding was not plain, so that a letter may be wrong."""

    text: str = ""
    guessed: bool = False


def words_beside(scan: Path) -> Path | None:
    """The text of a scan: letter.pdf.txt, else letter.txt, in whatever case."""
    wanted = (f"{scan.name}.txt".casefold(), f"{scan.stem}.txt".casefold())
    there = {path.name.casefold(): path for path in scan.parent.iterdir()}
    return next((there[name] for name in wanted if name in there), None)


def read_words(content: bytes) -> Words:
    """Decode by a chain that takes any bytes: byte order mark, UTF-8, UTF-16 without a mark, cp1252.

    Never raises. What is no text at all gives none; a NUL never reaches the text.
    """
    content = content[:MAX_BYTES]
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding, guessed=False)
    if b"\x00" in content:
        # In European text every second byte of UTF-16 is zero; which one tells the byte order.
        even, odd = content[0::2].count(0), content[1::2].count(0)
        if max(even, odd) * 5 < len(content):
            return Words("", guessed=True)
        return _decoded(content, "utf-16-le" if odd >= even else "utf-16-be", guessed=True)
    try:
        return Words(content.decode("utf-8"))
    except UnicodeDecodeError:
        return _decoded(content, "cp1252", guessed=True)


def _decoded(content: bytes, encoding: str, guessed: bool) -> Words:
    text = content.decode(encoding, errors="replace")
    return Words(text.replace("\x00", ""), guessed or "\ufffd" in text)
