"""A contact list from elsewhere: which column is what, and each row as a profile."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from crm.contacts.normalise import normal_address
from crm.contacts.profile import Profile

__all__ = ["COLUMNS", "Listed", "Unusable", "columns_of", "read_list", "read_row"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "record_id": ("record_id", "id", "contact_id", "nr"),
    "name": ("name", "full_name", "fullname", "display_name", "kontakt"),
    "given": ("first_name", "given_name", "firstname", "vorname"),
    "surname": ("surname", "last_name", "family_name", "lastname", "nachname"),
    "email": ("email", "e_mail", "mail", "email_address"),
    "phone": ("phone", "telephone", "phone_number", "telefon", "mobile", "mobil"),
    "street": ("street", "address", "address_1", "street_address", "strasse", "straße"),
    "number": ("street_number", "house_number", "hausnummer"),
    "postcode": ("postcode", "postal_code", "zip", "zip_code", "plz"),
    "city": ("city", "town", "suburb", "ort", "stadt"),
    "country": ("country", "land"),
    "company": ("company", "organisation", "organization", "firma"),
    "handle": ("handle", "username", "nickname"),
    "birth_date": ("birth_date", "dob", "date_of_birth", "birthday", "geburtsdatum"),
    "customer_number": ("customer_number", "customer_id", "kundennummer"),
}
"""What each field may be called in the header, whatever its case."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list, by its record id."""

    record_id: str
    profile: Profile


class Unusable(ValueError):
    """A list in which nothing can be compared; the text says what was found."""


def read_list(file: TextIO, country: str) -> Iterator[Listed]:
    """The rows of a CSV file with a header, separated by commas, semicolons or tabs.

    `country` is where bare phone numbers are dialled. Raises Unusable.
    """
    header = file.readline()
    separator = max(",;\t", key=header.count)
    names = next(csv.reader([header], delimiter=separator), [])
    columns = columns_of(names)
    if not columns.keys() - {"record_id", "country", "number"}:
        raise Unusable(
            f"expected columns such as name, email, phone, street, postcode, city;"
            f" found {', '.join(names) or 'nothing'}"
        )
    lines = csv.DictReader(file, names, delimiter=separator)
    try:
        for number, row in enumerate(lines, 1):
            yield read_row(row, columns, number, country)
    except csv.Error as error:
        raise Unusable(f"line {lines.line_num + 2}: {error}") from error


def columns_of(header: Sequence[str]) -> dict[str, str]:
    """Which column of the header holds which field; a field without a column is left out."""
    written = {name.strip().casefold().replace("-", "_").replace(" ", "_"): name for name in header}
    return {
        field: next(written[name] for name in names if name in written)
        for field, names in COLUMNS.items()
        if any(name in written for name in names)
    }


def read_row(
    row: Mapping[str, str | None], columns: Mapping[str, str], number: int, country: str
) -> Listed:
    """A row as a profile. `number` stands in where the list has no record ids."""
    value = {field: (row.get(column) or "").strip() for field, column in columns.items()}
    name = value.get("name") or " ".join(_present(value, "given", "surname"))
    handle = normal_address("handle", value.get("handle", ""))
    profile = Profile(
        name=name,
        company=value.get("company", ""),
        emails=_addresses("email", value.get("email", ""), country),
        phones=_addresses("phone", value.get("phone", ""), country),
        street=" ".join(_present(value, "street", "number")),
        postcode=value.get("postcode", ""),
        city=value.get("city", ""),
        handles=(("", handle),) if handle else (),
        birth_date=value.get("birth_date", ""),
        customer_number=value.get("customer_number", ""),
    )
    return Listed(value.get("record_id") or str(number), profile)


def _present(value: Mapping[str, str], *fields: str) -> Iterator[str]:
    return (value[field] for field in fields if value.get(field))


def _addresses(kind: str, written: str, country: str) -> tuple[str, ...]:
    values = (normal_address(kind, one, country=country) for one in written.split(";"))
    return tuple(value for value in values if value)
