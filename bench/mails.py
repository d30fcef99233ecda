"""Mails to measure with: threads of customers and answers, some with files, of a real mailbox's sizes."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

WORDS = (  # noqa: SIM905
    "Guten Tag die Rechnung vom Montag ist leider falsch bitte prüfen Sie den Betrag und senden "
    "mir eine neue Bestellung Lieferung Akku Fahrrad Größe Adresse Kunde Nummer danke freundliche "
    "Grüße hello order invoice delivery broken please replace thank you regards customer number"
).split()


def write(folder: Path, count: int, seed: int = 7) -> list[Path]:
    """Write `count` mails as NAME.eml; half of them answer the one before. The seed decides all."""
    draw = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    before = ""
    for number in range(count):
        before = before if number and draw.random() < 0.5 else ""
        mail, before = _mail(draw, number, before)
        path = folder / f"{number:06}.eml"
        path.write_bytes(mail.as_bytes())
        paths.append(path)
    return paths


def _mail(draw: random.Random, number: int, answers: str) -> tuple[EmailMessage, str]:
    own = f"<{number}.{draw.getrandbits(48):x}@example.org>"
    customer = draw.randrange(max(1, number // 2 + 1))
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Jürgen Müller {customer} <customer{customer}@example.org>"
    mail["To"] = "Support <support@example.com>"
    mail["Subject"] = " ".join(draw.choices(WORDS, k=6))
    mail["Date"] = format_datetime(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number))
    mail["Message-ID"] = own
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
    text = "\n".join(
        " ".join(draw.choices(WORDS, k=12)) for _ in range(int(draw.lognormvariate(3, 0.8)))
    )
    mail.set_content(text)
    if draw.random() < 0.6:
        rows = "".join(f"<p style='color:#333'>{line}</p>" for line in text.split("\n"))
        mail.add_alternative(f"<html><body>{rows}</body></html>", subtype="html")
    if draw.random() < 0.12:
        size = int(draw.lognormvariate(12, 0.8))
        mail.add_attachment(
            draw.randbytes(size), maintype="image", subtype="jpeg", filename=f"bild {number}.jpg"
        )
    return mail, own
