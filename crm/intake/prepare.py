"""Preparing a batch outside the transaction: tidied, HTML sanitised, bytes on the disk."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.channels.contract import File, Incoming, Sort
from crm.conversations.blob import BlobWriter
from crm.conversations.reference import Quoted, Seal
from crm.intake.inline import listed_unless_shown
from crm.intake.sanitise import is_rich, sanitise
from crm.intake.tidying import storable, tidy

LONGEST_TEXT = 1_000_000
LONGEST_PREVIEW = 140
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredFile:
    file: File
    sha256: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """An incoming message with everything that needs no database. `quoted_ours` are PK-numbers."""

    incoming: Incoming
    subject: str
    text: str
    quoted: str
    signature: str
    html: str
    preview: str
    raw_sha256: str
    files: tuple[StoredFile, ...]
    quoted_ours: tuple[Quoted, ...]
    flags: dict[str, Any]

    @property
    def counts(self) -> bool:
        """Whether a person wrote it, so that somebody waits for an answer."""
        return self.incoming.sort is Sort.CUSTOMER


def prepare(messages: Sequence[Incoming], blobs: BlobWriter, seal: Seal) -> list[Prepared]:
    """Ready for the transaction. All bytes are on the disk when this returns."""
    prepared = [_prepare_any(incoming, blobs, seal) for incoming in messages]
    blobs.sync()
    return prepared


def bare(incoming: Incoming) -> Incoming:
    """No more than that it came, by whom and the original: for what defeats every reader."""
    return Incoming(
        remote_id=incoming.remote_id,
        at=incoming.at,
        change=incoming.change,
        role=incoming.role,
        visibility=incoming.visibility,
        raw=incoming.raw,
        raw_type=incoming.raw_type,
        flags=("unparsable",),
    )


def _prepare_any(incoming: Incoming, blobs: BlobWriter, seal: Seal) -> Prepared:
    """Whatever it is, it is kept: one message never stops the others."""
    try:
        return _prepare(tidy(incoming), blobs, seal)
    except Exception:
        log.exception("message %.200r cannot be read; it is kept as it came", incoming.remote_id)
        return _prepare(tidy(bare(incoming)), blobs, seal)


def _prepare(incoming: Incoming, blobs: BlobWriter, seal: Seal) -> Prepared:
    html = sanitise(storable(incoming.html))
    flags: dict[str, Any] = dict.fromkeys(incoming.flags, True)
    if html and is_rich(html):
        flags["rich"] = True
    if incoming.html and not html:
        flags["html_left_out"] = True
    if len(incoming.text) > LONGEST_TEXT:
        flags["truncated"] = True
    subject = " ".join(clean(incoming.subject).split())[:1000]
    text = clean(incoming.text)
    return Prepared(
        incoming=incoming,
        subject=subject,
        text=text,
        quoted=clean(incoming.quoted),
        signature=clean(incoming.signature),
        html=html,
        preview=preview(text),
        raw_sha256=blobs.write(incoming.raw) if incoming.raw else "",
        files=tuple(
            StoredFile(file, blobs.write(file.content))
            for file in listed_unless_shown(incoming.files, html)
        ),
        quoted_ours=tuple(seal.quoted(f"{incoming.reference} {subject}")),
        flags=flags,
    )


def clean(text: str) -> str:
    """A text that ends, with one kind of line end."""
    return storable(text[:LONGEST_TEXT]).replace("\r\n", "\n").replace("\r", "\n")


def preview(text: str) -> str:
    """The first words of a text on one line."""
    return re.sub(r"\s+", " ", text[:1000]).strip()[:LONGEST_PREVIEW]
