"""The words by which mail programs begin a quotation or sign a mail, a line per language."""

from __future__ import annotations

import re

# Before the date: "On 3 Feb 2025 ...", "Am 03.02.2025 ...".
OPENERS = (
    "on|at",
    "am",
    "le",
    "el|en fecha",
    "op",
    "il|il giorno|in data",
    "em|no dia|a",
    "den|på",
    "w dniu|dnia|pon|wt|śr|czw|pt|sob|niedz",
    "vào|am|в|на",
)

# After it: "... wrote:", "... schrieb:".
VERBS = (
    "wrote|writes|sent|said",
    "schrieb|schreibt|geschrieben",
    "a écrit|écrivait|ecrit",
    "escribió|escribio|escribi",
    "schreef|geschreven",
    "ha scritto|scrisse",
    "escreveu",
    "skrev|schreef|skrifaði|kirjoitti",
    "napisał|napisał\\(a\\)|napisała|pisze",
    "написа\\w{1,2}|написав|пишет|писал|пише|đã viết|写道|írta",
)

# Roles of a header block, as Outlook and its kind put it above the older mail.
LABELS: dict[str, str] = {
    "from": "from|von|de|da|van|från|fra|od|от|від|发件人|mittente",
    "date": "sent|date|gesendet|datum|envoyé|date|enviado|enviado el|fecha|verzonden|inviato|data"
    "|skickat|sendt|dato|wysłano|отправлено|дата|发送时间|received|sent at",
    "to": "to|an|à|para|aan|a|till|til|do|кому|收件人|pour",
    "cc": "cc|kopie|copie|kopia|copia|копия|抄送",
    "subject": "subject|betreff|objet|sujet|asunto|onderwerp|oggetto|assunto|ämne|emne|temat|тема"
    "|主题",
}

# Between dashes: "-----Original Message-----".
DIVIDERS = (
    "original message|original appointment|reply message|original email",
    "ursprüngliche nachricht|originalnachricht|original-nachricht|urspr\\. nachricht",
    "message d'origine|message d\\u2019origine|message original|message initial",
    "mensaje original",
    "oorspronkelijk bericht|origineel bericht",
    "messaggio originale|messaggio originario",
    "mensagem original",
    "ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding",
    "(?:begin )?forwarded message|weitergeleitete nachricht|beginn der weitergeleiteten nachricht",
    "message transféré|mensaje reenviado|doorgestuurd bericht|messaggio inoltrato",
    "oryginalna wiadomość|исходное сообщение|первоначальное сообщение",
)

# A line of its own that a telephone or a program adds.
SENT_FROM = (
    "sent (?:from|with|via|by|on)|get outlook for|from my iphone|download yahoo",
    "(?:von|aus) mein\\w* .{1,40} gesendet|gesendet (?:von|mit|aus|über)|diese nachricht wurde von",
    "envoyé (?:de|depuis|avec|à partir)|télécharge[rz]",
    "enviado (?:desde|con|por|do|de)|obtener outlook",
    "verzonden (?:vanaf|met|vanuit|van)|verstuurd (?:vanaf|met|vanuit|van)|outlook voor",
    "inviato (?:da|dal|con|tramite)|scarica outlook",
    "skickat från|sendt fra|wysłane z|отправлено \\w{1,2} |надіслано|從我的|发自我的",
)


def any_of(rows: tuple[str, ...] | list[str]) -> str:
    """One alternation of all the rows, the longest phrases first so that they win."""
    phrases = {phrase for row in rows for phrase in row.split("|")}
    return "|".join(sorted(phrases, key=len, reverse=True))


OPENER = re.compile(rf"(?:{any_of(OPENERS)})\b\.?", re.IGNORECASE)
VERB = re.compile(rf"(?:\b|(?<=\s))(?:{any_of(VERBS)})(?!\w)", re.IGNORECASE)
DIVIDER = re.compile(
    rf"[-_*=>\s]{{2,40}}(?:{any_of(DIVIDERS)})\s{{0,3}}:?[-_*=<\s]{{0,40}}", re.IGNORECASE
)
SENT = re.compile(rf"[<(\[]{{0,2}}(?:{'|'.join(SENT_FROM)})", re.IGNORECASE)
ROLES = {label: role for role, labels in LABELS.items() for label in labels.split("|")}
