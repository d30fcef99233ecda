"""winmail.dat: what Outlook wraps into TNEF, taken out again ([MS-OXTNEF]).

tnefparse and striprtf stand behind this room alone; what they cannot read stays the file it was.
"""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from striprtf.striprtf import rtf_to_text
from tnefparse import TNEF

from connectors.email.charset import decode
from connectors.email.tnef_bounds import is_bounded
from crm.channels.contract import File

KINDS = ("application/ms-tnef", "application/vnd.ms-tnef")
NAME = "winmail.dat"
_LARGEST = 30_000_000
_LONGEST_RTF = 1_000_000
_LARGEST_COMPRESSED = 500_000
"""Bytes of RTF that may be eight times as many: the library undoes them one by one."""

_CONTENT_ID = 0x3712

# A line of the log for every wrong byte of a foreign file is of use to nobody.
logging.getLogger("tnefparse").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """Text and HTML of the body, as far as it holds one, and the files."""

    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()


def is_tnef(kind: str, name: str) -> bool:
    """Whether a part of this media type and name is TNEF."""
    return kind in KINDS or name.casefold() == NAME


def unwrap(content: bytes) -> Unwrapped | None:
    """What is inside; None where it cannot be read."""
    if len(content) > _LARGEST or not is_bounded(content):
        return None
    try:
        wrapped = TNEF(content, do_checksum=False)
        return Unwrapped(_text(wrapped), _words(wrapped.htmlbody), tuple(_files(wrapped)))
    except Exception:
        # A parser of foreign binaries: whatever it stumbles over, the mail must be stored.
        return None


def _text(wrapped: Any) -> str:
    plain = _words(wrapped.body)
    if plain.strip() or len(wrapped._rtfbody or b"") > _LARGEST_COMPRESSED or not wrapped.rtfbody:
        return plain
    rich = wrapped.rtfbody[:_LONGEST_RTF].decode("ascii", "replace")
    return str(rtf_to_text(rich, errors="replace")).strip()  # type: ignore[no-untyped-call]


def _words(said: Any) -> str:
    """A body as text: it comes as a text, as bytes, or not at all."""
    text = decode(said).text if isinstance(said, bytes) else str(said or "")
    return text.replace("\0", "")


def _files(wrapped: Any) -> Iterator[File]:
    for file in wrapped.attachments:
        name = str(file.long_filename() or "").rstrip("\0")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        yield File(name, kind, bytes(file.data or b""), cid=_content_id(file))


def _content_id(file: Any) -> str:
    for attribute in file.mapi_attrs:
        if attribute.name == _CONTENT_ID:
            return _words(attribute.data).strip("<> ")
    return ""
