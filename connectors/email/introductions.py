"""What stands above quoted history: "... wrote:", a block of headers, a divider."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.email.phrases import (
    BARE_DIVIDER,
    DESK_LINE,
    DIVIDER,
    FORWARD,
    LINE_WORDS,
    OPENER,
    QUOTER,
    ROLES,
    TELLER,
    VERB,
)

_MARKED = re.compile(r"\s{0,3}(?:[>＞]|&gt;)")
RULE = re.compile(r"[\s*]{0,3}[-_=~─–—*]{5,}\s*")
LONG_RULE = "_" * 32
"""What Outlook writes above a header block; a <hr> of HTML is written so as well."""

_LABEL = re.compile(r"[*_|\s]{0,8}([^\W\d_][^:：*|]{0,24}?)[*_\s]{0,4}[:：]\s?")
_LABELS_IN_LINE = re.compile(r"(?:^|\s)\*{0,2}([^\W\d_]{2,12})\*{0,2}[:：]\*{0,2}(?=\s)")
_ADDRESS = re.compile(r"[^\s@<>]@[\w-]")
_BRACKETED = re.compile(r"[<(\[][^\s@<>]{1,80}@[^\s@<>]{1,80}[>)\]]")
_DAY = re.compile(
    r"\b(?:19|20|25)\d\d\b|\b\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}\b|\d\s?[年년]|\d\s?de\s\w"
)
_CLOCK = re.compile(
    r"\b\d{1,2}[:h]\s?\d{2}|\b(?:kl|klo|ore|alle|pukul|kell|at|um|o|v)\W{1,2}\d{1,2}\.\d{2}|\d[时時시点]",
    re.IGNORECASE,
)
_BEGINS_DATED = re.compile(
    r"[\"'(]?(?:[^\W\d]{1,14}[.,]{0,2}\s{1,2})?\d{1,4}\s?[^\W\d_]?[-/.,年년\s]"
)
_ISO_BEGINNING = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:\s\d{1,2}:\d{2}(?::\d{2})?)?(\sGMT[+-]\d{1,2}(?::?\d{2})?)?\s"
)
_ADDRESS_END = re.compile(r"@[\w.-]{3,80}[>)\]]{0,2}\s?[:：]$")
_GROUPWISE = re.compile(r"\s{0,3}>>>\s[^>].{3,200}\s>>>\s{0,3}")
_WRAPPED_END = re.compile(r">[\w\s()]{0,40}[:：]")
_CLOSINGS = ":-\uff1a"
_TRAILING = " \t\xa0*_\r"
_WRAPPED_LINES = 5
_BLOCK_LINES = 16
_WRAPPED_VALUE = 3
_LONGEST = 600
_ALONE = 110
_LONGEST_DESK_LINE = 160
_LONGEST_UNDATED = 160
_END = 48


def is_marked(line: str) -> bool:
    """Whether it begins with ">" as quoted lines do; ">>> like this <<<" is an ornament."""
    if not _MARKED.match(line):
        return False
    is_ornament = line.lstrip().startswith(">>") and line.rstrip().endswith("<<")
    return not is_ornament and not _GROUPWISE.fullmatch(line)


def closing_lines(lines: Sequence[str]) -> list[int]:
    """For each line, the first from there on that ends as an introduction does, else the end."""
    found = [len(lines)]
    for at in reversed(range(len(lines))):
        last = lines[at].rstrip(_TRAILING)[-1:]
        found.append(at if last and last in _CLOSINGS else found[-1])
    return found[::-1]


def attribution_end(lines: Sequence[str], at: int, closing: Sequence[int], below: str) -> int:
    """Where the line that introduces a quotation ends, wrapped or not; `at` if none begins there.

    `below` is the next line with words when it ends at once: a mark there makes less evidence do.
    """
    first = lines[at].strip()
    if not first or is_marked(first):
        return at
    if _is_bare_date(first, below):
        return at + 1
    if closing[at] >= min(len(lines), at + _WRAPPED_LINES + 2):
        return at
    if closing[at] == at:
        return at + 1 if is_attribution(first, is_marked(below)) else at
    return _wrapped_end(lines, at, closing[at]) if _may_wrap(first) else at


def _is_bare_date(line: str, below: str) -> bool:
    """Gmail of some years: "2025-02-03 14:05 GMT+01:00 Anna <anna@example.org>", no verb, no colon."""
    begins = _ISO_BEGINNING.match(line)
    if begins is None or len(line) > _ALONE:
        return False
    if begins[1] is not None:
        return True
    is_quoted = is_marked(below) or below.lstrip().startswith("|")
    return is_quoted and _BRACKETED.search(line) is not None


def _may_wrap(first: str) -> bool:
    bare = first.lstrip("-* ")
    has_digit = any(letter.isdigit() for letter in bare)
    begins_dated = _BEGINS_DATED.match(bare) or (OPENER.match(bare) and has_digit)
    return (
        (begins_dated is not None and begins_dated is not False) or "@" in bare or _is_named(bare)
    )


def _is_named(first: str) -> bool:
    """ "Anna Bauer <", as it is left where a long address was wrapped."""
    return first.endswith("<") and len(first) <= _ALONE


def _wrapped_end(lines: Sequence[str], at: int, closing: int) -> int:
    """Several lines read as one, while none of them ends a sentence or is quoted already."""
    parts: list[str] = []
    has_gap = False
    for end in range(at, closing + 1):
        line = lines[end].strip()
        if not line:
            # Polymail puts blank lines around the address.
            has_gap = True
            continue
        if is_marked(line) and not _WRAPPED_END.fullmatch(line):
            return at
        if has_gap and not (line.startswith(("<", ">", "mailto:")) or parts[-1].endswith("<")):
            return at
        if end > at and OPENER.match(line) and line[0].isupper() and any(map(str.isdigit, line)):
            return at
        parts.append(line)
        if end < closing and _ends_sentence(line):
            return at
    return closing + 1 if is_attribution(" ".join(parts)[-_LONGEST:]) else at


def _ends_sentence(line: str) -> bool:
    words = line.rsplit(None, 1)[-1]
    return line[-1] in "!?" or (line[-1] == "." and len(words) > 7 and "@" not in words)


def is_attribution(line: str, above_marks: bool = False) -> bool:
    """Whether it says who wrote when, as programs do: two of date, address and verb, and a colon."""
    line = line.strip().rstrip(_TRAILING)
    if not line or line[-1] not in _CLOSINGS or len(line) > _LONGEST:
        return False
    if line[-1] == "-":
        return line.startswith("--") and VERB.search(line) is not None
    bare = line.lstrip("-* \"'")
    has_address = _ADDRESS.search(line) is not None
    has_day, has_clock = _DAY.search(line) is not None, _CLOCK.search(line) is not None
    if not VERB.search(line):
        is_from = _BRACKETED.search(line) or _ADDRESS_END.search(line)
        is_dated = has_day and (has_clock or above_marks) and is_from is not None
        return is_dated or (has_address and QUOTER.match(bare) is not None)
    if above_marks:
        return has_address or has_day or has_clock or len(line) <= _ALONE
    if _BRACKETED.search(line):
        return has_day or (len(line) <= _LONGEST_UNDATED and VERB.search(line[-_END:]) is not None)
    opens = OPENER.match(bare) is not None and any(map(str.isdigit, line))
    is_dated = has_day and (has_clock or has_address or _BEGINS_DATED.match(bare) is not None)
    is_signed = has_address and "@" in bare.split(None, 1)[0]
    return (opens or is_dated or is_signed) and TELLER.search(line) is None


def introduces(lines: Sequence[str]) -> bool:
    """Whether the first of some lines stands above history or above a mail that is passed on."""
    first = lines[0]
    if is_forward_line(first) or DIVIDER.fullmatch(first) or _role(first):
        return True
    return attribution_end(lines, 0, closing_lines(lines), "") > 0


def divider_end(lines: Sequence[str], at: int, below: int) -> int:
    """The end of a line "Original Message"; `at` if it is none."""
    line = lines[at]
    if DIVIDER.fullmatch(line) or (_GROUPWISE.fullmatch(line) and _tells_when_or_who(line)):
        return at + 1
    if BARE_DIVIDER.fullmatch(line) and below < len(lines) and _role(lines[below]):
        return at + 1
    return at


def _tells_when_or_who(line: str) -> bool:
    return _DAY.search(line) is not None or _ADDRESS.search(line) is not None


def may_hold_desk_line(text: str) -> bool:
    """Whether a help desk's line can be in a text at all; told at once."""
    lowered = text.lower()
    return any(word in lowered for word in LINE_WORDS)


