"""Normalising: the one form in which addresses and names are kept and compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

import phonenumbers
from anyascii import anyascii

MAX_LENGTH = 500
MAX_EMAIL_LENGTH = 320


def normal_address(kind: str, value: str, scope: str = "", country: str = "DE") -> str:
    """An identity's value as it stands in its table; "" when nothing can be reached by it.

    `kind` is an IdentityKind, `scope` a handle's host, `country` where a bare phone number is
    dialled (ISO 3166). Normalising what is normal changes nothing; no input raises.
    """
    value = _clean(re.sub(r"\s*\n\s*", "|", value.strip()) if kind == "postal" else value)
    match kind:
        case "email":
            return _email(value)
        case "phone":
            return _phone(value, country)
        case "postal":
            return _postal(value)
        case "handle":
            return _handle(value, scope)
    return _settled(value, str.casefold)


def fold(text: str) -> str:
    """Small ASCII words for comparing: marks off, ß ss, ä and ae both a; punctuation is a gap.

    "ue" stays after q: Quelle. An apostrophe leaves no gap: O'Brien is obrien.
    """
    plain = anyascii(unicodedata.normalize("NFKC", _clean(text)).casefold()).lower()
    plain = re.sub(r"['`´]", "", plain)
    plain = re.sub(r"([ao])e+|((?<!q)u)e+", lambda match: match[1] or match[2], plain)
    return " ".join(re.findall(r"[a-z0-9]+", plain))[:MAX_LENGTH].rstrip()


def name_parts(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Given names and surname, folded; courtesies and degrees are dropped, "Last, First" turned.

    A surname alone has no given names; the parts of a double name are tokens of their own.
    """
    name = re.sub(r"\([^)]*\)|[\"“”„]", " ", _clean(name))
    last, comma, first = name.partition(",")
    if comma and _words(last) and _words(first):
        return _tokens(_words(first)), _tokens(_words(last))
    words = _words(name.replace(",", " "))
    start = len(words) - 1
    while start > 1 and fold(words[start - 1]) in PARTICLES:
        start -= 1
    return _tokens(words[:start]) if start > 0 else (), _tokens(words[max(start, 0) :])


def name_tokens(name: str) -> tuple[str, ...]:
    """All words of a name, given names first; initials are kept."""
    given, surname = name_parts(name)
    return given + surname


def street_key(street: str) -> str:
    """Street and house number in one form: "Goethe-Straße 7 a" and "GOETHESTR. 7A" are the same.

    A number before the name moves behind it ("12 High Street"); of "12-14" the first one counts.
    """
    text = fold(street)
    for written, short in STREET_WORDS:
        text = written.sub(short, text)
    text = re.sub(r"(\w) str\b", r"\1str", text)
    if match := NUMBER_FIRST.match(text):
        text = f"{match['street']} {match['number']}"
    if match := NUMBER_LAST.match(text):
        text = f"{match['street']} {match['number']}{match['letter'] or ''}"
    return text


def house_number(street: str) -> str:
    """The house number of a street line with its letter, or ""."""
    last = street_key(street).rpartition(" ")[2]
    return last if last[:1].isdigit() else ""


def postcode(text: str) -> str:
    """A postcode without its country's letter, gaps and a ZIP's last four: "D-49 074" is 49074.

    Letters that a scanner reads for digits are digits again where all others are digits.
    """
    code = re.sub(r"[^A-Z0-9]", "", anyascii(_clean(text)).upper())
    code = re.sub(r"^(DE|AT|CH|D|A|F|PL|TR)(?=[0-9OIL]{4})", "", code)
    if len(code) in (4, 5) and sum(letter.isdigit() for letter in code) >= 3:
        code = code.translate(MISREAD_DIGITS)
    return code[:5] if len(code) == 9 and code.isdigit() else code[:12]


PARTICLES = {
    "von", "van", "vom", "zu", "zum", "zur", "de", "del", "della", "di", "da", "dos", "du", "der",
    "den", "ter", "ten", "le", "la", "el", "al", "bin", "ibn", "mac", "mc", "st",
}  # fmt: skip

