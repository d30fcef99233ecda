"""CSV that any program reads and no spreadsheet runs."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain

BOM = "\ufeff"

BEGINS_FORMULA = frozenset("=+-@\t\r\n")
PHONES = re.compile(r"\+[0-9]{6,15}(?:; \+[0-9]{6,15})*")


def encode(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, bom: bool = False
) -> Iterator[bytes]:
    """The file line by line in UTF-8 (RFC 4180); `bom` is for Excel, which guesses without."""
    line = StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    line.write(BOM if bom else "")
    for row in chain([header], rows):
        writer.writerow([harmless(cell) for cell in row])
        yield line.getvalue().encode("utf-8", "replace")
        line.seek(0)
        line.truncate()


def harmless(cell: str) -> str:
    """The cell with an apostrophe before it where a spreadsheet would calculate it.

    OWASP (CSV Injection) names = + - @ tab and line ends at the beginning, also in their
    full-width forms; spaces before them do not help. A telephone number is let through: after the
    + there are digits and nothing else, so it can neither call a function nor name a cell nor start
    a program, and a CRM must find +49541123456 where an apostrophe would spoil it.
    """
    first = unicodedata.normalize("NFKC", cell.lstrip(" \xa0\u3000")[:1])
    if first in BEGINS_FORMULA and first and not PHONES.fullmatch(cell):
        return f"'{cell}"
    return cell
