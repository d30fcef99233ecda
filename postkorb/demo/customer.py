"""The customer: writes back to what was delivered, a few seconds later, as a true mail would come."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, formataddr, getaddresses, parseaddr
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from connectors.post.phrases import language_of
from postkorb.demo import story

MOST_ANSWERS = 2
"""How often a customer answers in one conversation."""

PAUSE_SECONDS = 2.0
ATTRIBUTION = {
    "de": "Am {at:%d.%m.%Y} um {at:%H:%M} schrieb {sender}:",
    "en": "On {at:%d/%m/%Y %H:%M}, {sender} wrote:",
}
PREFIX = {"de": "AW: ", "en": "Re: "}


@dataclass(frozen=True, slots=True)
class Delivered:
    """A mail of ours as the customer finds it; `to` is where an answer goes, `proof` of what."""

    message_id: str
    references: str
    subject: str
    sender: str
    at: datetime | None
    customer: tuple[str, str]
    to: str
    text: str


class Customer:
    """Everybody the demo writes to. Counts answers by the files they are, so it needs no memory."""

    def __init__(self, maildir: Path, pause_seconds: float = PAUSE_SECONDS) -> None:
        self.maildir, self.pause_seconds = maildir, pause_seconds
        self._writing = Lock()

    def delivered(self, raw: bytes) -> None:
        """Answer this mail after the pause."""
        later(self.pause_seconds, lambda: self.answer(raw))

    def answer(self, raw: bytes) -> Path | None:
        """Put the answer into the Maildir; None where there is none (any more)."""
        mail = read_delivered(raw)
        if mail is None:
            return None
        with self._writing:
            conversation = f"answer-{_short(mail.to)}-"
            stem = conversation + _short(mail.message_id)
            given = len(self._files(conversation))
            if given >= MOST_ANSWERS or self._files(stem):
                return None
            return self._put(stem, written_answer(mail, given, datetime.now().astimezone()))

    def _files(self, stem: str) -> list[Path]:
        return [path for part in ("new", "cur") for path in (self.maildir / part).glob(f"*{stem}*")]

    def _put(self, stem: str, answer: EmailMessage) -> Path:
        name = f"{int(datetime.now().timestamp())}.{stem}.postkorb-demo"
        half = self.maildir / "tmp" / name
        half.write_bytes(answer.as_bytes(policy=SMTP))
        return half.rename(self.maildir / "new" / name)


def read_delivered(raw: bytes) -> Delivered | None:
    """The mail as its receiver reads it; None for what no person answers: machines, colleagues."""
    message: Any = message_from_bytes(raw, policy=default)
    customer = next(iter(getaddresses([str(message.get("To", ""))])), ("", ""))
    automatic = str(message.get("Auto-Submitted", "no")).strip().lower() != "no"
    reply_to = parseaddr(str(message.get("Reply-To") or message.get("From", "")))[1]
    ours = story.firm()["email"].partition("@")[2]
    if automatic or not reply_to or not customer[1] or customer[1].endswith(f"@{ours}"):
        return None
    body = message.get_body(("plain",))
    return Delivered(
        message_id=str(message.get("Message-ID", "")).strip(),
        references=" ".join(str(message.get("References", "")).split()),
        subject=str(message.get("Subject", "")),
        sender=formataddr(parseaddr(str(message["From"]))),
        at=message["Date"].datetime if message["Date"] else None,
        customer=customer,
        to=reply_to,
        text=body.get_content() if body else "",
    )


def written_answer(mail: Delivered, given: int, now: datetime) -> EmailMessage:
    """The customer's answer, when `given` were given before."""
    language = language_of(mail.text) or "de"
    name = mail.customer[0] or mail.customer[1].partition("@")[0]
    words = _words(mail.customer[1])[language][given].strip().format(name=name)
    attribution = ATTRIBUTION[language].format(at=mail.at or now, sender=mail.sender)
    quoted = "\n".join(f"> {line}".rstrip() for line in mail.text.rstrip().splitlines())
    answer = EmailMessage(policy=SMTP)
    answer["From"] = formataddr((name, mail.customer[1]))
    answer["To"] = mail.to
    answer["Subject"] = _answered(mail.subject, language)
    answer["Date"] = format_datetime(now)
    answer["Message-ID"] = (
        f"<answer-{_short(mail.message_id)}@{mail.customer[1].partition('@')[2]}>"
    )
    answer["In-Reply-To"] = mail.message_id
    answer["References"] = f"{mail.references} {mail.message_id}".strip()
    answer.set_content(f"{words}\n\n{attribution}\n{quoted}\n")
    return answer


def thanks(text: str) -> str:
    """What somebody posts after an answer in the forum, in its language."""
    words: str = _answers()["post"][language_of(text) or "de"]
    return words


def later(seconds: float, act: Callable[[], object]) -> None:
    """Do it after a while, unless the demo has ended by then."""
    timer = Timer(seconds, act)
    timer.daemon = True
    timer.start()


def _words(address: str) -> Mapping[str, list[str]]:
    """By language, the customer's own answers where the story has some."""
    mail = _answers()["mail"]
    words: Mapping[str, list[str]] = mail.get(address, mail)
    return words


def _answers() -> Mapping[str, Any]:
    return tomllib.loads((story.STORY / "answers.toml").read_text("utf-8"))


def _answered(subject: str, language: str) -> str:
    begun = subject.casefold().startswith(("re:", "aw:"))
    return subject if begun else PREFIX[language] + subject


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
