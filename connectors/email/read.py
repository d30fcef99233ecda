"""One mail as the customer database takes it: MIME becomes an Incoming, whatever its state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.email.addresses import Mailbox, is_address
from connectors.email.body import read_body
from connectors.email.bounces import Bounce, read_bounce
from connectors.email.calendar import invitation_in
from connectors.email.charset import decode
from connectors.email.far import far_reference
from connectors.email.folding import fold
from connectors.email.headers import MOST_IDS, Headers
from connectors.email.phones import phones_below
from connectors.email.quotes import Separated, separate
from connectors.email.sorting import NO_REPLY, sort_of
from connectors.email.structure import take_apart
from connectors.email.verdicts import is_refuted, verdicts_of
from crm.channels.contract import (
    Address,
    File,
    IdentityKind,
    Incoming,
    Person,
    Recipient,
    Role,
    Sort,
)

RAW_TYPE = "message/rfc822"
_SHOWN_RAW = 100_000
_FORMER_IDS = (
    "X-Microsoft-Original-Message-ID",
    "X-Google-Original-Message-ID",
    "X-Original-Message-ID",
    "Original-Message-ID",
)
_ENDINGS = {RAW_TYPE: "eml", "text/calendar": "ics", "text/plain": "txt", "image/jpeg": "jpg"}
_NO_FILE_NAME = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]")
_LONGEST_HEAD, _LONGEST_STEM = 100_000, 80


def read_mail(
    raw: bytes,
    remote_id: str,
    at: datetime,
    our_addresses: Sequence[str] = (),
    our_phone: str = "",
) -> Incoming:
    """Read a mail; never raises. What cannot be read is flagged and shown as it is.

    `at` is when the mailbox received it; a sender in `our_addresses` makes it one of ours;
    `our_phone` is never taken for the sender's.
    """
    try:
        return _read(raw, remote_id, at, our_addresses, our_phone)
    except Exception:
        # The one place for what no reader foresaw (endless nesting, faults of the parser): the mail
        # must be stored and seen, and must not stop the others.
        return Incoming(
            remote_id=remote_id,
            at=at,
            text=decode(raw[:_SHOWN_RAW]).text,
            raw=raw,
            raw_type=RAW_TYPE,
            flags=("unparsable",),
        )


def _read(
    raw: bytes, remote_id: str, at: datetime, our_addresses: Sequence[str], our_phone: str
) -> Incoming:
    message = take_apart(raw)
    headers = message.headers
    body = read_body(message)
    parts = separate(body.text, headers.text("Subject"))
    sort = sort_of(message, our_addresses)
    bounce = read_bounce(message, body.text) if sort is Sort.BOUNCE else Bounce()
    verdicts = verdicts_of(headers)
    sender = _sender(headers, our_addresses)
    is_ours = sender.address is not None and _is_ours(sender.address.value, our_addresses)
    # Anybody can write our name: what would stand in a thread as our word must not be refuted.
    is_ours = is_ours and not is_refuted(verdicts)
    if sort is Sort.CUSTOMER and not is_ours:
        sender = replace(sender, named=_phones(parts, our_phone))
    message_id = next(iter(headers.ids("Message-ID")), "")
    flags = [*body.flags]
    if not message.keys():
        flags.append("no_headers")
    return Incoming(
        remote_id=remote_id,
        at=at,
        sender=sender,
        role=Role.US if is_ours else Role.CUSTOMER,
        sort=sort,
        dated=headers.date(),
        recipients=tuple(_recipients(headers)),
        reply_to=next(
            (_address(box) for box in headers.mailboxes("Reply-To") if _valid(box)), None
        ),
        subject=headers.text("Subject"),
        text=parts.text,
        quoted=parts.quoted,
        signature=parts.signature,
        html=fold(body.html, headers.text("Subject"), is_likely=bool(parts.quoted)),
        files=tuple(_with_names(body.files)),
        message_id=message_id,
        other_ids=_other_ids(headers, message_id),
        far=far_reference(headers.text("Subject")),
        mentions=_mentions(headers, bounce.message_id if bounce.is_late else ""),
        key=message_id if is_ours else "",
        bounced="" if bounce.is_late else bounce.message_id,
        reason=bounce.reason,
        failure=bounce.failure,
        verdicts=verdicts,
        invitation=invitation_in(body.files),
        raw=raw,
        raw_type=RAW_TYPE,
        flags=tuple(flags),
    )


def _valid(box: Mailbox) -> bool:
    return is_address(box.address)


def _address(box: Mailbox) -> Address:
    return Address(IdentityKind.EMAIL, box.address)


def _sender(headers: Headers, our_addresses: Sequence[str]) -> Person:
    """From, else Sender, else the envelope's: some programs send none, or a name alone.

    A web form writes from an address that nobody reads, or from ours to ours; who filled it in
    stands in Reply-To.
    """
    boxes = headers.first_mailboxes("From")
    asker = next(filter(_valid, headers.mailboxes("Reply-To")), None)
    if asker is not None and boxes:
        is_unread = NO_REPLY.match(boxes[0].address) is not None
        if is_unread or _is_among_us(headers, boxes[0], asker, our_addresses):
            return Person(asker.name, _address(asker))
    found = next(filter(_valid, boxes), None) or next(
        filter(_valid, headers.mailboxes("Sender", "Return-Path", "X-Envelope-From")), None
    )
    name = next((box.name for box in boxes if box.name), found.name if found else "")
    if found is None:
        return Person(name or next((box.address for box in boxes), ""))
    return Person(found.name or name, _address(found))


def _phones(parts: Separated, our_phone: str) -> tuple[Address, ...]:
    """Only named, so that they suggest and decide nothing; an auto-reply names a colleague's."""
    return tuple(Address(IdentityKind.PHONE, phone) for phone in phones_below(parts, our_phone))


