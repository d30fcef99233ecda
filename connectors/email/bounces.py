"""What a mail system says about a mail of ours it could not deliver (RFC 3464, RFC 6533)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from itertools import islice

from connectors.email.headers import Headers
from connectors.email.structure import Part, leaves

_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ORIGINAL = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}
)
_FAILED = frozenset({"failed", "delayed", "expired", "undeliverable"})
_QUOTED_ID = re.compile(r"^[> \t]*Message-ID:\s*<([^<>\s]{1,900})>", re.IGNORECASE | re.MULTILINE)
_REPLY = re.compile(r"^.{0,200}\b[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3}\b.{0,300}$", re.MULTILINE)
_MOST_BLOCKS = 200
_READ = 100_000


@dataclass(frozen=True, slots=True)
class Bounce:
    """The Message-ID of the mail that came back, "" where it is not told, and why.

    `is_late`: the mail system goes on trying (RFC 3464, 2.3.3), so nothing has failed yet.
    """

    message_id: str = ""
    reason: str = ""
    is_late: bool = False


def reports_failure(message: Part) -> bool:
    """Whether a machine-readable report says that a mail failed or is late."""
    blocks = list(_status_blocks(message))
    actions = _actions(blocks)
    codes = [block.text("Status") for block in blocks]
    return bool(actions & _FAILED) or any(code.startswith(("4", "5")) for code in codes)


def read_bounce(message: Part, text: str) -> Bounce:
    """The original's Message-ID and the reason, from the report or else from the words."""
    is_late = _actions(_status_blocks(message)) == {"delayed"}
    return Bounce(_original_id(message, text), _reason(message, text), is_late)


def _actions(blocks: Iterable[Headers]) -> set[str]:
    """What was done for the recipients, in the report's own words."""
    told = (block.text("Action").partition(" ")[0].lower() for block in blocks)
    return {action for action in told if action}


def _status_blocks(message: Part) -> Iterator[Headers]:
    """The groups of fields of all delivery-status parts: one per mail, one per recipient."""
    for part in leaves(message):
        if part.declared_type in _STATUS:
            raw = part.content[:_READ].replace(b"\r\n", b"\n").lstrip()
            for block in islice(re.split(rb"\n\s*\n", raw), _MOST_BLOCKS):
                yield Headers(message_from_bytes(block))


def _original_id(message: Part, text: str) -> str:
    for part in leaves(message):
        if part.declared_type in _ORIGINAL:
            original = part.content[:_READ].lstrip().partition(b"\r\n\r\n")[0]
            found = Headers(message_from_bytes(original)).ids("Message-ID")
            if found:
                return found[0]
    quoted = _QUOTED_ID.search(text[:_READ])
    return quoted[1] if quoted else ""


def _reason(message: Part, text: str) -> str:
    for block in _status_blocks(message):
        said = block.text("Diagnostic-Code").partition(";")[2].strip()
        if said:
            return said[:500]
    line = _REPLY.search(text[:_READ])
    if line:
        return line[0].strip()
    return next((code for block in _status_blocks(message) if (code := block.text("Status"))), "")
