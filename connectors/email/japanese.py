"""Japanese in seven bits (ISO-2022-JP, RFC 1468) as programs really write it; nothing raises.

Python's codecs refuse what Windows adds to the tables (circled numbers, variants of kanji in
names), an escape that a gateway swallowed, and halves of characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPE = re.compile(rb"\x1b(?:\$@|\$B|\$\(@|\$\(B|\$\([DOPQ]|\([BJHI]|&@)|[\x0e\x0f]|(?=\n)")
_PAIR = re.compile(rb"[\x21-\x7e]{2}")
_TABLES = {
    b"\x1b$@": "jis",
    b"\x1b$B": "jis",
    b"\x1b$(@": "jis",
    b"\x1b$(B": "jis",
    b"\x1b$(D": "jis-x-0212",
    b"\x1b$(O": "jis-x-0213",
    b"\x1b$(P": "jis-x-0213",
    b"\x1b$(Q": "jis-x-0213",
    b"\x1b(I": "kana",
    b"\x0e": "kana",
}
_HIGH = bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in range(256))


def from_iso_2022_jp(raw: bytes) -> str:
    """The text, with U+FFFD for what is in no table; each line begins in ASCII."""
    return "".join(_segments(raw))


def _segments(raw: bytes) -> Iterator[str]:
    table, start = "", 0
    for escape in _ESCAPE.finditer(raw):
        yield _text(raw[start : escape.start()], table)
        table, start = _TABLES.get(escape[0], ""), escape.end()
    yield _text(raw[start:], table)


def _text(raw: bytes, table: str) -> str:
    match table:
        case "jis":
            return _PAIR.sub(_shifted, raw).decode("cp932", "replace")
        case "jis-x-0212":
            return _PAIR.sub(_with_prefix, raw).decode("euc_jp", "replace")
        case "jis-x-0213":
            return raw.translate(_HIGH).decode("euc_jis_2004", "replace")
        case "kana":
            return raw.translate(_HIGH).decode("cp932", "replace")
    return raw.decode("cp932", "replace")


def _shifted(pair: re.Match[bytes]) -> bytes:
    """A character of JIS X 0208 as Shift_JIS has it, whose Windows table knows the extensions."""
    row, cell = pair[0]
    lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
    if row % 2:
        return bytes((lead, cell + (0x1F if cell < 0x60 else 0x20)))
    return bytes((lead, cell + 0x7E))


def _with_prefix(pair: re.Match[bytes]) -> bytes:
    return b"\x8f" + pair[0].translate(_HIGH)
