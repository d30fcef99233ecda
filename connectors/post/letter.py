"""A reply as a page: Outgoing to a DIN 5008 letter in PDF/A, set by Typst."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import typst

from connectors.post.countries import country_line, country_name
from connectors.post.dates import write_date
from connectors.post.phrases import is_closing
from crm.channels.contract import IdentityKind, Outgoing, Rejected, Site

__all__ = ["MAX_PAGES", "compose"]

MAX_PAGES = 8

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
TEMPLATE = HERE / "letter.typ"
CUTS = {("normal", 400), ("normal", 500), ("normal", 600), ("italic", 400)}
"""The cuts of Inter that the package brings, so that a letter looks the same on every machine."""

NO_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "reference": "Unser Zeichen",
        "customer_number": "Kundennummer",
        "agent": "Es schreibt",
        "phone": "Telefon",
        "email": "E-Mail",
        "date": "Datum",
        "quote": "Bitte geben Sie bei Ihrer Antwort dieses Zeichen an: {reference}",
        "closing": "Mit freundlichen Grüßen",
        "page": "Seite {page} von {pages}",
    },
    "en": {
        "reference": "Our reference",
        "customer_number": "Customer no.",
        "agent": "Written by",
        "phone": "Telephone",
        "email": "E-mail",
        "date": "Date",
        "quote": "Please quote this reference when you answer: {reference}",
        "closing": "Yours sincerely,",
        "page": "Page {page} of {pages}",
    },
}


def compose(outgoing: Outgoing, site: Site) -> bytes:
    """The letter as a PDF/A-3b file: form B of DIN 5008, A4, in German or English.

    Raises Rejected where it cannot be written: no postal address, files, a character that the
    font lacks, more than MAX_PAGES pages.
    """
    if outgoing.files:
        raise Rejected("A letter cannot carry files.", remedy="Send the files by e-mail.")
    pdf = _typeset(_sheet(outgoing, site), outgoing)
    with pypdfium2.PdfDocument(pdf) as document:
        pages = len(document)
    if pages > MAX_PAGES:
        raise Rejected(
            "This letter is too long.",
            f"{pages} pages, {MAX_PAGES} are possible",
            "Shorten the text or send it by e-mail.",
        )
    return pdf


def _typeset(sheet: Mapping[str, object], outgoing: Outgoing) -> bytes:
    try:
        pdf, warnings = typst.compile_with_warnings(
            TEMPLATE,
            root=HERE,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"letter": json.dumps(sheet)},
            pdf_standards=["a-3b"],
            timestamp=int(outgoing.at.timestamp()),
        )
    except typst.TypstError as error:
        unprintable = NO_GLYPH.findall(error.diagnostic)
        if not unprintable:
            raise
        raise Rejected(
            "The letter has characters that cannot be printed.",
            " ".join(dict.fromkeys(unprintable)),
            "Remove them from the text or the address and send it again.",
        ) from error
    if warnings or not isinstance(pdf, bytes):
        raise RuntimeError(f"the letter was not set cleanly: {[each.message for each in warnings]}")
    return pdf


@cache
def _fonts() -> typst.Fonts:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS]
    )
    missing = CUTS - {(font.style.lower(), font.weight) for font in fonts.fonts()}
    if missing:
        raise RuntimeError(f"{FONTS} lacks Inter {sorted(missing)}; install the package again")
    return fonts


def _sheet(outgoing: Outgoing, site: Site) -> Mapping[str, object]:
    """Everything that stands on the paper, ready to be placed."""
    language = "de" if outgoing.language.startswith("de") else "en"
    words = WORDS[language]
    company = site.company
    date = write_date(outgoing.at.astimezone(ZoneInfo(site.time_zone)).date(), language)
    paragraphs = _paragraphs(outgoing.text)
    name = company.get("company") or company.get("name") or site.name
    town = f"{company.get('postcode', '')} {company.get('city', '')}".strip()
    rows = (
        (words["reference"], _bare(outgoing.reference)),
        (words["customer_number"], outgoing.facts.get("customer_number", "")),
        (words["agent"], outgoing.sender_name),
        (words["phone"], company.get("phone", "")),
        (words["email"], company.get("email", "")),
        (words["date"], date),
    )
    columns = (
        (name, company.get("street", ""), town, country_name(company.get("country", ""), language)),
        tuple(company.get(key, "") for key in ("phone", "email", "website")),
    )
    footer = [[line for line in column if line] for column in columns]
    return {
        "language": language,
        "words": words,
        "company": name,
        "return_line": " · ".join(part for part in (name, company.get("street"), town) if part),
        "address": _address(outgoing, site, language),
        "information": [row for row in rows if row[1]],
        "date": date,
        "reference": _bare(outgoing.reference),
        "title": outgoing.subject or _bare(outgoing.reference),
        "subject": outgoing.subject,
        "quote": words["quote"].format(reference=outgoing.reference) if outgoing.reference else "",
        "paragraphs": paragraphs,
        "closing": "" if _takes_leave(paragraphs) else words["closing"],
        "agent": outgoing.sender_name,
        "footer": [column for column in footer if column] or [[name]],
    }


def _address(outgoing: Outgoing, site: Site, language: str) -> list[str]:
    """The lines in the window. Raises Rejected where name, street or town is missing."""
    recipient = next(
        (to for to in outgoing.recipients if to.address.kind is IdentityKind.POSTAL), None
    )
    parts = [part.strip() for part in recipient.address.value.split("|")] if recipient else []
    if recipient is None or len(parts) < 3 or not all(parts[:3]):
        raise Rejected(
            "This contact has no postal address.",
            remedy="Enter name, street, postcode and town at the contact, then send again.",
        )
    name, street, town, *country = parts
    person = recipient.name.strip()
    names = [name] if person.casefold() in ("", name.casefold()) else [name, person]
    abroad = country_line(country[0] if country else "", site.country, language)
    return [*names, street, town, *([abroad] if abroad else [])]


def _paragraphs(text: str) -> list[list[str]]:
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return [[line.strip() for line in block.split("\n")] for block in blocks if block.strip()]


def _takes_leave(paragraphs: list[list[str]]) -> bool:
    """Whether the agent has written the closing himself."""
    return any(is_closing(line) for block in paragraphs[-2:] for line in block)


def _bare(reference: str) -> str:
    return reference.strip("[]")
