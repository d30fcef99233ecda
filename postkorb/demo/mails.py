"""The mails of the story as files of a Maildir, received when the story says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from zoneinfo import ZoneInfo

from postkorb.demo import story
from postkorb.demo.papers import paper

ZONE = ZoneInfo("Europe/Berlin")
OURS = "service@lindenrad.example"
PREFIX = {"de": "AW: ", "en": "Re: "}
"""What clients of that language put before the subject of an answer."""

LIST_HEADERS = {
    "List-Id": "Radbranche aktuell <rundbrief.radbranche-aktuell.example>",
    "List-Unsubscribe": "<https://radbranche-aktuell.example/abmelden>",
    "Precedence": "bulk",
}
AUTOMATIC_HEADERS = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
HEADERS: Mapping[str, Mapping[str, str]] = {"list": LIST_HEADERS, "automatic": AUTOMATIC_HEADERS}


def lay_out(maildir: Path, now: datetime) -> None:
    """Every mail of the story into the Maildir, ours among them."""
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
    for mail in story.mails():
        received = (now - mail.ago).timestamp()
        path = maildir / "cur" / f"{int(received)}.{mail.id}.postkorb-demo:2,S"
        path.write_bytes(composed(mail, now).as_bytes(policy=SMTP))
        os.utime(path, (received, received))


def composed(mail: story.Mail, now: datetime) -> Message:
    """The mail as its writer's client sent it."""
    message = _report(mail, now) if mail.kind == "bounce" else _written(mail, now)
    sender, receiver = _ends(mail)
    message["From"], message["To"] = formataddr(sender), formataddr(receiver)
    message["Subject"] = subject(mail)
    message["Date"] = format_datetime((now - mail.ago).astimezone(ZONE))
    message["Message-ID"] = f"<{message_id(mail)}>"
    history = list(_history(mail))
    if history and mail.kind != "bounce":
        message["In-Reply-To"] = f"<{message_id(history[0])}>"
        message["References"] = " ".join(f"<{message_id(each)}>" for each in reversed(history))
    for name, value in HEADERS.get(mail.kind, {}).items():
        message[name] = value
    return message


def subject(mail: story.Mail) -> str:
    """Its own subject, else that of the mail which began the conversation, answered."""
    return mail.subject or PREFIX[mail.language] + subject(_history(mail)[-1])


def message_id(mail: story.Mail) -> str:
    """Its Message-ID, without brackets."""
    [sender, _] = _ends(mail)
    return f"{mail.id}@{sender[1].partition('@')[2]}"


def _ends(mail: story.Mail) -> tuple[tuple[str, str], tuple[str, str]]:
    """Name and address of who wrote the mail and of whom it went to."""
    if mail.by:
        return (f"{mail.by} (Lindenrad)", OURS), parseaddr(_history(mail)[0].sender)
    return parseaddr(mail.sender), ("Lindenrad Service", OURS)


def _history(mail: story.Mail) -> list[story.Mail]:
    """What the mail answers, and what that answered, nearest first."""
    if not mail.answers:
        return []
    [answered] = [other for other in story.mails() if other.id == mail.answers]
    return [answered, *_history(answered)]


def _written(mail: story.Mail, now: datetime) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message.set_content(_text(mail, now) + "\n")
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
        [*_, html] = message.iter_parts()
        for name in mail.inline:
            picture = paper(name)
            kind, _, form = picture.type.partition("/")
            html.add_related(
                picture.content, kind, form, cid=f"<{name}>", filename=name, disposition="inline"
            )
    for name in mail.files:
        file = paper(name)
        kind, _, form = file.type.partition("/")
        message.add_attachment(file.content, kind, form, filename=name)
    return message


def _text(mail: story.Mail, now: datetime) -> str:
    """What stands in the mail: words, signature, and the history where the client quotes it."""
    text = story.filled(mail.text, now, mail.language)
    signature = _our_signature() if mail.by else mail.signature
    if signature:
        text += f"\n\n-- \n{signature}"
    if mail.quotes:
        [answered, *_] = _history(mail)
        quoted = _text(answered, now).splitlines()
        text += f"\n\n{_attribution(mail, answered, now)}\n"
        text += "\n".join(f"> {line}".rstrip() for line in quoted)
    return text


def _our_signature() -> str:
    firm = story.firm()
    town = f"{firm['postcode']} {firm['city']}"
    return f"{firm['company']}\n{firm['street']}, {town}\nTelefon {firm['phone']}"


def _attribution(mail: story.Mail, answered: story.Mail, now: datetime) -> str:
    sender = formataddr(_ends(answered)[0])
    at = (now - answered.ago).astimezone(ZONE)
    if mail.language == "en":
        return f"On {at:%d/%m/%Y %H:%M}, {sender} wrote:"
    return f"Am {at:%d.%m.%Y} um {at:%H:%M} schrieb {sender}:"


def _report(mail: story.Mail, now: datetime) -> Message:
    """A mail system's report that the answered mail could not be delivered (RFC 3464)."""
    [failed, *_] = _history(mail)
    report = MIMEMultipart("report", report_type="delivery-status", policy=SMTP)
    report["Auto-Submitted"] = "auto-replied"
    report["References"] = f"<{message_id(failed)}>"
    report["Return-Path"] = "<>"
    report.attach(MIMEText(mail.text + "\n", "plain", "utf-8"))
    report.attach(_delivery_status(mail, _ends(failed)[1][1]))
    headers = MIMENonMultipart("text", "rfc822-headers", policy=SMTP)
    original = composed(failed, now)
    kept = ("From", "To", "Subject", "Date", "Message-ID")
    headers.set_payload("".join(f"{name}: {original[name]}\r\n" for name in kept), "utf-8")
    report.attach(headers)
    return report


def _delivery_status(mail: story.Mail, recipient: str) -> Message:
    per_message, per_recipient = Message(), Message()
    per_message["Reporting-MTA"] = f"dns; mx.{mail.sender.partition('@')[2].rstrip('>')}"
    per_recipient["Final-Recipient"] = f"rfc822; {recipient}"
    per_recipient["Action"] = "failed"
    per_recipient["Status"] = mail.status
    per_recipient["Diagnostic-Code"] = f"smtp; {mail.words}"
    status = MIMENonMultipart("message", "delivery-status")
    status.set_payload([per_message, per_recipient])
    return status
