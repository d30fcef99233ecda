"""What a mail shows: its text, its HTML and its files, chosen from its parts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from connectors.email.armour import PGP_ENCRYPTED, without_armour
from connectors.email.charset import decode
from connectors.email.flowed import unflowed
from connectors.email.plain import words_of
from connectors.email.smime import is_enveloped, open_envelope
from connectors.email.structure import Part, take_apart
from connectors.email.tnef import Unwrapped, is_tnef, unwrap
from crm.channels.contract import File, FileUse

_META_CHARSET = re.compile(rb"<meta[^>]{1,300}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
_CID = re.compile(r"cid:([^\"'\s>)]{1,500})", re.I)
_TYPE = re.compile(r"[\w.+!#$&^-]{1,80}/[\w.+!#$&^-]{1,80}")

_LONGEST_SHOWN = 100_000
"""Characters of a text that is a file as well, which are shown as the mail's words."""

_LONGEST_FORM = 1_000_000
"""Characters of HTML of which the form can still be shown; of more, only its words."""
_STUB_SHARE = 10
"""A text so many times shorter than the words of its HTML says no more than that there is one."""

_MOST_ENVELOPES = 3
"""S/MIME envelopes within each other that are opened: signed, sealed and signed again is three."""

_NEW_SHARE = 5
_SEALED = {"multipart/signed": "signed", "multipart/encrypted": "encrypted"}


@dataclass(frozen=True, slots=True)
class Body:
    """Text and HTML of the mail itself; files without a name of their own have the name ""."""

    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    """What one branch of the tree gives; `text` None where it has no plain form, `plain`
    the text as far as it is no mere rendering of HTML.

    `wrapped` are bodies inside TNEF: they say again what a text beside them says.
    """

    text: str | None = None
    plain: str = ""
    html: str = ""
    files: list[File] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    wrapped: list[Unwrapped] = field(default_factory=list)


def read_body(message: Part) -> Body:
    """Choose between alternatives, join what stands side by side, list the rest as files."""
    found = _read(message, True, _MOST_ENVELOPES)
    flags = [*found.flags, *_broken(message)]
    if not (found.text or "").strip() and not found.html and found.wrapped:
        found.text, found.html = found.wrapped[0].text, found.wrapped[0].html
    if not (found.text or "").strip() and found.html:
        found.text = words_of(found.html)
    if len(found.html) > _LONGEST_FORM:
        found.text = _more_of(found.text or "", words_of(found.html))
    if not (found.text or "").strip():
        found.text = _first_text_file(found.files)
    bare = without_armour((found.text or "").replace("\r\n", "\n").replace("\r", "\n"))
    return Body(
        text=bare.text,
        html=found.html,
        files=tuple(_shown(found.files, found.html)),
        flags=tuple(dict.fromkeys([*flags, *bare.flags])),
    )


def _more_of(text: str, words: str) -> str:
    """The text of a mail whose form is too long to be shown, unless it is a mere stub beside it."""
    return words if len(words) > _STUB_SHARE * len(text) else text


def _first_text_file(files: list[File]) -> str:
    """Some programs give the body itself a file name; some bounces hold nothing but the report."""
    for kind in ("text/plain", "message/delivery-status"):
        for file in files:
            if file.type == kind and not file.damaged:
                return decode(file.content[:_LONGEST_SHOWN]).text
    return ""


def _broken(message: Part) -> Iterator[str]:
    """A boundary that was announced and never came: the mail was cut off or never whole."""
    for part in message.walk():
        for defect in part.defects:
            if type(defect).__name__ in {
                "CloseBoundaryNotFoundDefect",
                "StartBoundaryNotFoundDefect",
            }:
                yield "truncated"


def _read(part: Part, is_first: bool, envelopes: int) -> _Found:
    """`is_first`: nothing of the mail stands before it; so many `envelopes` may still be opened."""
    if not part.is_multipart():
        return _leaf(part, is_first, envelopes)
    branches = [
        _read(child, is_first and at == 0, envelopes) for at, child in enumerate(part.children)
    ]
    kind = part.get_content_type()
    found = _alternative(branches) if kind == "multipart/alternative" else _side_by_side(branches)
    if kind in _SEALED:
        found.flags.append(_SEALED[kind])
    return found


def _alternative(branches: list[_Found]) -> _Found:
    """The same in several forms, the best last (RFC 2046, 5.1.4): the plain texts, the last HTML."""
    plain = [found.text for found in branches if found.text is not None and not found.html]
    mixed = [found.plain for found in branches if found.html and found.plain.strip()]
    texts = list(_different([text for text in (*plain, *mixed) if text.strip()]))
    if not texts:
        texts = [found.text for found in branches if found.text is not None][:1]
    return _Found(
        text="\n".join(texts) if texts else None,
        plain="\n".join(texts) if plain or mixed else "",
        html=next((found.html for found in reversed(branches) if found.html), ""),
        **_together(branches),
    )


