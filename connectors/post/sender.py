"""Who wrote a letter: the return line, the letterhead, the form or the signature, never ourselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz import fuzz

from connectors.post.addresses import Block, blocks, is_street, read_return_line, read_town
from connectors.post.labels import Labelled, left_of_labels
from connectors.post.paper import Paper, is_enclosures

__all__ = ["Found", "Who", "find_sender"]

COMPANY = re.compile(
    r"\b(?:GmbH|mbH|AG|KGaA|KG|OHG|UG|GbR|SE|PartG|mbB|e\.? ?K|e\.? ?V|eG|a\. ?G|Ltd|Limited|Inc|LLC|"
    r"LLP|plc|Corp|Company|Co)\b|& (?:Co|Sons|Söhne|Partner)|"
    r"\b(?:Praxis|Kanzlei|Steuerkanzlei|Ingenieurbüro|Büro|Verein|Café|Cafe|Bäckerei|Druckerei|"
    r"Hausverwaltung|Apotheke|Autohaus|Hotel|Trust|Group|Society|Services|Foundation|Hospital|University|Bank|Stiftung|Versicherung|Schule|Stadt|Gemeinde)\b",
)
PERSON = re.compile(
    r"^(?:(?:Dr|Prof|Dipl\.-Ing|Herrn?|Frau|Mr|Mrs|Ms|Miss)\.? )*[^\W\d_][\w.'’-]+"
    r"(?: (?:von|van|de|der|zu|da|di|[^\W\d_]\.|[A-ZÄÖÜŞÇİÉ][\w'’-]+)){1,4}$"
)
UNMARKED = re.compile(r"^[^\W\d_][\w.'’&+-]+(?: [\w.'’&+-]+){0,4}(?<!\.)$")
"""What may be a company that does not say so: few words, no sentence."""
ON_BEHALF = re.compile(r"^(?:i\. ?[AV]\.|ppa\.|p\.p\.)\s*", re.IGNORECASE)
ALIKE = 80
"""Of 100: above it two OCR readings are the same name (rapidfuzz ratio)."""
SIGNATURE_LINES = 6


@dataclass(frozen=True, slots=True)
class Found:
    """A value and how sure it is, 0 to 1; `value` "" where nothing was found."""

    value: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Who:
    """The sender, as far as the paper tells; the recipient's lines serve to tell them apart."""

    name: Found = Found()
    company: Found = Found()
    street: Found = Found()
    postcode: Found = Found()
    city: Found = Found()
    country: Found = Found()
    signature: Found = Found()


def find_sender(paper: Paper, labels: Sequence[Labelled], ours: Sequence[str]) -> Who:
    """The sender of a letter; without `ours` a lone address is nobody's, as it may be ours."""
    labelled = {label.field: label.value for label in reversed(labels)}
    block, confidence = _address(paper, labels, ours)
    signature = _signature(paper, [labelled.get("name", ""), *(block.names if block else ())])
    who = [_turned(name) for name in block.names] if block else []
    person, company = _person_and_company(who, labelled, signature)
    sure = confidence or 0.5
    return Who(
        name=Found(person, sure if person in who else min(sure, 0.8)) if person else Found(),
        company=Found(company, sure) if company else Found(),
        street=Found(block.street, confidence) if block else Found(),
        postcode=Found(block.town.postcode, confidence) if block else Found(),
        city=Found(block.town.city, confidence) if block else Found(),
        country=Found(block.town.country, confidence) if block and block.town.country else Found(),
        signature=signature,
    )


def _address(
    paper: Paper, labels: Sequence[Labelled], ours: Sequence[str]
) -> tuple[Block | None, float]:
    """The sender's address and how sure it is; the surest kind of place comes first."""
    head = [left_of_labels(line) for line in paper.head]
    standing = [block for block in blocks(head) if not _is_ours(block, ours)]
    ending = [_signed(block, paper) for block in blocks(paper.end) if not _is_ours(block, ours)]
    rest = " ".join((*paper.head, *paper.end, *paper.foot))
    if block := _from_form(labels) or _from_fax(labels):
        return (None, 0.0) if _is_ours(block, ours) else (block, 0.9)
    if (block := _from_return_line(head)) and not _is_ours(block, ours):
        twice = rest.count(block.town.postcode) > 1
        return block, 0.95 if twice else 0.85
    if ending:
        return ending[-1], 0.85
    if standing and (ours or len(standing) > 1):
        return standing[0], 0.85
    return None, 0.0


