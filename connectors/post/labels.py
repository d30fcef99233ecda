"""Printed labels and what stands behind them: "Ihr Zeichen: PK-1042", "Tel. 040 66969-100"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

__all__ = ["Labelled", "left_of_labels", "read_labels"]

NUMBER = r"(?=\W{0,2}(?:[A-Z]{1,4}-?)?\d)"
LABELS = {
    "customer_number": rf"""(?:kunden|kd|mitglieds)[ .\-]{{0,2}}(?:nummer|nr)\.?(?:\s?:|\s*{NUMBER}|\ (?:lautet|ist)\ )
        | (?:customer|account)\ (?:number|no\b)\.?(?:\s?:|\s*{NUMBER}|\ is\ )""",
    "your_reference": r"uns(?:er)?e?\ (?:akten)?zeichen\s?: | our\ ref(?:erence)?\.?\s?:",
    "our_reference": rf"""ihr\ (?:akten)?zeichen(?:\s?:|\s+{NUMBER})
        | your\ ref(?:erence)?\.?(?:\s?:|\s+{NUMBER}) | vorgangs?-?(?:nummer|nr\.?)\s?: | case\ reference\s?:""",
    "phone": r"(?:tele)?fon\s?: | (?:tele)?fon(?=\ [+(\d]) | tel\b\.?\s?:? | (?:tele)?phone\s?: | mobil\w*\s?:",
    "fax": r"(?:tele)?fax\s?: | fax(?=\ [+(\d])",
    "email": r"e-?mail\s?: | e-?mail(?=\ \S+@)",
    "name": r"(?:name|ansprechpartner(?:in)?|bearbeiter(?:in)?)\s?:",
    "date": r"(?:datum|date)\s?:",
    "subject": r"(?:betreff|betr\.?|subject|re)\s?:",
    "from": r"(?:von|from)\s?:",
    "from_address": r"(?:absender|sender.?s\ address)\s?:",
    "to": r"(?:an|to)\s?:",
    "to_address": r"(?:anschrift|address)\s?:",
    "pages": r"(?:seiten|pages)\s?:",
    "other": r"""(?:iban|bic|bankverbindung|amtsgericht|hrb|ust-idnr\.?|vat(?:\ no\.?)?)(?:\s?:|\b(?=\ ))
        | (?:zeichen|internet|web|ihre\ nachricht\ vom)\s?:""",
}  # fmt: skip
LABEL = re.compile(
    r"(?<![\w@-])(?:" + "|".join(f"(?P<{name}>{form})" for name, form in LABELS.items()) + ")",
    re.IGNORECASE | re.VERBOSE,
)

FORM_LABELS = {
    "name, vorname": "name",
    "vorname, name": "name",
    "full name": "name",
    "straße, hausnummer": "street",
    "street": "street",
    "plz, ort": "town",
    "town and postcode": "town",
    "telefon": "phone",
    "telephone": "phone",
    "e-mail": "email",
    "email": "email",
    "kundennummer": "customer_number",
    "customer number": "customer_number",
    "vorgangsnummer": "our_reference",
    "case reference": "our_reference",
    "betreff": "subject",
    "subject": "subject",
    "anliegen": "subject",
    "ihre mitteilung": "message",
    "your message": "message",
    "ort, datum": "foot",
    "place, date": "foot",
    "unterschrift": "foot",
    "signature": "foot",
}
"""Captions of a form: alone on their line, what was filled in below."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a label names, the words behind it, and in which line; `caption` above, on a form."""

    field: str
    value: str
    line: int
    caption: bool = False


def read_labels(lines: Iterable[str]) -> tuple[Labelled, ...]:
    """Every labelled value, from top to bottom; a label with nothing behind it is left out."""
    found: list[Labelled] = []
    rows = list(lines)
    for number, line in enumerate(rows):
        caption = FORM_LABELS.get(line.lower().strip(" .:"))
        if caption:
            below = next((row for row in rows[number + 1 :] if row), "")
            if below and below.lower().strip(" .:") not in FORM_LABELS:
                found.append(Labelled(caption, below, number, caption=True))
            continue
        marks = list(LABEL.finditer(line))
        for mark, following in zip_longest(marks, marks[1:]):
            end = following.start() if following else len(line)
            value = line[mark.end() : end].strip(" :;|,")
            if mark.lastgroup and value:
                found.append(Labelled(mark.lastgroup, value, number))
    return tuple(found)


def left_of_labels(line: str) -> str:
    """A line without its labelled part: the address field beside an information block."""
    mark = LABEL.search(line)
    return line[: mark.start()].strip(" :;|") if mark else line
