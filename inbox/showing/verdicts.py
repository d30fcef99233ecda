"""What the receiving server found out about a mail: in a line, and as a warning where it is bad."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext

from crm.channels.contract import Family
from crm.conversations.message import Direction, Message

_METHODS = {"spf": "SPF", "dkim": "DKIM", "dmarc": "DMARC"}
_WORDS: dict[str, Any] = {
    "pass": lazy_gettext("passed"),
    "fail": lazy_gettext("failed"),
    "softfail": lazy_gettext("failed softly"),
    "none": lazy_gettext("none"),
    "neutral": lazy_gettext("neutral"),
    "policy": lazy_gettext("against its policy"),
    "temperror": lazy_gettext("could not be checked"),
    "permerror": lazy_gettext("could not be checked"),
}
"""The results of RFC 8601, 2.7; others are shown as they came."""

_FAILED = frozenset(["fail", "softfail"])


def is_doubtful(message: Message) -> bool:
    """Whether it may be forged or is taken for spam, so that no trust in its sender holds."""
    found = message.verdicts or {}
    return found.get("spam") == "yes" or _is_forged(found)


def warnings(message: Message, family: str) -> list[str]:
    """What an agent must know before acting on it; nothing for letters, posts and our own."""
    if not _is_judged(message, family):
        return []
    found, told = message.verdicts, []
    if found.get("spam") == "yes":
        told.append(gettext("Your mail server takes this for spam."))
    if found.get("dmarc") == "fail":
        told.append(gettext("The sender may be forged: DMARC failed."))
    elif _is_forged(found):
        told.append(gettext("The sender may be forged: SPF and DKIM failed."))
    return told


def checked(message: Message, family: str) -> str:
    """All verdicts in a line, for whoever looks; "" where there are none."""
    if not _is_judged(message, family):
        return ""
    told = [
        f"{shown} {_WORDS.get(message.verdicts[name], message.verdicts[name])}"
        for name, shown in _METHODS.items()
        if message.verdicts.get(name)
    ]
    match message.verdicts.get("spam"):
        case "yes":
            told.append(gettext("taken for spam"))
        case "no":
            told.append(gettext("no spam"))
    return gettext("Checked by your mail server: %(verdicts)s", verdicts=", ".join(told))


def _is_judged(message: Message, family: str) -> bool:
    is_mail = family == Family.EMAIL and message.direction == Direction.INCOMING
    return is_mail and bool(message.verdicts)


def _is_forged(found: dict[str, Any]) -> bool:
    """DMARC speaks for the visible sender; without it both others must fail."""
    if found.get("dmarc") == "pass":
        return False
    both = found.get("spf") in _FAILED and found.get("dkim") in _FAILED
    return found.get("dmarc") == "fail" or both
