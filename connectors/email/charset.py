"""Bytes of a mail become text here, whatever their label says; nothing raises."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

import cchardet
import webencodings


class Decoded(NamedTuple):
    """Text free of NUL and lone surrogates; not `certain` where the charset had to be guessed."""

    text: str
    certain: bool


# What the browsers' labels (WHATWG Encoding, 4.2) leave out or Python's codecs of that name miss.
_CODECS = {
    "utf-7": "utf-7",
    "unicode-1-1-utf-7": "utf-7",
    "hz-gb-2312": "hz",
    "hz": "hz",
    "iso-2022-kr": "iso2022_kr",
    "iso-2022-jp": "iso2022_jp_ext",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "big5": "cp950",
    "macintosh": "mac_roman",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859_8",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-user-defined": "cp1252",
}
_MULTIBYTE = frozenset({"gb18030", "cp932", "cp949", "cp950", "euc-jp", "utf-16le", "utf-16be"})
_NO_STATEMENT = frozenset({"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "8bit", "binary"})
_ESCAPED = frozenset({"utf-7", "hz", "iso2022_kr", "iso2022_jp_ext"})
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DETECTED_BYTES = 20_000


def decode(raw: bytes, label: str = "", hint: str = "") -> Decoded:
    """Text of `raw`; `label` is the charset it claims, `hint` one used elsewhere in the mail.

    Strict UTF-8 goes before a single-byte label: eight-bit text that happens to be valid UTF-8 is
    practically always UTF-8 with a wrong label.
    """
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return Decoded(storable(raw[len(mark) :].decode(codec, "replace")), True)
    stated = _codec(label)
    first = [stated, "utf-8"] if stated in _MULTIBYTE | _ESCAPED else ["utf-8", stated]
    for codec in filter(None, first):
        text = _strictly(raw, codec)
        if text is not None:
            return Decoded(storable(text), True)
    return Decoded(storable(_guess(raw, stated, _codec(hint))), False)


def storable(text: str) -> str:
    """The text as a database takes it: without NUL, lone surrogates replaced."""
    if _UNSTORABLE.search(text) is None:
        return text
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def _codec(label: str) -> str:
    """Python's codec for a label as mails write it, or "" where it says nothing usable."""
    name = label.strip(" \t\r\n\"'").lower()
    if name in _NO_STATEMENT or not name.isascii():
        return ""
    if name in _CODECS:
        return _CODECS[name]
    known = webencodings.lookup(name)
    if known is not None:
        return _CODECS.get(known.name, known.name)
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    return found.name if _makes_text(found.name) else ""


def _makes_text(codec: str) -> bool:
    """False for "zip", "rot13", "idna" and their kind, which are codecs but no charsets."""
    try:
        return b"a".decode(codec) == "a"
    except (LookupError, ValueError):
        return False


def _strictly(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return _kuten(raw) if codec == "iso2022_jp_ext" else None


def _kuten(raw: bytes) -> str | None:
    """ISO-2022-JP with the circled numbers and units of Windows, which JIS X 0213 has as well."""
    try:
        return raw.replace(b"\x1b$B", b"\x1b$(Q").decode("iso2022_jp_2004")
    except UnicodeError:
        return None


def _guess(raw: bytes, stated: str, hint: str) -> str:
    candidates = [stated, hint]
    if not stated:
        candidates.append(_codec(cchardet.detect(raw[:_DETECTED_BYTES])["encoding"] or ""))
    for codec in filter(None, candidates):
        text = _strictly(raw, codec)
        if text is not None:
            return text
    return raw.decode(stated or "cp1252", "replace")