def _signed(block: Block, paper: Paper) -> Block:
    """An address after the closing; below a list of enclosures the lines above it are no names."""
    listed = any(is_enclosures(line) for line in paper.end[: block.first + 1])
    return replace(block, names=()) if listed else block


def _is_ours(block: Block, ours: Sequence[str]) -> bool:
    town = f"{block.town.postcode} {block.town.city}"
    lines = (*block.names, block.street, town)
    return any(_is_same_line(own, line) for own in ours for line in lines)


def _is_same_line(own: str, line: str) -> bool:
    """Letters may be misread, but another number is another house: a neighbour may write to us."""
    numbers = re.findall(r"\d+", own) == re.findall(r"\d+", line)
    return numbers and fuzz.ratio(_plain(own), _plain(line)) >= ALIKE


def _from_return_line(head: Sequence[str]) -> Block | None:
    """The return line, which may have been broken over two lines."""
    rows = [line for line in head if line]
    single = (read_return_line(row) for row in rows)
    broken = (
        read_return_line(f"{row} {below}")
        for row, below in pairwise(rows)
        if re.search(r"\s[-–—·•:+|*]", row)
    )
    return next((block for found in (single, broken) for block in found if block), None)


def _from_form(labels: Iterable[Labelled]) -> Block | None:
    filled = {label.field: label.value for label in labels if label.caption}
    town = read_town(filled.get("town", ""))
    if not town or not is_street(filled.get("street", "")):
        return None
    names = (filled["name"],) if filled.get("name") else ()
    return Block(names, filled["street"], town, 0, 0)


def _from_fax(labels: Iterable[Labelled]) -> Block | None:
    """ "From: Charlotte Marsh, Marsh Ltd" and "Sender's address: 27 Station Road, York YO1 7HH"."""
    told = {label.field: label.value for label in reversed(list(labels))}
    found = next(blocks([told.get("from_address", "")]), None)
    if not found or "from" not in told:
        return None
    names = tuple(name.strip() for name in told["from"].split(", ", 1))
    return Block(names, found.street, found.town, 0, 0)


def _person_and_company(
    who: Sequence[str], labelled: dict[str, str], signature: Found
) -> tuple[str, str]:
    """Which of the names over an address is a person, which a company; "" for what is neither."""
    contact = labelled.get("name", "")
    known = contact if PERSON.match(contact) else signature.value
    if known and fuzz.ratio(_plain(known), _plain(signature.value)) >= ALIKE:
        known = max(known, signature.value, key=_umlauts)
    persons = [name for name in who if PERSON.match(name) and not COMPANY.search(name)]
    same = [name for name in persons if known and fuzz.ratio(_plain(name), _plain(known)) >= ALIKE]
    companies = [name for name in who if COMPANY.search(name)]
    if not companies:
        companies = [name for name in who if name not in persons and UNMARKED.match(name)]
    if not companies and persons and not same and PERSON.match(contact):
        companies, persons = persons[:1], []
    if same:
        person = max(same[0], known, key=_umlauts)
    else:
        person = known if companies and known else (persons or [known])[0]
    return person, (companies or [""])[0]


def _signature(paper: Paper, known: Iterable[str]) -> Found:
    """The printed name under the closing: it stands last, under what the pen wrote."""
    lines: list[str] = []
    for line in paper.end:
        if is_enclosures(line) or is_street(line) or len(lines) == SIGNATURE_LINES:
            break
        lines += [ON_BEHALF.sub("", line)] if line else []
    persons = [line for line in lines if PERSON.match(line) and not COMPANY.search(line)]
    names = [_plain(_turned(name)) for name in known if name]
    alike = [line for line in persons if any(fuzz.ratio(_plain(line), n) >= ALIKE for n in names)]
    if alike:
        return Found(max(reversed(alike), key=_umlauts), 0.95)
    return Found(persons[-1], 0.6) if persons else Found()


def _turned(name: str) -> str:
    """ "Yılmaz, Mareike" as "Mareike Yılmaz"; a company keeps its comma."""
    last, comma, first = name.partition(", ")
    if not comma or COMPANY.search(name):
        return name
    return f"{first} {last}"


def _umlauts(name: str) -> int:
    """How many letters a scan cannot have invented: it loses the dots of an umlaut, never adds them."""
    return sum(c in "äöüßÄÖÜ" for c in name)


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