STREET_WORDS = tuple(
    (re.compile(pattern), short)
    for pattern, short in (
        (r"stra(?:ss|s|fs)e\b|str\b", "str"),
        (r"platz\b", "pl"),
        (r"\bstreet\b", "st"),
        (r"\broad\b", "rd"),
        (r"\bavenue\b|\bav\b", "ave"),
        (r"\blane\b", "ln"),
        (r"\bdrive\b", "dr"),
        (r"\bulica\b", "ul"),
    )
)
NUMBER_FIRST = re.compile(r"^(?P<number>\d+[a-z]?) (?P<street>[a-z].*[a-z])$")
NUMBER_LAST = re.compile(
    r"^(?P<street>.*[a-z])\.? ?(?P<number>\d+) ?(?P<letter>[a-z])?(?: \d+ ?[a-z]?)*$"
)
MISREAD_DIGITS = str.maketrans("OQILSBZG", "00115826")


def _clean(text: str) -> str:
    """Without NUL, controls and lone surrogates, which a database or a codec would refuse."""
    text = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter
        for letter in text[: 4 * MAX_LENGTH]
    )
    return text.strip()


def _settled(value: str, change: Callable[[str], str]) -> str:
    """The change until it changes nothing more: a few letters need two rounds."""
    for _ in range(4):
        value = unicodedata.normalize("NFKC", change(value)).strip()[:MAX_LENGTH]
    return value


def _email(value: str) -> str:
    """Small letters, the domain in IDNA (RFC 3490), no display name; sub-addresses stay apart."""
    bracketed = re.search(r"<([^<>]*)>$", value)
    value = re.sub(r"^(mailto:)+", "", bracketed[1] if bracketed else value, flags=re.IGNORECASE)
    local, _, domain = _settled(value, str.lower).rpartition("@")
    try:
        host = domain.strip(". ").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    usable = local and host and not re.search(r"\s", local + host)
    return f"{local}@{host}" if usable and len(local) + len(host) < MAX_EMAIL_LENGTH else ""


def _phone(value: str, country: str) -> str:
    """E.164 where it can be a number, else its digits."""
    digits = "".join(re.findall(r"[0-9]", unicodedata.normalize("NFKC", value)))[:40]
    for written in (value[:250], digits):
        once = _e164(written, country)
        if once and _e164(once, country) == once:
            return once
    return digits


def _e164(written: str, country: str) -> str:
    """Empty where it can be no number; "000000" becomes one that is another when it is read again."""
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _postal(value: str) -> str:
    """name|street|postcode city, folded; a country behind them does not count."""
    name, street, town = [*value.split("|", 3), "", ""][:3]
    parts = (_postal_name(name), street_key(street), fold(town))
    return "|".join(parts)[:MAX_LENGTH].rstrip(" ") if any(parts) else ""


def _postal_name(name: str) -> str:
    """Without courtesies, however many ("Herrn Dr.-Ing. Prof. h. c.") were written."""
    short = " ".join(name_tokens(name))
    return short if short == name else _postal_name(short)


def _handle(value: str, scope: str) -> str:
    handle = _settled(value, str.casefold).lstrip("@ ")
    host = scope.casefold().strip()
    return handle.partition("@")[0].rstrip() if host and handle.endswith(f"@{host}") else handle


def _words(name: str) -> list[str]:
    """The words of a name without courtesies, degrees and suffixes, as they were written."""
    words = [word for word in name.split() if fold(word)]
    while words and _is_courtesy(words[0]):
        words.pop(0)
    while words and fold(words[-1]) in SUFFIXES:
        words.pop()
    return words


def _is_courtesy(word: str) -> bool:
    """Whether nothing of a word is a name: "Dipl.-Ing." is courtesy, "D." an initial."""
    return all(part in COURTESIES for part in fold(word).split())


def _tokens(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(token for word in words for token in fold(word).split())


COURTESIES = {
    "herr", "herrn", "frau", "familie", "fam", "eheleute", "hr", "fr", "firma", "fa",
    "mr", "mrs", "ms", "miss", "mx", "messrs", "sir", "dame", "lord", "lady", "mme", "mlle",
    "monsieur", "madame", "mademoiselle", "pani", "bayan", "dr", "prof", "professor", "doktor",
    "doctor", "dipl", "diplom", "ing", "mag", "med", "phil", "jur", "rer", "nat", "hc", "habil",
}  # fmt: skip
SUFFIXES = {"jr", "sen", "senior", "junior", "jun", "phd", "msc", "bsc", "mba", "esq", "llm"}
