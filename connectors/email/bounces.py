"""What a mail system says about a mail of ours it could not deliver (RFC 3464, RFC 6533)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from itertools import islice

from connectors.email.failures import LONGEST_WORDS, failure_of, telling_line
from connectors.email.headers import Headers
from connectors.email.structure import Part, leaves
from crm.channels.contract import Failure

_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ORIGINAL = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}
)
_FAILED = frozenset({"failed", "expired", "undeliverable"})
_LATE = frozenset({"delayed", "delivered", "deliverable", "relayed", "expanded"})
_QUOTED_ID = re.compile(
    r"^[> \t]{0,20}Message-ID:\s*<([^<>\s]{1,900})>", re.IGNORECASE | re.MULTILINE
)
_OUR_KEY = re.compile(r"\bpk-\d{1,12}-[0-9a-f]{24}@[\w.-]{1,255}", re.IGNORECASE)
_REFERRING = re.compile(
    r"^[> \t]{0,20}(?:References|In-Reply-To):.*(?:\n[> \t]{0,20}[ \t].*)*",
    re.IGNORECASE | re.MULTILINE,
)
_REPLY = re.compile(r".{0,200}\b[45]\d\d[ :-]{1,2}#?[45]\.\d{1,3}\.\d{1,3}\b.{0,300}")
_PLAIN_REPLY = re.compile(r".{0,200}(?<![\d.#])[45]\d\d[ -]\D.{0,300}")
_RETURNED = re.compile(
    r"^[> \t]{0,20}(?:(?:Received|Return-Path|Message-ID|MIME-Version|DKIM-Signature):\s"
    r"|[-=_*+ ]{2,80}.{0,60}(?:original|copy|returned|below|headers|kopie|ursprüng|copie|copia)"
    r"|[-=_* ]{0,9}(?:below this line|copy of (?:the|your) |the (?:text|header) of your|original "
    r"message (?:header|follows)|unsent message|ursprüngliche nachricht|message d.origine))",
    re.IGNORECASE | re.MULTILINE,
)
_STILL_TRYING = re.compile(
    r"still being retried|will (?:keep|continue) (?:on )?(?:trying|to (?:try|be retried))|will be retried"
    r"|being retried|has not yet been delivered|not yet been able|do(?:es)? not need to resend"
    r"|warning message only|this is (?:only )?a warning|retry for|delivery .{0,30}delayed"
    r"|(?:noch|bisher) nicht zugestellt|weiterhin versuch|verzögert|pas encore|sera retent"
    r"|seguir[aá] intent|continuer[àa] a|nog niet|wordt opnieuw geprobeerd",
    re.IGNORECASE,
)
_GAVE_UP = re.compile(
    r"permanent|giving up|given up|gave up|could not be delivered|fatal|endgültig|undeliverable",
    re.IGNORECASE,
)
_MOST_BLOCKS = 200
_MOST_FAILED = 3
_READ = 100_000
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Bounce:
    """The Message-ID of the mail that came back, "" where it is not told, and why.

    `is_late`: nothing has failed yet; the mail system goes on trying, or tells of success
    (RFC 3464, 2.3.3).
    """

    message_id: str = ""
    reason: str = ""
    is_late: bool = False
    failure: Failure = Failure.OTHER


def reports_failure(message: Part) -> bool:
    """Whether a machine-readable report says that a mail failed or is late."""
    blocks = list(_status_blocks(message))
    actions = _actions(blocks)
    codes = [block.text("Status") for block in blocks]
    is_told = bool(actions & (_FAILED | {"delayed"}))
    return is_told or any(code.startswith(("4", "5")) for code in codes)


def read_bounce(message: Part, text: str) -> Bounce:
    """The original's Message-ID and the reason, from the report or else from the words."""
    blocks = list(_status_blocks(message))
    failed = _failed(blocks)
    original = _original(message)
    words = _explanation(text)
    actions = _actions(blocks)
    is_late = not failed and bool(actions) and actions <= _LATE
    if not blocks:
        is_late = bool(_STILL_TRYING.search(words)) and not _GAVE_UP.search(words)
    return Bounce(
        _original_id(message, original),
        _reason(failed, original, words),
        is_late,
        _failure(failed, words),
    )


