"""Files of an answer become parts of a mail (MIME), under names that every program can read."""

from __future__ import annotations

import re
import warnings
from email.message import MIMEPart
from email.policy import EmailPolicy
from io import BytesIO
from pathlib import PurePosixPath
from typing import NamedTuple

from PIL import Image as Picture

from connectors.email.page import Image
from connectors.email.written import LONGEST_NAME, Written, described, file_names, one_line
from crm.channels.contract import File, FileUse, Outgoing

WIDEST = 640
"""Pixels of a picture inside a mail: Outlook knows no "as wide as the window"."""

_TYPE = re.compile(r"(?!message/|multipart/)[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_SHOWN_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_UNSAFE_ID = re.compile(r"[^A-Za-z0-9.@_-]")
_OPAQUE = "application/octet-stream"
_MAIL = "message/rfc822"
_LONGEST_LINE = 998


class Inline(NamedTuple):
    """A file that the text shows, and how the page refers to it."""

    file: File
    image: Image


def told_apart(outgoing: Outgoing) -> tuple[dict[str, Inline], list[File]]:
    """What the text shows by "[image: NAME]", by name; and all other files, to be attached."""
    shown: dict[str, Inline] = {}
    attached: list[File] = []
    for number, file in enumerate(outgoing.files, 1):
        is_picture = file.use is FileUse.INLINE and file.type.lower() in _SHOWN_TYPES
        is_new = file.name not in shown and f"[image: {file.name}]" in outgoing.text
        if is_picture and is_new:
            cid = f"{number}.{_UNSAFE_ID.sub('', outgoing.key)}"
            shown[file.name] = Inline(file, Image(cid, _width(file.content)))
        else:
            attached.append(file)
    return shown, attached


def inline_part(inline: Inline, policy: EmailPolicy) -> MIMEPart:
    """A picture beside the page that refers to it (RFC 2392)."""
    part = _part(inline.file, inline.file.type.lower(), "inline", policy)
    part["Content-ID"] = f"<{inline.image.cid}>"
    return part


def attached_part(file: File, policy: EmailPolicy) -> MIMEPart:
    """A file in base64; an enclosed mail as itself, where it can travel unchanged.

    message/rfc822 must not be encoded (RFC 2046, 5.2.1), so that it is written only for a mail in
    ASCII with lines of ordinary length, its line ends made those of the wire. Any other goes as
    bytes in base64 under a name with ".eml", which programs open as well.
    """
    if file.type.lower() != _MAIL:
        return _part(file, _media_type(file), "attachment", policy)
    mail = _as_it_is(file.content)
    if mail is None:
        return _part(_named_eml(file), _OPAQUE, "attachment", policy)
    part = MIMEPart(policy)
    part.set_payload(mail)
    part["Content-Transfer-Encoding"] = "7bit"
    _describe(part, _MAIL, "attachment", _named_eml(file).name)
    return part


def _part(file: File, kind: str, disposition: str, policy: EmailPolicy) -> MIMEPart:
    part = MIMEPart(policy)
    part.set_content(file.content, *_OPAQUE.split("/"), cte="base64")
    del part["Content-Type"]
    _describe(part, kind, disposition, file.name)
    return part


def _media_type(file: File) -> str:
    """Its type; a text says its charset, and where that is unknown it goes as bytes.

    Without one, programs take any text for ASCII, and gateways rewrite it.
    """
    kind = file.type.lower()
    if not _TYPE.fullmatch(kind):
        return _OPAQUE
    if not kind.startswith("text/"):
        return kind
    try:
        file.content.decode("utf-8")
    except UnicodeDecodeError:
        return _OPAQUE
    return f"{kind}; charset=utf-8"


def _as_it_is(mail: bytes) -> str | None:
    """The mail as message/rfc822 takes it, or None where it would have to be encoded."""
    lines = mail.replace(b"\r\n", b"\n").split(b"\n")
    is_plain = mail.isascii() and b"\0" not in mail and not any(b"\r" in line for line in lines)
    if not mail or not is_plain or max(map(len, lines)) > _LONGEST_LINE:
        return None
    return b"\r\n".join(lines).decode("ascii")


def _named_eml(file: File) -> File:
    name = file.name if file.name.lower().endswith(".eml") else f"{file.name or 'mail'}.eml"
    return File(name, file.type, file.content)


def _width(content: bytes) -> int:
    """The width to show it in where its own is too large, else 0."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Picture.open(BytesIO(content)) as picture:
                width = int(picture.width)
    except Exception:
        # Whatever a picture's bytes do to the library: it is shown as wide as it is.
        return 0
    return WIDEST if width > WIDEST else 0


def _describe(part: MIMEPart, kind: str, disposition: str, name: str) -> None:
    beside_type, beside_disposition = file_names(_shortened(one_line(name)))
    part["Content-Type"] = Written("Content-Type", described(kind, beside_type))
    part["Content-Disposition"] = Written(
        "Content-Disposition", described(disposition, beside_disposition)
    )


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    ending = PurePosixPath(name).suffix[:20]
    return name[: LONGEST_NAME - len(ending)] + ending
