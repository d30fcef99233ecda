"""How another help desk calls a matter, read from the subject of its mail.

Only forms that desks are known to write: a number in brackets, or one that bears its desk's own
prefix. A bare number is an order, an invoice or a year.
"""

from __future__ import annotations

import re

LONGEST = 1_000
_WORDS = (
    r"ticket|case|request|incident|issue|bug|task|inquiry|enquiry|support|service|sr|ref|reference"
    r"|id|job|problem|change|vorgang|vorgangsnummer|anfrage|fall|störung|meldung|aktenzeichen"
    r"|dossier|demande|caso|solicitud|incidencia|richiesta|pratica|melding|zaak|verzoek|sprawa"
    r"|zgłoszenie|chamado|тикет|заявка|обращение"
)

_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # GitHub and its kind: "[owner/project] Title (#123)", "(Issue #123)".
        r"\[(?P<one>[\w.-]{1,60}/[\w.-]{1,100})\].{0,400}?\((?:[a-z ]{1,20})?[#!](?P<two>\d{1,9})\)",
        # Jira: "[JIRA] (ABC-123) ...", "[ABC-123] ..."; never ours.
        r"\[jira\].{0,60}?[(\[]?(?P<one>[a-z][a-z0-9_]{1,9}-\d{1,9})\b",
        r"[\[(](?P<one>(?!pk-)[a-z][a-z0-9_]{1,9}-\d{2,9})[\])]",
        # ServiceNow: a prefix per table and at least seven digits.
        r"\b(?P<one>(?:inc|ritm|req|chg|prb|sctask|task|ctask|cs|case|hrc|kb|sir|vul|wo|wot)\d{7,12})\b",
        # Salesforce: "[ ref:_00D58JMvr._5005x:ref ]".
        r"\bref:(?P<one>[!_.\w]{8,60}):ref\b",
        # ManageEngine: "##12345##", "##RE-12345##".
        r"##(?P<one>[a-z]{0,4}-?\d{2,12})##",
        # Kayako "[#ABC-123-45678]"; Freshdesk, Help Scout, RT, OTRS: "[#123456]",
        # "[example.com #12345]", "[Ticket#2026112510000012]", "[Project - Bug #17]".
        r"\[(?P<one>[^\[\]#]{0,60}#\s?:?\s?(?:[a-z]{2,4}-)?\d{2,20}(?:-\d{2,9}){0,2})\s?\]",
        # "[Case 1234567890]", "[Vorgang-Nr. 4711]", "[Ticket: ABC123456]".
        rf"\[\s?(?P<one>(?:{_WORDS})(?:[\s.:-]*(?:id|nr|no|nummer|number))?[\s.:-]*[a-z]{{0,4}}-?\d{{3,20}})"
        r"\s?\]",
        # OTRS without brackets: "Ticket#20261125 ...", "Ticket #12345".
        r"\bticket\s?#\s?:?\s?(?P<one>\d{4,20})\b",
        # Microsoft and Google: "TrackingID#2311200050001234", "[8-1234000012345]".
        r"\btracking ?id\s?#\s?(?P<one>\d{10,20})\b",
        r"\[(?P<one>\d-\d{13})\]",
    )
)
_BLANK = re.compile(r"[\s:]+")


def far_reference(subject: str) -> str:
    """The far desk's name for the matter, in small letters without blanks; "" where there is none."""
    for form in _FORMS:
        found = form.search(subject[:LONGEST])
        if found:
            told = "#".join(part for part in found.groupdict().values() if part)
            return _BLANK.sub("", told).casefold()
    return ""
