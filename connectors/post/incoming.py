"""A scan, its pages and its words become one Incoming."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from connectors.post.claims import Claim
from connectors.post.dates import write_date
from connectors.post.letterhead import Letter, read_letter
from connectors.post.pages import media_type, page_pictures
from connectors.post.words import read_words
from crm.channels.contract import Address, File, IdentityKind, Incoming, Person, ReadField

__all__ = ["ScanUnusable", "read_scan"]


class ScanUnusable(Exception):
    """A file that is no scan at all; its text says what is wrong and what to do."""


def read_scan(claim: Claim, our_addresses: Sequence[str], language: str) -> Incoming:
    """The letter a finished scan holds, read from the text beside it or else from its own layer.

    `language` is ours, for what says nothing. A scan that cannot be shown is flagged, not refused. Raises ScanUnusable for an empty file or
    one of another kind, OSError where a file cannot be read.
    """
    content = claim.scan.read_bytes()
    kind = media_type(content)
    if not kind:
        raise ScanUnusable(_why_unusable(content))
    pages = page_pictures(claim.name, content)
    beside = read_words(claim.words.read_bytes()) if claim.words else None
    text = beside.text if beside and beside.text.strip() else pages.text
    at = datetime.fromtimestamp(claim.scan.stat().st_mtime, UTC)
    letter = read_letter(text, our_addresses, at.date())
    flags = [*pages.flags]
    if not text.strip():
        flags.append("no_text")
    if beside and beside.guessed:
        flags.append("charset")
    return Incoming(
        remote_id=hashlib.sha256(content).hexdigest(),
        at=at,
        sender=_sender(letter),
        dated=_noon(letter.day),
        subject=letter.subject.value or _subject_by_date(letter, at.date(), language),
        text=letter.text,
        reference=letter.our_reference.value,
        files=(File(claim.name, kind, content), *pages.pictures),
        fields=tuple(_fields(letter)),
        raw=content,
        raw_type=kind,
        flags=tuple(flags),
    )


def _why_unusable(content: bytes) -> str:
    if not content:
        return "This file is empty. Scan the letter again and put it back into the scan folder."
    return (
        "This file is neither PDF, TIFF, PNG nor JPEG, whatever its name says. "
        "Scan the letter again in one of these formats and put it back into the scan folder."
    )


def _sender(letter: Letter) -> Person:
    who = letter.who
    name = who.company.value or who.name.value
    town = f"{who.postcode.value} {who.city.value}".strip()
    address = None
    if name and who.street.value and who.postcode.value:
        address = Address(IdentityKind.POSTAL, f"{name}|{who.street.value}|{town}")
    named = [
        Address(kind, found.value)
        for kind, found in (
            (IdentityKind.EMAIL, letter.email),
            (IdentityKind.PHONE, letter.phone),
        )
        if found.value
    ]
    facts = {
        "name": who.name.value,
        "company": who.company.value,
        "street": who.street.value,
        "postcode": who.postcode.value,
        "city": who.city.value,
        "country": who.country.value,
        "customer_number": letter.customer_number.value,
        "language": letter.language,
    }
    return Person(
        name=who.name.value or who.company.value,
        address=address,
        named=tuple(named),
        facts={key: value for key, value in facts.items() if value},
    )


def _noon(day: date | None) -> datetime | None:
    """Noon in UTC is the same day in every time zone that letters come from."""
    return datetime.combine(day, time(12), UTC) if day else None


def _subject_by_date(letter: Letter, received: date, language: str) -> str:
    day = letter.day or received
    if (letter.language or language) == "de":
        return f"Brief vom {write_date(day, 'de')}"
    return f"Letter of {write_date(day, 'en')}"


def _fields(letter: Letter) -> Iterator[ReadField]:
    """What was read, for the page that lays it beside the picture."""
    for name, found in letter.found():
        if found.value and name != "body":
            yield ReadField(name, found.value, found.confidence)
