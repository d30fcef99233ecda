"""A letter's text read as a letter: sender, date, subject, references, body; each with a confidence.

When a thing is not sure, nothing is given: an agent believes what stands on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from connectors.post.addresses import blocks, is_street, read_return_line, read_town
from connectors.post.countries import country_code
from connectors.post.dates import DateFound, dates_in
from connectors.post.labels import Labelled, left_of_labels, read_labels
from connectors.post.paper import Paper, is_enclosures, unfold
from connectors.post.phrases import language_of
from connectors.post.reach import find_email, find_phone
from connectors.post.sender import Found, Who, find_sender

__all__ = ["Found", "Letter", "read_letter"]

REFERENCE = re.compile(r"(?<![\w-])PK[ ]?[-–—‐][ ]?(\d{2,9})(?:[-–—‐]([2-9A-Z]{2})(?!\w))?(?!\w)")
CUSTOMER_NUMBER = re.compile(r"^(?:[A-Z]{1,4}[ -]?)?\d[\d/-]*(?: \d{2,})*")
PLACE_AND_DATE = re.compile(
    r"^(?P<place>[A-ZÄÖÜ][\w.()/-]*(?: [\w.()/-]+){0,3}?)(?:,\s?(?:den\s|the\s)?|\sden\s)$"
)
IN_SUBJECT = re.compile(
    r"^\W*(?:betreff|betr\.?|re|subject)\s*:\s*|\s*[\[(]?PK ?[-–—‐] ?\d+[-–\w]*[\])]?\s*$", re.I
)
MAX_SUBJECT_LINES = 3
STRAYED = 12
"""How many lines below the salutation a line of the information block may stand in an OCR text."""
FIELDS = (
    "place", "subject", "our_reference", "your_reference", "customer_number",
    "salutation", "body", "closing",
)  # fmt: skip
MAX_LETTER_AGE = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Letter:
    """What was read from a letter; a Found without value where nothing was.

    `day` is `dated` as a date, `language` "de", "en" or "", `text` salutation to end.
    """

    who: Who
    phone: Found
    email: Found
    day: date | None
    dated: Found
    place: Found
    subject: Found
    our_reference: Found
    your_reference: Found
    customer_number: Found
    salutation: Found
    body: Found
    closing: Found
    enclosures: tuple[str, ...]
    language: str
    text: str

    def found(self) -> Iterator[tuple[str, Found]]:
        """Every single value read off the paper, by name; the sender's as "sender.X".

        Not the country: it follows from the postcode's form more often than it is written.
        """
        for name in ("name", "company", "street", "postcode", "city"):
            yield f"sender.{name}", getattr(self.who, name)
        for name in ("phone", "email"):
            yield f"sender.{name}", getattr(self, name)
        yield "date", self.dated
        for name in FIELDS:
            yield name, getattr(self, name)
        yield "signature_name", self.who.signature


def read_letter(
    text: str, our_addresses: Sequence[str] = (), received: date | None = None
) -> Letter:
    """Read a letter from its text, pages apart by form feeds. Takes any text, raises nothing.

    `our_addresses` are lines that mark the recipient; no date after `received` (default today)
    is the letter's own.
    """
    paper = unfold(text)
    outside = (*paper.head, *paper.end, *paper.foot)
    labels = read_labels(outside)
    within = read_labels((*paper.head, *paper.body, *paper.end))
    who = find_sender(paper, labels, our_addresses)
    last = (received or datetime.now(UTC).date()) + timedelta(days=1)
    day, place = _dated(paper, within, who, last)
    subject = _subject(paper, labels)
    body = _paragraphs(_body(paper, labels))
    return Letter(
        who=who,
        phone=find_phone(labels, our_addresses),
        email=find_email(outside, labels, our_addresses),
        day=day.day if day else None,
        dated=Found(day.day.isoformat(), 0.95 if day.sure else 0.6) if day else Found(),
        place=place,
        subject=subject,
        our_reference=_our_reference(labels, paper),
        your_reference=_labelled(labels, "your_reference"),
        customer_number=_customer_number(within),
        salutation=Found(paper.salutation, 0.95) if paper.salutation else Found(),
        body=Found(body, 0.8 if paper.salutation else 0.4) if body else Found(),
        closing=Found(paper.closing, 0.95) if paper.closing else Found(),
        enclosures=_enclosures(paper),
        language=language_of(text),
        text=_message(paper, labels, body, who) or text.strip(),
    )


def _dated(
    paper: Paper, labels: Sequence[Labelled], who: Who, last: date
) -> tuple[DateFound | None, Found]:
    """The letter's own date and the place before it: labelled, else alone on its line."""
    american = who.country.value == "US"

    def possible(line: str) -> list[DateFound]:
        return [d for d in dates_in(line, american) if last - MAX_LETTER_AGE <= d.day <= last]

    for label in labels:
        found = possible(label.value) if label.field == "date" else []
        if found:
            return found[0], Found()
    for number, line in enumerate((*paper.head, *paper.body[:STRAYED])):
        for found_day in possible(line):
            before, after = line[: found_day.start], line[found_day.end :]
            alone = not before.strip(" .,:;") and len(after) <= 3
            if alone and number < len(paper.head):
                return found_day, Found()
            placed = PLACE_AND_DATE.match(before)
            if placed and (len(after) <= 3 or not paper.salutation):
                return found_day, Found(placed["place"].strip(" ,"), 0.9)
    return None, Found()


