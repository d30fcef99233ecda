"""How a mail would be read, as plain JSON: for `postkorb inspect`, bug reports and scorers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from connectors.email.addresses import Mailbox
from connectors.email.body import read_body
from connectors.email.headers import Headers
from connectors.email.read import read_mail
from connectors.email.structure import take_apart
from crm.channels.contract import FileUse, Incoming, Invitation


def inspect_mail(raw: bytes, path: str) -> dict[str, Any]:
    """Everything read from one mail under JSON's own types; `error` only where nothing was."""
    incoming = read_mail(raw, path, datetime.now(UTC))
    if "unparsable" in incoming.flags:
        return {"path": path, "error": "unparsable"}
    return {"path": path, **_headers(raw), **_content(raw, incoming)}


def _headers(raw: bytes) -> dict[str, Any]:
    headers = take_apart(raw).headers
    return {
        "subject": headers.text("Subject") if "Subject" in headers else None,
        "from": _boxes(headers.first_mailboxes("From")),
        "to": _boxes(headers.mailboxes("To")),
        "cc": _boxes(headers.mailboxes("Cc")),
        "date": _iso(headers.date()),
        "message_id": _first(headers, "Message-ID"),
        "in_reply_to": _first(headers, "In-Reply-To"),
        "references": headers.first_ids("References"),
    }


def _content(raw: bytes, incoming: Incoming) -> dict[str, Any]:
    return {
        "text": incoming.text,
        "quoted": incoming.quoted,
        "signature": incoming.signature,
        "phones": [named.value for named in incoming.sender.named],
        "attachments": [
            {
                "name": file.name or None,
                "type": file.type,
                "size": len(file.content),
                "inline": file.use is FileUse.INLINE,
                "damaged": file.damaged,
            }
            for file in read_body(take_apart(raw)).files
        ],
        "kind": incoming.sort.value,
        "flags": list(incoming.flags),
        "verdicts": dict(incoming.verdicts),
        "invitation": _invitation(incoming.invitation),
    }


def _invitation(found: Invitation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    times = {name: _iso(getattr(found, name)) for name in ("starts", "ends")}
    return {**asdict(found), **times}


def _iso(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _boxes(boxes: Sequence[Mailbox]) -> list[dict[str, str]]:
    return [{"name": box.name, "address": box.address} for box in boxes]


def _first(headers: Headers, name: str) -> str | None:
    return next(iter(headers.ids(name)), None)
