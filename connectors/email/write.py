"""An answer of ours becomes a mail (MIME, RFC 5322), and leads the next one back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, tzinfo
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy

from connectors.email.addresses import is_address
from connectors.email.attaching import attached_part, inline_part, told_apart
from connectors.email.charset import storable
from connectors.email.history import Quotation, Quote, quotations
from connectors.email.page import write_page
from connectors.email.written import Written, listed, mailbox, one_line, text
from crm.channels.contract import Outgoing, Recipient, Rejected

_ANSWER_PREFIX = re.compile(
    r"\s*(?:re|aw|antw(?:ort|oord)?|r[ée]p|r[ée]f|rif|r|resp?|sv|vs|v[aá]|odp|odg|ynt|回复|回覆|返信)"
    r"\s*(?:\[\d{1,4}\])?\s*[:：]",
    re.IGNORECASE,
)
_FORWARD_PREFIX = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|reenv|enc|doorst|vb|vl|i|pd|ilt|fs|转发|轉寄|転送)"
    r"\s*(?:\[\d{1,4}\])?\s*[:：]",
    re.IGNORECASE,
)
_ID = re.compile(r"[!-;=?-~]{1,900}")
_MOST_REFERENCES = 50
_WAYS = ("to", "cc", "bcc")


def write_mail(
    outgoing: Outgoing,
    sender: str,
    sender_name: str = "",
    program: str = "Postkorb",
    quote: Quote = "last",
    zone: tzinfo = UTC,
) -> bytes:
    """The mail's bytes with CRLF; recipients by "bcc" stand in no header.

    `sender` is the address in From, `sender_name` goes before the name in `outgoing`; `quote`
    says how much history stands below, with times of `zone`. No header can be smuggled in:
    control characters in any value become a space. Raises Rejected where an address is none.
    """
    mail = EmailMessage(_policy([sender, outgoing.reply_to, *_shown_addresses(outgoing)]))
    _address(mail, outgoing, sender, one_line(sender_name or outgoing.sender_name))
    _set(mail, "Subject", text(subject_of(outgoing)))
    mail["Date"] = outgoing.at
    _set_thread(mail, outgoing)
    if outgoing.automatic:
        mail["Auto-Submitted"] = "auto-generated"
        # Exchange answers automatic mail unless told so in its own words.
        mail["X-Auto-Response-Suppress"] = "All"
    mail["User-Agent"] = one_line(program)
    _fill(mail, outgoing, quotations(outgoing, quote, zone))
    return mail.as_bytes()


def subject_of(outgoing: Outgoing) -> str:
    """The subject with "Re:" or "Fwd:" before it and our reference after it, each exactly once.

    What is passed on loses the prefix of an answer: for its reader it answers nothing.
    """
    subject = one_line(outgoing.subject)
    if outgoing.forwards:
        subject = _for_others(subject)
    elif outgoing.answers and not _ANSWER_PREFIX.match(subject):
        subject = f"Re: {subject}"
    if outgoing.reference and outgoing.reference not in subject:
        subject = f"{subject} {one_line(outgoing.reference)}"
    return " ".join(subject.split())


def each_once(recipients: Sequence[Recipient]) -> list[Recipient]:
    """Everybody once, by the most open of their ways, in the order of the ways."""
    ordered = sorted(recipients, key=lambda one: _WAYS.index(one.way))
    first: dict[str, Recipient] = {}
    for one in ordered:
        first.setdefault(one.address.value.casefold(), one)
    return list(first.values())


def wire_address(address: str) -> str:
    """The address as SMTP takes it: the domain in ASCII (RFC 5891). Raises Rejected."""
    local, _, domain = address.rpartition("@")
    if not is_address(address):
        raise Rejected("This is no e-mail address.", address, "Correct the recipient.")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise Rejected("This is no e-mail address.", address, "Correct the recipient.") from None


def _for_others(subject: str) -> str:
    end = 0
    while (prefix := _ANSWER_PREFIX.match(subject, end)) is not None:
        end = prefix.end()
    bare = subject[end:].strip()
    return bare if _FORWARD_PREFIX.match(bare) else f"Fwd: {bare}"


def _shown_addresses(outgoing: Outgoing) -> list[str]:
    return [r.address.value for r in outgoing.recipients if r.way != "bcc"]


def _policy(addresses: list[str]) -> EmailPolicy[EmailMessage]:
    """Headers in UTF-8 (RFC 6532) only where a local part cannot be written otherwise."""
    has_letters = any(not address.rpartition("@")[0].isascii() for address in addresses)
    return EmailPolicy(linesep="\r\n", utf8=has_letters)


def _set(mail: EmailMessage, name: str, value: str) -> None:
    mail[name] = Written(name, value)


def _address(mail: EmailMessage, outgoing: Outgoing, sender: str, name: str) -> None:
    _set(mail, "From", mailbox(name, wire_address(sender)))
    recipients = each_once(outgoing.recipients)
    for way in ("to", "cc"):
        boxes = [
            mailbox(one_line(one.name), wire_address(one.address.value))
            for one in recipients
            if one.way == way
        ]
        if boxes:
            _set(mail, way.capitalize(), listed(boxes, ","))
    if all(one.way == "bcc" for one in recipients):
        _set(mail, "To", "undisclosed-recipients:;")
    if outgoing.reply_to:
        _set(mail, "Reply-To", mailbox(name, wire_address(outgoing.reply_to)))


def _set_thread(mail: EmailMessage, outgoing: Outgoing) -> None:
    """Message-ID, and those it refers to, the oldest first (RFC 5322, 3.6.4).

    What is passed on refers to none: for who gets it, it begins a matter of its own, and an
    answer is known by the signed reply address.
    """
    _set(mail, "Message-ID", f"<{outgoing.key}>")
    if outgoing.forwards or not _ID.fullmatch(outgoing.answers):
        return
    _set(mail, "In-Reply-To", f"<{outgoing.answers}>")
    older = [one for one in reversed(outgoing.mentions) if _ID.fullmatch(one)]
    ids = [*dict.fromkeys([*older, outgoing.answers])]
    shown = ids if len(ids) <= _MOST_REFERENCES else [ids[0], *ids[1 - _MOST_REFERENCES :]]
    _set(mail, "References", listed(f"<{one}>" for one in shown))


def _fill(mail: MIMEPart, outgoing: Outgoing, earlier: Sequence[Quotation]) -> None:
    """Text and HTML with its pictures as alternatives, then the files (RFC 2046, 2387).

    Both are quoted-printable, in lines as they were typed: format=flowed is honoured by few, and
    who has a window to fill shows the HTML.
    """
    shown, attached = told_apart(outgoing)
    policy = mail.policy
    assert isinstance(policy, EmailPolicy)
    mail.set_content(_plain(outgoing, earlier), cte="quoted-printable")
    page = write_page(
        outgoing.text,
        outgoing.signature,
        earlier,
        outgoing.language,
        {name: inline.image for name, inline in shown.items()},
    )
    mail.add_alternative(page, subtype="html", cte="quoted-printable")
    if shown:
        [_, html] = mail.iter_parts()
        html.make_related()
        html.set_param("type", "text/html")
        for inline in shown.values():
            html.attach(inline_part(inline, policy))
    if attached:
        mail.make_mixed()
    for file in attached:
        mail.attach(attached_part(file, policy))


def _plain(outgoing: Outgoing, earlier: Sequence[Quotation]) -> str:
    """The text, the signature below "-- " (RFC 3676, 4.3), and what was written before."""
    signature = outgoing.signature.strip("\r\n")
    blocks = [
        outgoing.text.strip("\r\n"),
        f"-- \n{signature}" if signature.strip() else "",
        *(quotation.lines for quotation in earlier),
    ]
    return storable("\n\n".join(filter(None, blocks)) + "\n")
