"""What a way out can carry: in words before it is chosen, and as an objection when it is too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext, ngettext

from crm.channels.contract import Limits, Visibility
from inbox.times import number, size

FAR_LENGTH = 10_000
FAR_BYTES = 10_000_000
"""Limits so far away that they need not be read before a way is chosen."""


def in_short(limits: Limits, visibility: str) -> str:
    """The limits one is likely to meet: "public, no files"."""
    near = replace(
        limits,
        length=limits.length if (limits.length or FAR_LENGTH) < FAR_LENGTH else None,
        file_bytes=limits.file_bytes if (limits.file_bytes or FAR_BYTES) < FAR_BYTES else None,
    )
    return in_words(near, visibility)


def in_words(limits: Limits, visibility: str) -> str:
    """All limits: "public, no files, 32,000 characters"; "" where there are none."""
    parts = []
    if visibility == Visibility.PUBLIC:
        parts.append(gettext("public"))
    if limits.files == 0:
        parts.append(gettext("no files"))
    elif limits.file_bytes is not None:
        parts.append(gettext("files up to %(size)s", size=size(limits.file_bytes)))
    if limits.length is not None:
        parts.append(_length(limits))
    return ", ".join(parts)


def objection(text: str, files: Sequence[int], limits: Limits) -> str:
    """Why this cannot be sent this way and what to do, or ""; `files` are their sizes in bytes."""
    if not text.strip():
        return gettext("Not sent: the reply is empty.")
    return too_much(text, files, limits)


def too_much(text: str, files: Sequence[int], limits: Limits) -> str:
    """What of this the way cannot carry and what to do, or ""."""
    if not limits.can_send:
        return gettext("Not sent. This channel only receives: choose another way.")
    if limits.length is not None and length(text, limits.unit) > limits.length:
        over = length(text, limits.unit) - limits.length
        return gettext("Not sent. The reply is too long by %(count)s.", count=number(over))
    if limits.files is not None and len(files) > limits.files:
        return gettext("Not sent. This way takes no files: remove them or choose another way.")
    total = sum(files)
    if limits.file_bytes is not None and total > limits.file_bytes:
        return gettext(
            "Not sent. The files have %(size)s, this way takes %(most)s.",
            size=size(total),
            most=size(limits.file_bytes),
        )
    return ""


def length(text: str, unit: str) -> int:
    """How long a text is as the channel counts; pages can be counted only by who sets them."""
    match unit:
        case "bytes":
            return len(text.encode())
        case "pages":
            return 0
    return len(text)


def _length(limits: Limits) -> str:
    most = limits.length or 0
    if limits.unit == "pages":
        return ngettext("%(num)s page", "%(num)s pages", most)
    if limits.unit == "bytes":
        return gettext("%(count)s bytes", count=number(most))
    return gettext("%(count)s characters", count=number(most))
