"""What the receiving server found out about a mail: SPF, DKIM, DMARC and spam.

Anybody can write such headers into a mail, so only our own server's may be believed. Servers add
theirs on top: of Authentication-Results (RFC 8601) the topmost counts, and those of the same
organisation that stand with it. Its server must belong to the organisation that took the mail in,
as the Received headers from the top down to the border tell it, because a server that checks
nothing leaves a sender's forgery topmost. That a forger who writes our server's own name is
turned away is the server's part (RFC 8601, 5); ours cannot be more. A mail without any Received
never crossed a border, and its topmost header counts. A spam filter's "yes" is believed
wherever it stands, as nobody forges it against himself; a "no" only above the border.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from connectors.email.headers import Headers

_LONGEST = 10_000
_MOST = 50
_COMMENT = re.compile(r"\([^()]*\)")
_INSTANCE = re.compile(r"^\s*i\s*=\s*\d+\s*;")
_QUOTED = re.compile(r'"[^"]*"')
_RESULT = re.compile(r"\s*(spf|dkim|dmarc)\s*(?:/\s*\d+\s*)?=\s*([a-z]{1,20})\b", re.I)
_BY = re.compile(r"\bby\s+\[?([\w.:-]{1,253})", re.I)
_FROM = re.compile(r"\s*from\s+(?:\[[^\]]{1,60}\]|([\w.-]{1,253}))", re.I)
_IP = re.compile(r"[\d.]+|[\da-f:]*:[\da-f:.]*", re.I)
_LITERAL = re.compile(
    r"[\[(](?:IPv6:)?((?:\d{1,3}\.){3}\d{1,3}\b|[\da-f]{0,4}:[\da-f:.]{1,40})", re.I
)
_INNER = re.compile(
    r"10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1\b|f[cd][0-9a-f]{2}:", re.I
)
"""An address of a private network (RFC 1918, RFC 4193)."""

_RECEIVER = re.compile(r"\breceiver=\s*\"?([\w.-]{1,253})|^\s*\w+\s*\(([\w.-]{1,253}):", re.I)
_SPF = re.compile(r"\s*([a-z]{1,20})\b", re.I)
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "gv", "ne", "net", "or", "org"})
_SAME = {"microsoft.com": "outlook.com", "office365.com": "outlook.com", "google.com": "gmail.com"}
"""Organisations that receive under one name and sign under another."""

_FAILED = frozenset({"fail", "softfail"})
_SPAM_YES = re.compile(r"\s*(?:yes|true|spam|junk|default: true|1\b)", re.I)
_SPAM_NO = re.compile(r"\s*(?:no\b|not|false|ham|default: false|0\b)", re.I)
_LEVEL = re.compile(r"(?:^|;)\s*SCL:\s*(-?\d)\b", re.I)
_SPAM_LEVEL = 5
"""From here on Exchange files a mail as junk (Microsoft: "Spam confidence level (SCL)")."""

_SPAM_HEADERS = (
    "X-Spam-Flag",
    "X-Spam-Status",
    "X-Spam",
    "X-Spamd-Result",
    "X-Barracuda-Spam-Status",
    "X-Yandex-Spam",
)
_LEVEL_HEADERS = (
    "X-Forefront-Antispam-Report",
    "X-Microsoft-Antispam",
    "X-MS-Exchange-Organization-SCL",
)


def verdicts_of(headers: Headers) -> Mapping[str, str]:
    """The keys of VERDICTS as far as something is known: "pass", "fail" ...; spam "yes", "no"."""
    border = _Border(headers)
    found: dict[str, str] = {}
    for name in ("Authentication-Results", "ARC-Authentication-Results"):
        for results in _believed(headers, name, border):
            found = {**results, **found}
        if found:
            break
    if "spf" not in found:
        found.update(_received_spf(headers, border))
    spam = _spam(headers, border)
    return {**found, "spam": spam} if spam else found


def is_refuted(verdicts: Mapping[str, str]) -> bool:
    """Whether the receiving server found that it is not of whom it says.

    DMARC speaks for the visible sender; without its word both others must fail.
    """
    if verdicts.get("dmarc") in {"pass", "fail"}:
        return verdicts["dmarc"] == "fail"
    return all(verdicts.get(name) in _FAILED for name in ("spf", "dkim"))


class _Border:
    """Which organisations took the mail in, and which of its headers stood there before."""

    def __init__(self, headers: Headers) -> None:
        self.names: set[str] = set()
        self.hops = [at for at, _ in headers.placed("Received")]
        crossed = 0
        for _, value in headers.placed("Received")[:_MOST]:
            plain = _COMMENT.sub(" ", value[:_LONGEST])
            by, sender = _BY.search(plain), _FROM.match(plain)
            is_inner = sender is None or _is_inner(value[:_LONGEST])
            for host in (by, sender if is_inner else None):
                if host and host[1] and not _IP.fullmatch(host[1]):
                    self.names.add(_organisation(host[1]))
            crossed += 1
            if sender and not is_inner and self._is_foreign(sender[1]):
                break
        self.end = self.hops[crossed] if crossed < len(self.hops) else None

    def _is_foreign(self, host: str | None) -> bool:
        """A name without a dot is a machine next door, an address alone is anybody's."""
        return not host or ("." in host and _organisation(host) not in self.names)

    def knows(self, server: str) -> bool:
        """Whether it is ours, as far as can be told."""
        return not self.names or _organisation(server) in self.names

    def is_inside(self, at: int) -> bool:
        """Whether the header stands above all that the sender's own servers wrote of its way."""
        return self.end is None or at < self.end