def _actions(blocks: Iterable[Headers]) -> set[str]:
    """What was done for the recipients, in the report's own words."""
    told = (block.text("Action").partition(" ")[0].lower() for block in blocks)
    return {action for action in told if action}


def _failed(blocks: Sequence[Headers]) -> list[Headers]:
    """The groups about recipients whom the mail did not reach; without such, any that says why."""
    failed = [block for block in blocks if _actions([block]) & _FAILED]
    silent = [block for block in blocks if not _actions([block])]
    return failed or [block for block in silent if block.text("Status").startswith(("4", "5"))]


def _status_blocks(message: Part) -> Iterator[Headers]:
    """The groups of fields of all delivery-status parts: one per mail, one per recipient."""
    for part in leaves(message):
        if part.declared_type in _STATUS:
            raw = part.content[:_READ].replace(b"\r\n", b"\n").lstrip()
            for block in islice(re.split(rb"\n\s*\n", raw), _MOST_BLOCKS):
                yield Headers(message_from_bytes(block))


def _original(message: Part) -> Headers | None:
    """The headers of the mail that came back, where they are attached."""
    for part in leaves(message):
        if part.declared_type in _ORIGINAL:
            raw = part.content[:_READ].replace(b"\r\n", b"\n").lstrip()
            return Headers(message_from_bytes(raw.partition(b"\n\n")[0]))
    return None


def _explanation(text: str) -> str:
    """What the mail system says itself, above the mail that it returns."""
    returned = _RETURNED.search(text[:_READ])
    return text[: returned.start() if returned else LONGEST_WORDS][:LONGEST_WORDS]


def _original_id(message: Part, original: Headers | None) -> str:
    """The id of ours; where there is none, of whatever came back.

    Our ids are known by their form, so that one is found wherever a mail system shows it, also
    where a server on the way had given the mail another; those it answers are not its own.
    """
    shown = [
        part.content[:_READ].decode("latin-1").replace("\r\n", "\n") for part in leaves(message)
    ]
    quoted = [found[1] for text in shown if (found := _QUOTED_ID.search(text))]
    known = [*(original.ids("Message-ID")[:1] if original else []), *quoted]
    ours = (found[0] for text in shown if (found := _OUR_KEY.search(_REFERRING.sub("", text))))
    own = next(filter(_OUR_KEY.fullmatch, known), "") or next(ours, "")
    return own or next(iter(known), "") or _answered(message.headers)


def _answered(headers: Headers) -> str:
    """A bounce that returns nothing may still answer the mail (Exchange, Gmail)."""
    return next(iter([*headers.ids("In-Reply-To"), *reversed(headers.ids("References"))]), "")


def _failure(failed: Sequence[Headers], words: str) -> Failure:
    """From the report of the first recipient it did not reach, else from the words."""
    for block in failed[:1]:
        status = block.text("Status")
        meant = failure_of(block.text("Diagnostic-Code"), status)
        return meant if meant is not Failure.OTHER else failure_of(words, status)
    line = _line(words)
    meant = failure_of(line) if line else Failure.OTHER
    return meant if meant is not Failure.OTHER else failure_of(words)


def _reason(failed: Sequence[Headers], original: Headers | None, words: str) -> str:
    """The other side's words; with the address where the mail went to more than that one."""
    line = _line(words)
    told = [(_recipient(block), _said(block) or line or block.text("Status")) for block in failed]
    if not told:
        return line[:_LONGEST_REASON]
    boxes = original.mailboxes("To", "Cc") if original else []
    reached = {box.address.casefold() for box in boxes}
    is_one = len(told) == 1 and reached <= {told[0][0]}
    shown = [
        said if is_one or not address or address in said.casefold() else f"{address}: {said}"
        for address, said in told[:_MOST_FAILED]
    ]
    return "; ".join(dict.fromkeys(shown))[:_LONGEST_REASON]


def _recipient(block: Headers) -> str:
    for name in ("Original-Recipient", "Final-Recipient"):
        address = block.text(name).partition(";")[2].strip().strip("<>")
        if "@" in address:
            return address.casefold()
    return ""


def _said(block: Headers) -> str:
    kind, _, said = block.text("Diagnostic-Code").partition(";")
    return (said or kind).strip()


def _line(words: str) -> str:
    """The line with a code, else the one whose words speak."""
    found = _REPLY.search(words) or _PLAIN_REPLY.search(words)
    return found[0].strip() if found else telling_line(words)