def _subject(paper: Paper, labels: Sequence[Labelled]) -> Found:
    """The labelled subject, else the lines between address or date and the salutation."""
    told = _labelled(labels, "subject")
    if told.value:
        return Found(IN_SUBJECT.sub("", told.value), 0.95)
    if not paper.salutation:
        return Found()
    lines: list[str] = []
    for line in reversed(paper.head):
        if lines and not (line and _may_be_subject(line)):
            break
        lines = [line, *lines] if line else lines
    if not lines or len(lines) > MAX_SUBJECT_LINES or not all(map(_may_be_subject, lines)):
        return Found()
    first = next(line for line in paper.head if line)
    subject = IN_SUBJECT.sub("", " ".join(lines))
    return Found(subject, 0.85) if subject and lines[0] is not first else Found()


def _may_be_subject(line: str) -> bool:
    dates = list(dates_in(line))
    is_date = bool(dates) and dates[0].start <= 25 and len(line) - dates[0].end <= 3
    placed = is_date and ("," in line[: dates[0].start] or dates[0].start <= 2)
    address = (
        read_town(line)
        or (is_street(line) and not dates)
        or read_return_line(line)
        or country_code(line)
    )
    return not (placed or address or left_of_labels(line) != line)


def _our_reference(labels: Sequence[Labelled], paper: Paper) -> Found:
    """PK-1042-K7 or PK-1042: labelled, else in the head, else the only one in the text."""
    places = (
        ([label.value for label in labels if label.field == "our_reference"], 0.95),
        (paper.head, 0.95),
        ((*paper.body, *paper.end), 0.8),
    )
    for lines, confidence in places:
        found = {
            "-".join(("PK", *filter(None, match.groups())))
            for line in lines
            for match in REFERENCE.finditer(line)
        }
        if found:
            return Found(found.pop(), confidence) if len(found) == 1 else Found()
    return Found()


def _customer_number(labels: Sequence[Labelled]) -> Found:
    for label in labels:
        match = CUSTOMER_NUMBER.match(label.value) if label.field == "customer_number" else None
        if match and sum(c.isdigit() for c in match.group()) >= 4:
            return Found(match.group().strip(" -/"), 0.9)
    return Found()


def _labelled(labels: Sequence[Labelled], field: str) -> Found:
    value = next((label.value for label in labels if label.field == field), "")
    return Found(value, 0.9) if value else Found()


def _body(paper: Paper, labels: Sequence[Labelled]) -> Sequence[str]:
    """The lines of the text itself; of a form, what stands below "Your message"."""
    if paper.salutation:
        return paper.body
    asked = next((label for label in labels if label.field == "message"), None)
    if asked:
        lines = paper.head[asked.line + 1 :]
        signed = (number for number, line in enumerate(lines) if _is_form_foot(line))
        return lines[: next(signed, len(lines))]
    known = [block.last for block in blocks(paper.head)]
    return paper.head[max(known, default=-1) + 1 :]


def _is_form_foot(line: str) -> bool:
    if line.casefold() in ("ort, datum", "place, date", "unterschrift", "signature"):
        return True
    found = next(dates_in(line), None)
    return bool(found and PLACE_AND_DATE.match(line[: found.start]))


def _paragraphs(lines: Sequence[str]) -> str:
    """Lines of the paper joined to paragraphs; a line much shorter than the longest stays one."""
    width = max(map(len, lines), default=0)
    text = ""
    for line in lines:
        if not line:
            text = text.rstrip("\n ") + "\n\n"
        else:
            text += line + ("\n" if len(line) < 0.6 * width else " ")
    return re.sub(r" +\n", "\n", text).strip()


def _enclosures(paper: Paper) -> tuple[str, ...]:
    listed: list[str] | None = None
    for line in paper.end:
        if is_enclosures(line):
            behind = line.partition(":")[2].strip()
            listed = [behind] if behind else []
        elif listed is not None and not line and listed:
            break
        elif listed is not None and line:
            listed.append(line)
    return tuple(listed or ())


def _message(paper: Paper, labels: Sequence[Labelled], body: str, who: Who) -> str:
    """Salutation to the end, as the thread shows it; of what is no letter, all its words."""
    if not paper.salutation and not paper.closing:
        is_form = any(label.field == "message" for label in labels)
        return body if is_form else _paragraphs(paper.head)
    farewell = "\n".join((paper.closing, *_from_signature(paper.end, who.signature.value)))
    farewell = re.sub(r"\n{3,}", "\n\n", farewell).strip()
    return "\n\n".join(part for part in (paper.salutation, body, farewell) if part)


def _from_signature(end: Sequence[str], signature: str) -> Sequence[str]:
    """From the printed name on; above it an OCR text has only what it made of the pen's strokes."""
    start = next((number for number, line in enumerate(end) if signature in line), 0)
    return end[start:]
