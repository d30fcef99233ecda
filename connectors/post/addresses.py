"""Postal addresses in running lines: streets, towns with their postcodes, return lines, blocks.

Postcode forms: DE five digits, AT and CH four, UK after Royal Mail's PAF, US ZIP (USPS Pub. 28).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.post.countries import country_code

__all__ = ["Block", "Town", "blocks", "is_street", "read_return_line", "read_town"]

CITY = (
    r"[A-ZÄÖÜÉ][\w.'’()-]*"
    r"(?:[ ](?:am|an|der|den|die|im|in|bei|ob|vor|zu|auf|a\.|i\.|d\.|St\.)|[ /](?!Ihr|Unser|Kunden)[A-ZÄÖÜÉ(][\w.'’()-]*){0,4}"
)
GERMAN = re.compile(rf"(?:(?P<land>D|A|CH|DE|AT)[ -]{{1,3}})?(?P<code>\d{{4,5}}) (?P<city>{CITY})")
BRITISH = r"(?P<out>[A-Z]{1,2}\d[A-Z\d]?) ?(?P<in>\d[A-Z]{2})"
BRITISH_ALONE = re.compile(rf"^{BRITISH}$")
BRITISH_FIRST = re.compile(rf"^{BRITISH},? (?P<city>{CITY})$")
BRITISH_LAST = re.compile(rf"^(?P<city>{CITY}),? {BRITISH}$")
AMERICAN = re.compile(rf"^(?P<city>{CITY}),? (?P<state>[A-Z]{{2}}) (?P<code>\d{{5}}(?:-\d{{4}})?)$")

HOUSE = r"\d{1,4}(?: ?[a-zA-Z](?![a-zA-Z]))?(?: ?[-–/] ?\d{1,4} ?[a-zA-Z]?)?"
STREET_FIRST = re.compile(rf"^[A-ZÄÖÜÉ][\w.'’() -]*[\w.)] {HOUSE}$")
NUMBER_FIRST = re.compile(r"^\d{1,5}[a-zA-Z]?(?:[-–/]\d{1,5})? [A-Z][\w.'’ -]+$")
PO_BOX = re.compile(r"^(?:Postfach|P\.? ?O\.? Box) [\d ]+$", re.IGNORECASE)
NO_STREET = re.compile(r"\b(?:HRB|Seite|Page|Nr|No|Rechnung|Invoice|IBAN)\b", re.IGNORECASE)

SEPARATOR = r"\s*[-–—·•:+|*«»,.;~=]+\s+|\s+[-–—·•:+|*«»,.;~=]+\s*"
MAX_NAME_LINES = 3


@dataclass(frozen=True, slots=True)
class Town:
    """Postcode, town (in the US with its state), and the country where the form tells it, else ""."""

    postcode: str
    city: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """An address: who (one to three lines), street, town; `first` and `last` are its lines."""

    names: tuple[str, ...]
    street: str
    town: Town
    first: int
    last: int


def read_town(line: str) -> Town | None:
    """Postcode and town of a line that holds nothing else."""
    line = line.strip(" ,;")
    if match := AMERICAN.match(line):
        return Town(match["code"], f"{match['city']}, {match['state']}", "US")
    if match := BRITISH_FIRST.match(line) or BRITISH_LAST.match(line):
        return Town(f"{match['out']} {match['in']}", match["city"].rstrip(","), "GB")
    if match := GERMAN.fullmatch(line):
        return _german(match)
    return None


def _german(match: re.Match[str]) -> Town:
    lands = {"D": "DE", "DE": "DE", "A": "AT", "AT": "AT", "CH": "CH"}
    country = lands.get(match["land"] or "", "DE" if len(match["code"]) == 5 else "")
    return Town(match["code"], match["city"].strip(), country)


def is_street(line: str) -> bool:
    """Whether a line is street and house number, or a PO box."""
    line = line.strip(" ,;")
    if PO_BOX.match(line):
        return True
    return not NO_STREET.search(line) and bool(STREET_FIRST.match(line) or NUMBER_FIRST.match(line))


def read_return_line(line: str) -> Block | None:
    """The small line above the window: "Firma - Straße 1 - 12345 Ort", whatever separates it."""
    cuts = list(re.finditer(SEPARATOR, line))
    for number, second in enumerate(cuts):
        town = _first_town(line[second.end() :])
        if town is None:
            continue
        for first in reversed(cuts[:number]):
            street, name = line[first.end() : second.start()], line[: first.start()].strip()
            if is_street(street) and len(name) > 2:
                return Block((name,), street.strip(), town, 0, 0)
    return None


def _first_town(text: str) -> Town | None:
    match = GERMAN.match(text)
    return _german(match) if match else read_town(text)


def blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Every address that stands line under line, or with street and town on one line."""
    rows = [(number, line) for number, line in enumerate(lines) if line]
    for place, (number, line) in enumerate(rows):
        above = rows[max(0, place - MAX_NAME_LINES - 2) : place]
        found = _under_street(line, [text for _, text in above]) or _on_one_line(line)
        if found:
            street, town, used = found
            names = _names(lines, above[: len(above) - used])
            first = names[0][0] if names else number - used
            country = country_code(rows[place + 1][1]) if place + 1 < len(rows) else ""
            if country:
                town = Town(town.postcode, town.city, country)
            yield Block(tuple(name for _, name in names), street, town, first, number)


def _under_street(line: str, above: list[str]) -> tuple[str, Town, int] | None:
    """Street, town, and how many lines above the town's were used."""
    town = read_town(line)
    if town and above and is_street(above[-1]):
        return above[-1].strip(" ,"), town, 1
    alone = BRITISH_ALONE.match(line)
    if alone and len(above) >= 2 and is_street(above[-2]) and re.fullmatch(CITY, above[-1]):
        return above[-2].strip(" ,"), Town(f"{alone['out']} {alone['in']}", above[-1], "GB"), 2
    return None


def _on_one_line(line: str) -> tuple[str, Town, int] | None:
    """ "194 Kingsway, York, YO1 7HH" or "Hauptstraße 63, 72070 Tübingen"."""
    for comma in re.finditer(r",\s*", line):
        town = read_town(line[comma.end() :])
        street = line[: comma.start()]
        if town and is_street(street):
            return street, town, 0
    return None


def _names(lines: Sequence[str], above: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines directly over the street that can be names: no gap above them, no figures."""
    names: list[tuple[int, str]] = []
    for number, text in reversed(above[-MAX_NAME_LINES:]):
        if names and not all(lines[number + 1 : names[0][0]]):
            break
        if re.search(r"\d{2}|[@:]", text) or len(text) > 60 or read_town(text):
            break
        names.insert(0, (number, text))
    return names
