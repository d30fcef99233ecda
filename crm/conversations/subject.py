"""Subjects: what a subject is about once all that mail programs put before it is taken off."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 1000
MOST_PREFIXES = 100

_REPLY = frozenset(
    {
        *("re", "aw", "antw", "antwort", "antwoord", "rép", "rep", "rif", "r", "res", "resp"),
        *("sv", "vs", "va", "vá", "odp", "odg", "ynt", "ats", "atb", "bls", "απ", "отв"),
        *("回复", "回覆", "答复", "答覆", "返信", "답장", "회신", "תגובה", "رد"),
    }
)
"""How mail programs call an answer. "VS" answers in Finnish and forwards in Danish: the milder."""

_FORWARD = frozenset(
    {
        *("fw", "fwd", "wg", "weiterl", "weiterleitung", "weitergeleitet", "tr", "trans", "rv"),
        *("reenv", "enc", "doorst", "vb", "vl", "i", "pd", "ilt", "i̇lt", "fs", "továbbítás"),
        *("továbbítva", "πρθ", "пересл", "trs", "转发", "轉寄", "轉發", "転送", "전달", "הועבר"),
    }
)

_MACHINE = frozenset(
    {
        *("auto", "autoreply", "auto-reply", "automatic reply", "auto reply", "out of office"),
        *("out of office reply", "automatische antwort", "abwesenheitsnotiz", "abwesend"),
        *("réponse automatique", "respuesta automática", "risposta automatica"),
        *("automatisch antwoord", "resposta automática", "automatiskt svar", "autosvar"),
    }
)

_HEAD = re.compile(
    r"([^\s:：\[\]()^][^:：\[\]()^]{0,24}?)\s?(?:[\[(]\d{1,4}[\])]|\^\d{1,4})?\s?[:：]"
)
_TAG = re.compile(r"\[[^\[\]]{0,80}\]|\*{2,5}[^*]{1,30}\*{2,5}|\{[^{}]{1,30}\}")
_OURS = re.compile(r"\[PK-\d{1,12}(?:-[A-Za-z0-9]{2})?\]", re.IGNORECASE)
_TAIL = re.compile(r"\((?:fwd|fw)\)$")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Subject:
    """`base` is what it is about, in small letters; `is_forward` what its outermost prefix says."""

    base: str
    is_forward: bool = False


def read_subject(text: str) -> Subject:
    """Take off the prefixes of answers and forwards in many languages, counters, tags, our reference.

    "AW: [EXTERN] Re[2]: Fwd: Battery [PK-1042-K7]" is about "battery" (after RFC 5256, 2.1). What
    is nothing but a tag keeps it. Linear in the subject, of which 1,000 characters are looked at.
    """
    rest = " ".join(_OURS.sub(" ", text[:LONGEST]).split()).casefold()
    kinds: list[str] = []
    for _ in range(MOST_PREFIXES):
        kind, shorter = _without_prefix(rest)
        if shorter == rest or not (kind or shorter):
            break
        kinds, rest = [*kinds, kind], shorter
    is_forward = next((kind for kind in kinds if kind), "") == "forward"
    return Subject(_TAIL.sub("", rest).strip(), is_forward or _TAIL.search(rest) is not None)


def is_another_matter(subject: str, earlier: str) -> bool:
    """Whether two subjects have so little in common that somebody began something new.

    One within the other ("URGENT: Battery") is the same, and so are most words of the shorter one.
    A subject that is left out says nothing.
    """
    one, other = read_subject(subject).base, read_subject(earlier).base
    if not one or not other or one in other or other in one:
        return False
    words, others = set(_WORD.findall(one)), set(_WORD.findall(other))
    return 2 * len(words & others) <= min(len(words), len(others))


def _without_prefix(text: str) -> tuple[str, str]:
    """The outermost prefix's kind and what is left; a tag has none."""
    tag = _TAG.match(text)
    if tag is not None:
        return "", text[tag.end() :].lstrip(" :-")
    head = _HEAD.match(text)
    if head is None:
        return "", text
    if head[1] in _FORWARD:
        return "forward", text[head.end() :].lstrip()
    if head[1] in _REPLY or head[1] in _MACHINE:
        return "reply", text[head.end() :].lstrip()
    return "", text
