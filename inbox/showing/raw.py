"""What arrived, when it could not be read: the beginning of the original as text."""

from __future__ import annotations

from pathlib import Path

from crm.conversations.blob import path_of
from crm.conversations.message import Message

SHOWN_BYTES = 2000

UNREADABLE = "unparsable"
"""The flag of a message that is kept without having been understood."""


def beginning(message: Message, blobs: Path) -> str:
    """The first bytes of an unreadable message's original, "" for every other one."""
    if UNREADABLE not in message.flags or not message.raw_sha256:
        return ""
    try:
        with path_of(blobs, message.raw_sha256).open("rb") as file:
            return (
                file.read(SHOWN_BYTES)
                .decode("utf-8", "replace")
                .replace("\0", "\N{REPLACEMENT CHARACTER}")
            )
    except OSError:
        return ""