def _is_ours(address: str, our_addresses: Sequence[str]) -> bool:
    return address.casefold() in {one.casefold() for one in our_addresses}


def _is_among_us(
    headers: Headers, sender: Mailbox, asker: Mailbox, our_addresses: Sequence[str]
) -> bool:
    """Whether one of our addresses writes to ours alone, and answers are to go to somebody else."""
    local, _, host = asker.address.rpartition("@")
    plain = f"{local.partition('+')[0]}@{host}"
    to = [box.address for box in headers.mailboxes("To", "Cc")]
    return (
        bool(to)
        and all(_is_ours(address, our_addresses) for address in (sender.address, *to))
        and not any(_is_ours(address, our_addresses) for address in (asker.address, plain))
    )


def _recipients(headers: Headers) -> Iterator[Recipient]:
    """Each address once; where the mail really arrived tells an alias or a signed reply address."""
    seen: set[str] = set()
    for way, names in (
        ("to", ("To",)),
        ("cc", ("Cc",)),
        ("bcc", ("Delivered-To", "X-Original-To")),
    ):
        for box in headers.mailboxes(*names):
            if _valid(box) and box.address.casefold() not in seen:
                seen.add(box.address.casefold())
                yield Recipient(_address(box), box.name, way)


def _other_ids(headers: Headers, message_id: str) -> tuple[str, ...]:
    """What it was called before a server on its way gave it another Message-ID."""
    found = (one for name in _FORMER_IDS for one in headers.first_ids(name)[:1])
    return tuple(dict.fromkeys(one for one in found if one != message_id))


def _mentions(headers: Headers, late: str) -> tuple[str, ...]:
    """What it answers first, then its references, the nearest first (RFC 5322, 3.6.4).

    A report that a mail of ours is `late` is about that mail, and says nothing final of it.
    """
    nearest = [late, *headers.ids("In-Reply-To"), *reversed(headers.ids("References"))]
    return tuple(dict.fromkeys(filter(None, nearest)))[:MOST_IDS]


def _with_names(files: Sequence[File]) -> Iterator[File]:
    """Files with a name to click on: a mail gets its subject, any other part its number and kind."""
    for number, file in enumerate(files, 1):
        ending = _ENDINGS.get(file.type) or file.type.partition("/")[2].split("+")[0]
        stem = _subject_of(file) or f"part-{number}"
        yield file if file.name else replace(file, name=f"{stem}.{ending}")


def _subject_of(file: File) -> str:
    """What a mail that is attached is about, as a file may be named; "" for any other file."""
    if file.name or file.type != "message/rfc822":
        return ""
    head = re.split(rb"\r?\n\r?\n", file.content[:_LONGEST_HEAD], maxsplit=1)[0]
    subject = take_apart(head).headers.text("Subject")
    return " ".join(_NO_FILE_NAME.sub(" ", subject).split())[:_LONGEST_STEM].strip(". ")
