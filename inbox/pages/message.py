"""A message's original, as it came; and what the cards of messages call in their templates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from babel.numbers import format_decimal
from flask import Blueprint, Response, abort
from flask_babel import format_date, get_locale, gettext, lazy_gettext
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from crm.base import now
from crm.contacts.view import Contact
from crm.conversations.message import Message
from inbox.request import reading
from inbox.serving import download
from inbox.showing.difference import differing
from inbox.showing.fields import family_of, field_name, source_name
from inbox.showing.linkify import linkify
from inbox.showing.reasons import bars, in_short, kept_in_short
from inbox.times import percent

pages = Blueprint("message", __name__)

ENDINGS = {
    "message/rfc822": "eml",
    "application/json": "json",
    "application/pdf": "pdf",
    "image/tiff": "tif",
    "image/png": "png",
    "image/jpeg": "jpg",
    "application/xml": "xml",
    "text/xml": "xml",
}
STATUSES = {
    "open": lazy_gettext("Open"),
    "pending": lazy_gettext("Pending"),
    "snoozed": lazy_gettext("Snoozed"),
    "closed": lazy_gettext("Closed"),
    "spam": lazy_gettext("Spam"),
    "bin": lazy_gettext("Bin"),
}
BEGINNING = 120


@pages.get("/messages/<int:number>/raw")
def raw(number: int) -> Response:
    """The original bytes, as a download that no browser opens by itself."""
    message = reading().get(Message, number)
    if message is None or not message.raw_sha256:
        abort(404)
    ending = ENDINGS.get(message.raw_type, "bin")
    return download(message.raw_sha256, message.raw_type, f"message-{number}.{ending}")


@pages.app_template_global()
def csrf() -> Markup:
    """The hidden field that every form has."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


@pages.app_template_global()
def status_name(status: str) -> Any:
    """What a state of a conversation is called."""
    return STATUSES.get(status, status)


@pages.app_template_global()
def translated(sentence: str) -> str:
    """A fixed English sentence of a connector in the page's language."""
    return gettext(sentence) if sentence else ""


@pages.app_template_filter()
def seconds_to(at: datetime) -> int:
    """Seconds until then; 0 when it is over."""
    return max(0, round((at - now()).total_seconds()))


@pages.app_template_filter()
def time_of(written: str | None) -> datetime | None:
    """A time that was kept as text."""
    return datetime.fromisoformat(written) if written else None


@pages.app_template_filter()
def web_address(url: str) -> str:
    """The address when a link may lead there, else a link that leads nowhere."""
    return url if urlsplit(url).scheme in ("http", "https") else "#"


@pages.app_template_filter()
def beginning(text: str) -> str:
    """The first words of a text, on one line."""
    words = " ".join(text.split())
    return words if len(words) <= BEGINNING else f"{words[:BEGINNING].rsplit(' ', 1)[0]} …"


@pages.app_template_filter()
def postal_parts(address: str) -> list[str]:
    """The lines of a postal address."""
    return [line.strip() for line in address.replace("|", "\n").split("\n") if line.strip()]


@pages.app_template_filter()
def fact(value: str, field: str) -> str:
    """A field's value as people read it: languages and countries by their names, days as days."""
    if field == "date":
        return _day(value)
    words = Locale.parse(str(get_locale() or "en"))
    known: Any = {"language": words.languages, "country": words.territories}.get(field, {})
    return str(known.get(value, value))


@pages.app_template_filter()
def known_since(contact: Contact) -> datetime:
    """Since when a contact is known: by an address, else by a card."""
    seen = [address.first_seen for address in contact.identities]
    return min(seen or [card.created_at for card in contact.cards])


@pages.app_template_filter()
def likely(score: float) -> str:
    """A probability in percent; never more than 99, as nothing here is certain."""
    return percent(min(score, 0.99))


@pages.app_template_filter()
def bits(value: float) -> str:
    """A weight with its sign: +11,2 or −0,4."""
    sign = "+" if value >= 0 else "\N{MINUS SIGN}"
    return sign + str(format_decimal(abs(value), "0.0", locale=get_locale()))


def _day(value: str) -> str:
    try:
        return str(format_date(date.fromisoformat(value), "long"))
    except ValueError:
        return value


pages.add_app_template_filter(linkify, "linked")
pages.add_app_template_filter(bars, "bars")
pages.add_app_template_filter(in_short, "in_short")
pages.add_app_template_filter(kept_in_short, "reasons_in_short")
pages.add_app_template_filter(source_name, "source_word")
pages.add_app_template_filter(differing, "differing")
pages.add_app_template_global(field_name, "field_name")
pages.add_app_template_global(source_name, "source_name")
pages.add_app_template_global(family_of, "family_of")
