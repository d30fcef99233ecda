"""What the fields of a contact and the ways to reach somebody are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext

FIELDS: dict[str, Any] = {
    "name": lazy_gettext("Name"),
    "company": lazy_gettext("Company"),
    "street": lazy_gettext("Street"),
    "postcode": lazy_gettext("Postcode"),
    "city": lazy_gettext("Town"),
    "country": lazy_gettext("Country"),
    "customer_number": lazy_gettext("Customer number"),
    "language": lazy_gettext("Language"),
    "birth_date": lazy_gettext("Birth date"),
    "email": lazy_gettext("E-mail"),
    "phone": lazy_gettext("Phone"),
    "postal": lazy_gettext("Address"),
    "handle": lazy_gettext("Forum"),
}
SOURCES: dict[str, Any] = {
    "email": lazy_gettext("E-mail"),
    "post": lazy_gettext("Letter"),
    "community": lazy_gettext("Forum"),
    "import": lazy_gettext("Imported list"),
    "csv": lazy_gettext("Imported list"),
}
FAMILY_OF_KIND = {"email": "email", "postal": "post", "handle": "community", "phone": "phone"}


def field_name(name: str) -> Any:
    """What a field, or a kind of identity, is called."""
    return FIELDS.get(name, name)


def source_name(source: str) -> Any:
    """Where a card or an address comes from."""
    return SOURCES.get(source, source)


def family_of(kind: str) -> str:
    """The family of channels whose sign a kind of identity wears."""
    return FAMILY_OF_KIND.get(kind, "")
