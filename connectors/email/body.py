"""What a mail shows: its text, its HTML and its files, chosen from its parts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from connectors.email.charset import decode
from connectors.email.plain import words_of
from connectors.email.structure import Part
from connectors.email.tnef import Unwrapped, is_tnef, unwrap
from crm.channels.contract import File, FileUse

_META_CHARSET = re.compile(rb"<meta[^>]{1,300}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
_CID = re.compile(r"cid:([^\"'\s>)]{1,500})", re.I)
_TYPE = re.compile(r"[\w.+!#$&^-]{1,80}/[\w.+!#$&^-]{1,80}")


@dataclass(frozen=True, slots=True)
class Body:
    """Text and HTML of the mail itself; files without a name of their own have the name ""."""

    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    """What one branch of the tree gives; `text` None where it has no plain form.

    `wrapped` are bodies inside TNEF: they say again what a text beside them says.
    """

    text: str | None = None
    html: str = ""
    files: list[File] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    wrapped: list[Unwrapped] = field(default_factory=list)


def read_body(message: Part) -> Body:
    """Choose between alternatives, join what stands side by side, list the rest as files."""
    found = _read(message)
    flags = [*found.flags, *_broken(message)]
    if not (found.text or "").strip() and not found.html and found.wrapped:
        found.text, found.html = found.wrapped[0].text, found.wrapped[0].html
    if not (found.text or "").strip() and found.html:
        found.text = words_of(found.html)
    if not (found.text or "").strip():
        found.text = _first_text_file(found.files)
    return Body(
        text=(found.text or "").replace("\r\n", "\n").replace("\r", "\n"),
        html=found.html,
        files=tuple(_shown(found.files, found.html)),
        flags=tuple(dict.fromkeys(flags)),
    )


def _first_text_file(files: list[File]) -> str:
    """Some programs give the body itself a file name; then nothing else is readable."""
    named = next((file for file in files if file.type == "text/plain"), None)
    return decode(named.content).text if named else ""


def _broken(message: Part) -> Iterator[str]:
    """A boundary that was announced and never came: the mail was cut off or never whole."""
    for part in message.walk():
        for defect in part.defects:
            if type(defect).__name__ in {
                "CloseBoundaryNotFoundDefect",
                "StartBoundaryNotFoundDefect",
            }:
                yield "truncated"


def _read(part: Part) -> _Found:
    if not part.is_multipart():
        return _leaf(part)
    branches = [_read(child) for child in part.children]
    if part.get_content_type() == "multipart/alternative":
        return _alternative(branches)
    return _side_by_side(branches)


def _alternative(branches: list[_Found]) -> _Found:
    """The same in several forms, the best last (RFC 2046, 5.1.4): first plain text, last HTML."""
    texts = [found.text for found in branches if found.text is not None and not found.html]
    texts += [found.text for found in branches if found.text is not None and found.html]
    pages = [found.html for found in branches if found.html]
    return _Found(
        text=next((text for text in texts if text.strip()), texts[0] if texts else None),
        html=pages[-1] if pages else "",
        files=[file for found in branches for file in found.files],
        flags=[flag for found in branches for flag in found.flags],
        wrapped=[body for found in branches for body in found.wrapped],
    )


def _side_by_side(branches: list[_Found]) -> _Found:
    """One after the other; where one has HTML, the plain ones are put between as HTML too."""
    readable = [found for found in branches if found.text is not None or found.html]
    with_html = any(found.html for found in readable)
    texts = [_text_of(found) for found in readable]
    pages = [found.html or _as_html(found.text or "") for found in readable] if with_html else []
    return _Found(
        text="\n".join(texts)
        if texts and (len(texts) > 1 or readable[0].text is not None)
        else None,
        html="\n".join(filter(None, pages)),
        files=[file for found in branches for file in found.files],
        flags=[flag for found in branches for flag in found.flags],
        wrapped=[body for found in branches for body in found.wrapped],
    )


def _text_of(found: _Found) -> str:
    if (found.text or "").strip() or not found.html:
        return found.text or ""
    return words_of(found.html)


def _as_html(text: str) -> str:
    return f"<pre>{html.escape(text)}</pre>" if text.strip() else ""


def _leaf(part: Part) -> _Found:
    kind = part.declared_type
    headers = part.headers
    is_attached = headers.value("Content-Disposition") == "attachment" or _name(part) != ""
    if is_tnef(kind, _name(part)):
        return _taken_out(part)
    if kind.startswith("multipart/"):
        # The boundary never came, so that the parser left everything as one text.
        kind = "text/plain"
    if kind not in {"text/plain", "text/html"} or is_attached:
        return _Found(files=[_file(part)])
    text, certain = _decoded(part, kind)
    flags = [] if certain else ["charset"]
    if kind == "text/html":
        return _Found(html=text, flags=flags)
    if headers.parameter("Content-Type", "format").lower() == "flowed":
        text = _unflowed(text, headers.parameter("Content-Type", "delsp").lower() == "yes")
    return _Found(text=text, flags=flags)


def _taken_out(part: Part) -> _Found:
    """The files inside winmail.dat; itself where it cannot be opened."""
    inside = unwrap(part.content)
    if inside is None:
        return _Found(files=[_file(part)], flags=["tnef"])
    return _Found(files=list(inside.files), wrapped=[inside])


def _decoded(part: Part, kind: str) -> tuple[str, bool]:
    content = part.content
    label = part.headers.parameter("Content-Type", "charset")
    if not label and kind == "text/html":
        named = _META_CHARSET.search(content[:4000])
        label = named[1].decode("ascii", "replace") if named else ""
    return decode(content, label)


def _unflowed(text: str, delsp: bool) -> str:
    """Paragraphs of format=flowed put together again (RFC 3676, 4.2); "-- " stays a line."""
    lines: list[str] = []
    open_depth = -1
    for line in text.replace("\r\n", "\n").split("\n"):
        words = line.lstrip(">")
        marks = line[: len(line) - len(words)]
        words = words.removeprefix(" ")
        if open_depth == len(marks) and words != "-- ":
            lines[-1] += words
        else:
            lines.append(f"{marks} {words}" if marks else words)
        is_soft = words.endswith(" ") and words != "-- "
        open_depth = len(marks) if is_soft else -1
        if is_soft and delsp:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def _name(part: Part) -> str:
    headers = part.headers
    return headers.parameter("Content-Disposition", "filename") or headers.parameter(
        "Content-Type", "name"
    )


def _file(part: Part) -> File:
    kind = part.declared_type
    return File(
        name=_name(part),
        type=kind if _TYPE.fullmatch(kind) else "application/octet-stream",
        content=part.content,
        cid=part.headers.text("Content-ID").replace(" ", "").strip("<>"),
    )


def _shown(files: list[File], page: str) -> Iterator[File]:
    """Inline only where the HTML really shows it: everything else must be listed."""
    ids = {unquote(html.unescape(hit)) for hit in _CID.findall(page)}
    for file in files:
        yield replace(file, use=FileUse.INLINE) if file.cid in ids else file