def _is_inner(received: str) -> bool:
    """Whether a machine of a private network handed it over.

    Of the addresses that stand there one was seen, and one may be what the sender said (HELO).
    """
    told: list[str] = _LITERAL.findall(_BY.split(received, maxsplit=1)[0])
    return bool(told) and all(_INNER.match(address) for address in told)


def _organisation(host: str) -> str:
    """The part of a host name that one organisation owns: "example.com", "example.co.uk"."""
    labels = host.lower().strip(".").split(".")
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    name = ".".join(labels[-keep:])
    return _SAME.get(name, name)


def _believed(headers: Headers, name: str, border: _Border) -> Iterator[Mapping[str, str]]:
    """What the topmost header says, and each of the same organisation that stands with it."""
    top, server = -1, ""
    for at, value in headers.placed(name)[:_MOST]:
        said, results = _server_and_results(_without_comments(value[:_LONGEST]))
        if top < 0:
            top, server = at, _organisation(said)
            if not border.knows(said):
                return
        elif _organisation(said) != server or any(top < hop < at for hop in border.hops):
            return
        yield results


def _server_and_results(plain: str) -> tuple[str, Mapping[str, str]]:
    """The name before the first ";"; Exchange Online gives none. One good signature is enough."""
    said, _, rest = _INSTANCE.sub("", plain).partition(";")
    if _RESULT.match(said):
        said, rest = "outlook.com", plain
    told = [found for result in rest.split(";") if (found := _RESULT.match(result))]
    results: dict[str, str] = {}
    for found in told:
        method, result = found[1].lower(), found[2].lower()
        if method not in results or (method == "dkim" and result == "pass"):
            results[method] = result
    return next(iter(said.split()), ""), results


def _without_comments(value: str) -> str:
    """Comments may hold anything, also "dkim=pass"; so may what is quoted."""
    for _ in range(5):
        shorter = _COMMENT.sub(" ", value)
        if shorter == value:
            break
        value = shorter
    return _QUOTED.sub('""', value)


def _received_spf(headers: Headers, border: _Border) -> Mapping[str, str]:
    """The topmost Received-SPF (RFC 7208, 9.1), where the server it names is ours."""
    for _, value in headers.placed("Received-SPF")[:1]:
        result, receiver = _SPF.match(value), _RECEIVER.search(value[:_LONGEST])
        if result and receiver and border.knows(receiver[1] or receiver[2]):
            return {"spf": result[1].lower()}
    return {}


def _spam(headers: Headers, border: _Border) -> str:
    """Either "yes" or "no", or "" where no filter said anything."""
    said = ""
    for name in _SPAM_HEADERS:
        for at, value in headers.placed(name)[:1]:
            if _SPAM_YES.match(value):
                return "yes"
            if _SPAM_NO.match(value) and border.is_inside(at):
                said = "no"
    for name in _LEVEL_HEADERS:
        for _, value in headers.placed(name)[:1]:
            level = _LEVEL.search(f"SCL:{value}" if name.endswith("SCL") else value[:_LONGEST])
            if level and int(level[1]) >= _SPAM_LEVEL:
                return "yes"
            # Exchange writes these below everything and lets none in from outside.
            if level and border.knows("outlook.com"):
                said = said or "no"
    return said
