"""A profile: all that one card says of its person, ready to be compared with another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from crm.contacts.normalise import fold, name_parts, postcode, street_key

__all__ = ["Profile", "is_shared_local"]

LEGAL_FORM = re.compile(
    r"\b(?:gmbh|mbh|ag|kg|kgaa|ohg|gbr|ug|ltd|limited|plc|llc|inc|corp|sarl|srl|sp z o o|"
    r"stiftung|verein|verband|verwaltung|praxis|apotheke|e ?[kv]$)\b"
)
"""In folded names. What is also a name or initials (SA, SE, E. K.) counts at the end or not at all."""

SHARED_LOCALS = {
    "info", "mail", "kontakt", "contact", "office", "buro", "service", "support", "post", "email",
    "team", "admin", "hallo", "hello", "sales", "vertrieb", "einkauf", "verwaltung", "sekretariat",
    "zentrale", "empfang", "familie", "family", "fam", "rechnung", "billing", "buchhaltung",
    "bestellung", "order", "orders", "shop", "noreply", "postmaster", "webmaster", "kundenservice",
}  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """Addresses are normalised (see normal_address), all else stands as written.

    `handles` are (scope, handle); `birth_date` is ISO 8601 or however it was written.
    """

    name: str = ""
    company: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    street: str = ""
    postcode: str = ""
    city: str = ""
    handles: tuple[tuple[str, str], ...] = ()
    birth_date: str = ""
    customer_number: str = ""

    @cached_property
    def called(self) -> str:
        """The name; where there is none, what an address like anna.meier@ tells of it."""
        if self.name.strip() or self.company.strip():
            return self.name
        nicks = [mail.partition("@")[0] for mail in self.emails] + [
            nick for _, nick in self.handles
        ]
        for nick in nicks:
            words = re.sub(r"\d+", " ", re.sub(r"[._+-]", " ", nick)).split()
            if len(words) == 2 and not is_shared_local(nick):
                return " ".join(words)
        return ""

    @cached_property
    def parts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Given names and surname, folded; nothing for an organisation."""
        return ((), ()) if self.is_organisation else name_parts(self.called)

    @cached_property
    def is_organisation(self) -> bool:
        """A legal form in its name, or a company that names no person."""
        name = fold(self.name)
        return bool(name and LEGAL_FORM.search(name)) or (
            bool(self.company.strip()) and name in ("", fold(self.company))
        )

    @cached_property
    def firm(self) -> str:
        """The company without its legal form, folded."""
        written = self.company or (self.name if self.is_organisation else "")
        return " ".join(LEGAL_FORM.sub(" ", fold(written)).split())

    @cached_property
    def street_key(self) -> str:
        return street_key(self.street)

    @cached_property
    def code(self) -> str:
        return postcode(self.postcode)

    @cached_property
    def town(self) -> str:
        return fold(self.city)

    @cached_property
    def born(self) -> str:
        """The birth date's digits, year first where it can be told."""
        digits = re.findall(r"\d+", self.birth_date)
        if len(digits) == 3 and len(digits[2]) == 4:
            digits.reverse()
        return "".join(part.zfill(2) for part in digits)

    @cached_property
    def nicks(self) -> frozenset[str]:
        """Local parts and handles without punctuation: what a person calls themselves."""
        locals_ = (mail.partition("@")[0] for mail in self.emails)
        words = [*(word for word in locals_ if not is_shared_local(word))]
        words += [handle.partition("@")[0] for _, handle in self.handles]
        folded = {fold(word).replace(" ", "") for word in words}
        return frozenset(word for word in folded if len(word) >= 5)


def is_shared_local(local: str) -> bool:
    """Whether the part before the @ names an office or a family rather than a person."""
    return any(word in SHARED_LOCALS for word in re.split(r"[._+\d-]+", local.casefold()) if word)
