"""Addresses in the web: what a setting takes, who may see credentials, what an error may show."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import AfterValidator

SECRET_NAME = re.compile(r"key|token|auth|secret|pass|pwd|sig|session", re.IGNORECASE)
LOOKS_SECRET = re.compile(r"[\w+/=-]{24,}")


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or re.search(r"\s", value):
        raise ValueError("expected an address that begins with https:// or http://")
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
"""The type of a connector's setting `url`."""


def without_secrets(url: str) -> str:
    """The address without user and password, secret-looking parameters masked."""
    try:
        parts = urlsplit(without_user(url))
        query = [(name, _masked(name, value)) for name, value in parse_qsl(parts.query)]
        return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query, safe="*"), ""))
    except ValueError:
        return "an unreadable address"


def without_user(url: str) -> str:
    """The address without `user:password@`. Raises ValueError where it is no address."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def same_place(first: str, here: str) -> bool:
    """Whether credentials for the first address may go to the other: same host, never less safe."""
    one, other = urlsplit(first), urlsplit(here)
    if one.hostname != other.hostname:
        return False
    ports = {"http": 80, "https": 443}
    pair = [(part.scheme, part.port or ports.get(part.scheme)) for part in (one, other)]
    return pair[0] == pair[1] or pair == [("http", 80), ("https", 443)]


def _masked(name: str, value: str) -> str:
    return "***" if SECRET_NAME.search(name) or LOOKS_SECRET.fullmatch(value) else value