def _different(texts: list[str]) -> Iterator[str]:
    """The first, and of the others those that say something else: no words may be lost."""
    known: set[str] = set()
    for text in texts:
        words = text.split() if len(texts) > 1 else []
        if not known or sum(word not in known for word in words) * _NEW_SHARE > len(words):
            yield text
        known.update(words or [text])


def _side_by_side(branches: list[_Found]) -> _Found:
    """One after the other; where one has HTML, the plain ones are put between as HTML too."""
    readable = [found for found in branches if found.text is not None or found.html]
    with_html = any(found.html for found in readable)
    texts = [_text_of(found) for found in readable]
    pages = [found.html or _as_html(found.text or "") for found in readable] if with_html else []
    has_text = len(readable) > 1 or any(found.text is not None for found in readable)
    return _Found(
        text="\n".join(texts) if has_text else None,
        plain=readable[0].plain if len(readable) == 1 else "",
        html="\n".join(filter(None, pages)),
        **_together(branches),
    )


def _together(branches: list[_Found]) -> dict[str, Any]:
    """What is listed, whichever form of the words is chosen."""
    return {
        "files": [file for found in branches for file in found.files],
        "flags": [flag for found in branches for flag in found.flags],
        "wrapped": [body for found in branches for body in found.wrapped],
    }


def _text_of(found: _Found) -> str:
    if (found.text or "").strip() or not found.html:
        return found.text or ""
    return words_of(found.html)


def _as_html(text: str) -> str:
    return f"<pre>{html.escape(text)}</pre>" if text.strip() else ""


def _leaf(part: Part, is_first: bool, envelopes: int) -> _Found:
    kind = part.declared_type
    if is_tnef(kind, part.file_name):
        return _taken_out(part)
    if is_enveloped(kind, part.file_name):
        return _opened(part, is_first, envelopes)
    if kind.startswith("multipart/"):
        # The boundary never came, so that the parser left everything as one text.
        kind = "text/plain"
    if kind not in {"text/plain", "text/html"} or _is_file(part, is_first):
        return _listed(part)
    if part.decoded.damaged:
        return _listed(part)
    text, certain = _decoded(part, kind)
    flags = [] if certain else ["charset"]
    if kind == "text/html":
        return _Found(html=text, flags=flags)
    if part.headers.parameter("Content-Type", "format").lower() == "flowed":
        text = unflowed(text, part.headers.parameter("Content-Type", "delsp").lower() == "yes")
    return _Found(text=text, plain=text, flags=flags)


def _is_file(part: Part, is_first: bool) -> bool:
    """A text with a file name is one, unless it says "inline" (RFC 2183, 2.1) or is the mail itself."""
    match part.headers.value("Content-Disposition"):
        case "attachment":
            return True
        case "inline":
            return len(part.content) > _LONGEST_SHOWN
    return not is_first and part.file_name != ""


def _listed(part: Part) -> _Found:
    is_sealed = part.declared_type == PGP_ENCRYPTED
    flags = ["damaged_part"] * part.decoded.damaged + ["encrypted"] * is_sealed
    return _Found(files=[_file(part)], flags=flags)


def _opened(part: Part, is_first: bool, envelopes: int) -> _Found:
    """The mail inside an S/MIME envelope that is only signed; the envelope itself otherwise."""
    envelope = open_envelope(part.content)
    if envelope.content is not None and envelopes:
        found = _read(take_apart(envelope.content), is_first, envelopes - 1)
    else:
        found = _listed(part)
    found.flags += envelope.flags
    return found


def _taken_out(part: Part) -> _Found:
    """The files inside winmail.dat; itself where it cannot be opened."""
    inside = unwrap(part.content)
    if inside is None:
        return _Found(files=[_file(part)], flags=["tnef"])
    return _Found(files=list(inside.files), wrapped=[inside])


def _decoded(part: Part, kind: str) -> tuple[str, bool]:
    """The text by its label; what a page says of itself counts where that fails."""
    content = part.content
    label = part.headers.parameter("Content-Type", "charset")
    named = _META_CHARSET.search(content[:4000]) if kind == "text/html" else None
    hint = named[1].decode("ascii", "replace") if named else ""
    return decode(content, label or hint, hint)


def _file(part: Part) -> File:
    kind = part.declared_type
    return File(
        name=part.file_name,
        type=kind if _TYPE.fullmatch(kind) else "application/octet-stream",
        content=part.content,
        damaged=part.decoded.damaged,
        cid=part.headers.text("Content-ID").replace(" ", "").strip("<>"),
    )


def _shown(files: list[File], page: str) -> Iterator[File]:
    """Inline only where the HTML really shows it: everything else must be listed."""
    ids = {unquote(html.unescape(hit)) for hit in _CID.findall(page)}
    for file in files:
        yield replace(file, use=FileUse.INLINE) if file.cid in ids else file
