"""Bytes of a mail become text here, whatever their label says; nothing raises."""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import cchardet
import webencodings

from connectors.email.japanese import from_iso_2022_jp


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
    "iso-2022-jp": "iso2022_jp",
    "iso-2022-jp-ext": "iso2022_jp",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
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
_MULTIBYTE = frozenset({"gb18030", "cp932", "cp949", "cp950", "euc-jp"})
_WIDE = frozenset({"utf-16le", "utf-16be"})
_WIDER = {"cp950": "big5hkscs", "euc-jp": "euc_jis_2004"}
"""What a label promises, and the larger table that programs take under the same name."""

_NO_STATEMENT = frozenset({"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "8bit", "binary"})
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})
"""Codecs that show ASCII as it is; some know no replacing, and raise for what they cannot read."""

_ESCAPED = frozenset({"utf-7", "hz", "iso2022_kr", "iso2022_jp"})
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_JAPANESE = re.compile(rb"\x1b(?:\$[@B]|\$\([@BDOPQ]|\(I)")
_KOREAN = b"\x1b$)C"
_PAGE = re.compile(r"(?:windows|win|microsoft|ms|ibm|cp|x|oem|dos)[-_]?(?:cp)?[-_]?(\d{3,4})")
_HALVES = re.compile(rb"(?:\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf])+")
_DETECTED_BYTES = 20_000
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_HIGH_LETTERS = bytes(range(0xC0, 0x100))
_JAPANESE_ELSE = ("euc-jp", "cp932")
_FEW = 6
"""Letters from which on a text in a foreign script can be told from one with accents."""


def decode(raw: bytes, label: str = "", hint: str = "") -> Decoded:
    """Text of `raw`; `label` is the charset it claims, `hint` one used elsewhere in the mail.

    Strict UTF-8 goes before a single-byte label: eight-bit text that happens to be valid UTF-8 is
    practically always UTF-8 with a wrong label.
    """
    stated = _codec(label)
    if raw.isascii() and stated not in _ESCAPED and b"\x1b" not in raw and b"\0" not in raw:
        return Decoded(raw.decode("ascii"), True)
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return Decoded(storable(raw[len(mark) :].decode(codec, "replace")), True)
    text = _as_stated(raw, stated)
    if text is not None:
        return Decoded(storable(text), True)
    return Decoded(storable(_guess(raw, stated, _codec(hint))), False)


def storable(text: str) -> str:
    """The text as a database takes it: without NUL, lone surrogates replaced."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


@lru_cache(500)
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
    page = _PAGE.fullmatch(name)
    try:
        found = codecs.lookup(f"cp{page[1]}" if page else name)
    except (LookupError, ValueError):
        return ""
    return _CODECS.get(found.name, found.name) if _makes_text(found.name) else ""


def _makes_text(codec: str) -> bool:
    """False for "zip", "rot13", "idna" and their kind, which are codecs but no charsets."""
    if codec in _NO_CHARSETS:
        return False
    try:
        return b"a".decode(codec) == "a" or codec.startswith(("utf-16", "utf-32"))
    except (LookupError, ValueError):
        return codec.startswith(("utf-16", "utf-32"))


def _as_stated(raw: bytes, stated: str) -> str | None:
    """The text by its label or as UTF-8, as far as that is certain; else None."""
    if stated in _WIDE:
        return _wide(raw, stated)
    if stated == "iso2022_jp" and raw.isascii():
        return from_iso_2022_jp(raw)
    if stated in {"", "utf-8", "iso2022_jp", "windows-1252"} and _JAPANESE.search(raw):
        return from_iso_2022_jp(raw)
    if stated == "iso2022_kr" and _KOREAN not in raw:
        raw = _KOREAN + b"\n" + raw
        return (_strictly(raw, stated) or "").removeprefix("\n") or None
    is_sure = stated in _MULTIBYTE or stated in _ESCAPED
    for codec in (stated, "utf-8") if is_sure else ("utf-8", stated):
        text = _strictly(raw, codec)
        if text is not None:
            return None if codec == "windows-1252" and _is_foreign(raw) else text
    return _strictly(raw, _WIDER[stated]) if stated in _WIDER else None


def _strictly(raw: bytes, codec: str) -> str | None:
    """None where it is none of this charset, or no charset is told."""
    try:
        text = raw.decode(codec) if codec else None
    except (UnicodeError, LookupError, ValueError):
        return None
    # Vietnamese Windows writes its tones behind their letters.
    return unicodedata.normalize("NFC", text) if text and codec == "windows-1258" else text


def _wide(raw: bytes, stated: str) -> str | None:
    """UTF-16 without a mark: where the zeros of Latin letters stand tells its order."""
    first, second = raw[::2].count(0), raw[1::2].count(0)
    if not first and not second:
        return _strictly(raw, "utf-8") or _strictly(raw, stated)
    if first != second:
        stated = "utf-16be" if first > second else "utf-16le"
    return raw.decode(stated, "replace")


def _is_foreign(raw: bytes) -> bool:
    """Whether hardly a letter is ASCII: no Western text, whatever its label says."""
    start = raw[:_DETECTED_BYTES]
    high = len(start) - len(start.translate(None, _HIGH_LETTERS))
    return high >= _FEW and high > len(start) - len(start.translate(None, _LETTERS))


def _guess(raw: bytes, stated: str, hint: str) -> str:
    is_open = stated in {"", "utf-8"}
    told = _nearly_utf8(raw) if is_open else None
    if told is not None:
        return told
    if hint != "utf-8" and is_open and (text := _strictly(raw, hint)) is not None:
        return text
    others: tuple[str, ...] = ()
    if stated == "iso2022_jp":
        others = _JAPANESE_ELSE
    elif is_open or _is_foreign(raw):
        others = (_detected(raw),)
    for codec in others:
        if (text := _strictly(raw, codec)) is not None:
            return text
    return raw.decode("cp1252" if is_open else stated, "replace")


def _nearly_utf8(raw: bytes) -> str | None:
    """UTF-8 with something broken in it; None where hardly a character is whole.

    Lines are looked at one by one: a list's footer may stand below in another charset.
    """
    whole = _HALVES.sub(_joined_halves, raw)
    text = whole.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken * 2 > sum(map(len, _NOT_ASCII.findall(text))):
        return None
    lines = (_strictly(line, "utf-8") or _line(line) for line in whole.split(b"\n"))
    return "\n".join(lines) if broken else text


def _line(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    is_utf8 = text.count("\ufffd") * 2 <= sum(map(len, _NOT_ASCII.findall(text)))
    return text if is_utf8 else raw.decode("cp1252", "replace")


def _joined_halves(found: re.Match[bytes]) -> bytes:
    """Emoji whose surrogates were encoded one by one (CESU-8, as old databases do)."""
    halves = found[0].decode("utf-8", "surrogatepass")
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _detected(raw: bytes) -> str:
    return _codec(cchardet.detect(raw[:_DETECTED_BYTES])["encoding"] or "")
