"""What things of the machine are called on a page: kinds of channels, roles, ways to reply."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

from crm.channels.contract import Limits
from inbox.limits import in_words

KINDS = {
    "imap": "IMAP",
    "maildir": "Maildir",
    "scan_folder": lazy_gettext("Scan folder"),
    "feed": lazy_gettext("Feed, read only"),
    "discourse": "Discourse",
}
ROLES = {"administrator": lazy_gettext("Administrator"), "agent": lazy_gettext("Agent")}


def kind_name(kind: str) -> str:
    """What a kind of channel is called."""
    return str(KINDS.get(kind, kind))


def role_name(role: str) -> str:
    """What a role is called."""
    return str(ROLES.get(role, role))


def reply_words(limits: Limits | None) -> str:
    """What can be sent this way, in words: "public, no files, 32,000 characters"."""
    if limits is None or not limits.can_send:
        return gettext("none, read only")
    return in_words(limits, limits.visibilities[0]) or gettext("without limits")