def is_desk_line(line: str) -> bool:
    """What a help desk puts above the history: "## Reply above this line ##"."""
    return len(line) <= _LONGEST_DESK_LINE and DESK_LINE.search(line) is not None


def is_forward_line(line: str) -> bool:
    """ "---------- Forwarded message ----------" in the words of many programs."""
    return FORWARD.fullmatch(line) is not None


def block_end(lines: Sequence[str], at: int) -> int:
    """The end of a block of headers: who, and two more of when, to whom and what; else `at`."""
    found: list[str] = []
    end, values, has_gap = at, "", False
    for here in range(at, min(at + _BLOCK_LINES, len(lines))):
        line = lines[here]
        role = _role(line)
        if role is not None:
            found.append(role)
            end, values, has_gap = here + 1, f"{values} {line}", False
        elif not found or has_gap or here > end + _WRAPPED_VALUE:
            break
        else:
            has_gap = not line.strip()
    if len(found) == 1:
        found = _roles_in(lines[at])
    return end if found and _is_block(found, values) else at


def _role(line: str) -> str | None:
    label = _LABEL.match(line)
    return ROLES.get(" ".join(label[1].lower().split())) if label else None


def _roles_in(line: str) -> list[str]:
    """The labels of headers that a converter has joined into one line."""
    labels = (ROLES.get(label[1].lower()) for label in _LABELS_IN_LINE.finditer(line))
    return [role for role in labels if role]


def _is_block(found: Sequence[str], values: str) -> bool:
    roles = set(found)
    has_clock = _DAY.search(values) is not None and _CLOCK.search(values) is not None
    if "from" in roles and len(roles) >= (3 if found[0] in {"from", "date"} else 4):
        return "subject" in roles or has_clock or _ADDRESS.search(values) is not None
    is_close = found[:2] in (["from", "date"], ["date", "from"], ["date", "to"])
    return is_close and has_clock and _ADDRESS.search(values) is not None
