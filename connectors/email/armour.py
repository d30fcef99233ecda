"""OpenPGP within a text (RFC 4880, 6 and 7): what is signed is shown bare, what is sealed is told."""

from __future__ import annotations

import re
from typing import NamedTuple

PGP_ENCRYPTED = "application/pgp-encrypted"
_SEALED = "-----BEGIN PGP MESSAGE-----"
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_END = "-----END PGP SIGNATURE-----"
_HEADER = re.compile(r"[A-Za-z-]{1,40}: ")


class Bare(NamedTuple):
    """A text without its signature, and the flags "signed" or "encrypted"."""

    text: str
    flags: tuple[str, ...] = ()


def without_armour(text: str) -> Bare:
    """The text as it was before it was signed in clear; one that is sealed stays as it is."""
    if "-----BEGIN PGP " not in text:
        return Bare(text)
    lines = text.split("\n")
    marks = {line.rstrip() for line in lines}
    flags = ("encrypted",) if _SEALED in marks else ()
    if _SIGNED not in marks or _SIGNATURE not in marks:
        return Bare(text, flags)
    return Bare("\n".join(_unsigned(lines)), ("signed", *flags))


def _unsigned(lines: list[str]) -> list[str]:
    """Without the marks, the "Hash:" lines, the signature and the dashes put before dashes (7.1)."""
    kept: list[str] = []
    where = "outside"
    for line in lines:
        mark = line.rstrip()
        match where:
            case "outside" if mark == _SIGNED:
                where = "head"
            case "head" if not mark:
                where = "inside"
            case "head" if _HEADER.match(line):
                pass
            case "head" | "inside" if mark == _SIGNATURE:
                where = "signature"
            case "head" | "inside":
                where = "inside"
                kept.append(line.removeprefix("- "))
            case "signature" if mark == _END:
                where = "outside"
            case "outside":
                kept.append(line)
    return kept
