"""What was written before: quoted below an answer, or passed on; `quotes` reads it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal, TypeAlias

from babel.dates import format_date

from connectors.email.charset import storable
from connectors.email.read import RAW_TYPE, read_mail
from crm.channels.contract import File, Incoming, Outgoing, Past, Person

Quote: TypeAlias = Literal["last", "all", "none"]
"""How much of what was written before stands below an answer."""

LONGEST_PAST = 20_000
"""Characters of one earlier message."""

LONGEST_HISTORY = 100_000
"""Characters of all of them together."""

CUT = "[…]"
_LONGEST_NAME = 100
_MOST_RECIPIENTS = 20
_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Quotation:
    """An earlier message with the lines above it; passed on, its own lines bear no mark."""

    head: str
    text: str
    is_passed_on: bool = False

    @property
    def lines(self) -> str:
        """As plain text shows it."""
        if self.is_passed_on:
            return f"{self.head}\n\n{self.text}"
        marked = (f"> {line}".rstrip() for line in self.text.split("\n"))
        return "\n".join([self.head, *marked])


@dataclass(frozen=True, slots=True)
class _Words:
    """How mail programs of a language introduce what was written before."""

    locale: str
    wrote: str
    at: str
    somebody: str
    passed_on: str
    sender: str
    date: str
    subject: str
    to: str


_LANGUAGES: Mapping[str, _Words] = {
    "en": _Words(
        "en_GB", "On {when}, {who} wrote:", "{day} at {time}", "somebody",
        "Forwarded message", "From", "Date", "Subject", "To",
    ),
    "de": _Words(
        "de", "Am {when} schrieb {who}:", "{day} um {time}", "jemand",
        "Weitergeleitete Nachricht", "Von", "Datum", "Betreff", "An",
    ),
    "fr": _Words(
        "fr", "Le {when}, {who} a écrit :", "{day} à {time}", "quelqu’un",
        "Message transféré", "De", "Date", "Objet", "À",
    ),
    "es": _Words(
        "es", "El {when}, {who} escribió:", "{day} a las {time}", "alguien",
        "Mensaje reenviado", "De", "Fecha", "Asunto", "Para",
    ),
    "nl": _Words(
        "nl", "Op {when} schreef {who}:", "{day} om {time}", "iemand",
        "Doorgestuurd bericht", "Van", "Datum", "Onderwerp", "Aan",
    ),
    "it": _Words(
        "it", "Il {when}, {who} ha scritto:", "{day} alle {time}", "qualcuno",
        "Messaggio inoltrato", "Da", "Data", "Oggetto", "A",
    ),
}  # fmt: skip


def quotations(outgoing: Outgoing, quote: Quote, zone: tzinfo) -> tuple[Quotation, ...]:
    """What stands below an answer, in its language and with times of `zone`.

    A message passed on is always shown, whatever `quote` says: the one attached
    (message/rfc822), else the nearest of the history.
    """
    words = _LANGUAGES.get(re.split("[-_]", outgoing.language)[0].lower(), _LANGUAGES["en"])
    if outgoing.forwards:
        return tuple(_passed_on(outgoing, words, zone))
    written = [past for past in outgoing.history if past.text.strip()]
    match quote:
        case "none":
            written = []
        case "last":
            written = written[:1]
    return tuple(_quoted(written, words, zone))


def _quoted(history: Sequence[Past], words: _Words, zone: tzinfo) -> Iterator[Quotation]:
    left = LONGEST_HISTORY
    for past in history:
        text = _shortened(past.text)
        left -= len(text)
        if left < 0:
            return
        who = _plain(past.author) or words.somebody
        yield Quotation(words.wrote.format(when=_when(past.at, words, zone), who=who), text)


def _passed_on(outgoing: Outgoing, words: _Words, zone: tzinfo) -> Iterator[Quotation]:
    original = next((file for file in outgoing.files if file.type == RAW_TYPE), None)
    if original is not None:
        yield _from_original(original, outgoing.at, words, zone)
    elif outgoing.history:
        past = outgoing.history[0]
        head = _headed(words, {words.sender: past.author, words.date: _when(past.at, words, zone)})
        yield Quotation(head, _shortened(past.text), is_passed_on=True)


def _from_original(file: File, at: datetime, words: _Words, zone: tzinfo) -> Quotation:
    mail = read_mail(file.content, "", at)
    head = _headed(
        words,
        {
            words.sender: _person(mail.sender),
            words.date: _when(mail.dated, words, zone) if mail.dated else "",
            words.subject: mail.subject,
            words.to: _recipients(mail),
        },
    )
    whole = "\n\n".join(filter(None, (mail.text, mail.signature, mail.quoted)))
    return Quotation(head, _shortened(whole), is_passed_on=True)


def _headed(words: _Words, fields: Mapping[str, str]) -> str:
    told = [f"{name}: {shown}" for name, value in fields.items() if (shown := _on_one_line(value))]
    return "\n".join([f"---------- {words.passed_on} ----------", *told])


def _person(person: Person) -> str:
    address = person.address.value if person.address else ""
    name = _plain(person.name)
    return f"{name} <{address}>" if name and address else name or address


def _recipients(mail: Incoming) -> str:
    people = [Person(one.name, one.address) for one in mail.recipients if one.way == "to"]
    shown = ", ".join(map(_person, people[:_MOST_RECIPIENTS]))
    return f"{shown}, …" if len(people) > _MOST_RECIPIENTS else shown


def _when(at: datetime, words: _Words, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    day = format_date(local.date(), "long", locale=words.locale)
    return words.at.format(day=day, time=f"{local:%H:%M}")


def _plain(name: str) -> str:
    return _on_one_line(name)[:_LONGEST_NAME].strip()


def _on_one_line(value: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in value).split())


def _shortened(text: str) -> str:
    whole = storable(_LINE_END.sub("\n", text)).strip("\n")
    return whole if len(whole) <= LONGEST_PAST else f"{whole[:LONGEST_PAST].rstrip()}\n{CUT}"
