"""An answer of ours becomes a mail (MIME, RFC 5322), and leads the next one back."""

from __future__ import annotations

import re
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import EmailPolicy

from connectors.email.addresses import is_address
from connectors.email.charset import storable
from crm.channels.contract import File, Outgoing, Rejected

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_ANSWER_PREFIX = re.compile(r"\s*(?:re|aw|antw|sv|rif|ref|r|réf)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_TYPE = re.compile(r"(?!message/|multipart/)[\w.+-]{1,60}/[\w.+-]{1,60}")
_ID = re.compile(r"[!-;=?-~]{1,900}")
_MOST_REFERENCES = 50
_IDS = frozenset({"message-id", "in-reply-to", "references"})


class _Wire(EmailPolicy):
    """SMTP's policy, but ids are never encoded: a long one would become an encoded word, no id."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() not in _IDS:
            return super().fold_binary(name, value)
        ids = f"{self.linesep} ".join(str(value).split())
        return f"{name}: {ids}{self.linesep}".encode("ascii")


def write_mail(
    outgoing: Outgoing, sender: str, sender_name: str = "", program: str = "Postkorb"
) -> bytes:
    """The mail's bytes with CRLF; recipients by "bcc" stand in no header.

    `sender` is the address in From, `sender_name` goes before the name in `outgoing`. No header
    can be smuggled in: control characters in any value become a space. Raises Rejected where an
    address is none.
    """
    name = sender_name or outgoing.sender_name
    mail = EmailMessage(_policy([sender, outgoing.reply_to, *_shown_addresses(outgoing)]))
    mail["From"] = _mailbox(name, sender)
    for way in ("to", "cc"):
        boxes = [_mailbox(r.name, r.address.value) for r in outgoing.recipients if r.way == way]
        if boxes:
            mail[way.capitalize()] = boxes
    mail["Subject"] = subject_of(outgoing)
    mail["Date"] = outgoing.at
    _set_thread(mail, outgoing)
    if outgoing.reply_to:
        mail["Reply-To"] = _mailbox(name, outgoing.reply_to)
    if outgoing.automatic:
        mail["Auto-Submitted"] = "auto-generated"
    mail["User-Agent"] = _one_line(program)
    mail.set_content(storable(outgoing.text), cte="quoted-printable")
    for file in outgoing.files:
        _attach(mail, file)
    return mail.as_bytes()


def subject_of(outgoing: Outgoing) -> str:
    """The subject with "Re:" before an answer and our reference after it, each exactly once."""
    subject = _one_line(outgoing.subject)
    if outgoing.answers and not _ANSWER_PREFIX.match(subject):
        subject = f"Re: {subject}"
    if outgoing.reference and outgoing.reference not in subject:
        subject = f"{subject} {_one_line(outgoing.reference)}"
    return subject.strip()


def wire_address(address: str) -> str:
    """The address as SMTP takes it: the domain in ASCII (RFC 5891). Raises Rejected."""
    local, _, domain = address.rpartition("@")
    if not is_address(address):
        raise Rejected("This is no e-mail address.", address, "Correct the recipient.")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise Rejected("This is no e-mail address.", address, "Correct the recipient.") from None


def _shown_addresses(outgoing: Outgoing) -> list[str]:
    return [r.address.value for r in outgoing.recipients if r.way != "bcc"]


def _policy(addresses: list[str]) -> EmailPolicy:
    """Headers in UTF-8 (RFC 6532) only where a local part cannot be written otherwise."""
    has_letters = any(not address.rpartition("@")[0].isascii() for address in addresses)
    return _Wire(linesep="\r\n", utf8=has_letters)


def _mailbox(name: str, address: str) -> HeaderAddress:
    local, _, domain = wire_address(address).rpartition("@")
    return HeaderAddress(_one_line(name), local.strip('"'), domain)


def _one_line(value: str) -> str:
    """Header text without control characters, and without what would be read as encoded word."""
    return " ".join(_CONTROL.sub(" ", storable(value)).replace("=?", "= ?").split())


def _set_thread(mail: EmailMessage, outgoing: Outgoing) -> None:
    """Message-ID, and those it refers to, the oldest first (RFC 5322, 3.6.4)."""
    mail["Message-ID"] = f"<{outgoing.key}>"
    if not _ID.fullmatch(outgoing.answers):
        return
    mail["In-Reply-To"] = f"<{outgoing.answers}>"
    older = [one for one in reversed(outgoing.mentions) if _ID.fullmatch(one)]
    ids = [*dict.fromkeys([*older, outgoing.answers])]
    shown = ids if len(ids) <= _MOST_REFERENCES else [ids[0], *ids[1 - _MOST_REFERENCES :]]
    mail["References"] = " ".join(f"<{one}>" for one in shown)


def _attach(mail: EmailMessage, file: File) -> None:
    """A file in base64, its name by RFC 2231; an enclosed mail goes as bytes (RFC 2046, 5.2.1)."""
    kind = file.type if _TYPE.fullmatch(file.type) else "application/octet-stream"
    main, _, sub = kind.partition("/")
    mail.add_attachment(file.content, main, sub, filename=_one_line(file.name))
