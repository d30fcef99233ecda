"""Real mail servers, and mails made of a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.email.imap import Imap
from connectors.email.imap_settings import ImapSettings
from connectors.email.read import read_mail
from crm.channels.contract import Incoming, Site
from tests.servers.dovecot import Dovecot, is_installed
from tests.servers.smtp_sink import SmtpSink

MAILS = Path(__file__).parent / "mails"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = Site("Kaffeehaus", version="1.0")
OURS = ("support@example.org",)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    if not is_installed():
        pytest.skip("Dovecot is not installed (Debian: dovecot-imapd)")
    with Dovecot() as server:
        yield server


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as server:
        yield server


@pytest.fixture
def read() -> Callable[[str], Incoming]:
    """Read one of the mails in mails/."""
    return lambda name: read_mail((MAILS / name).read_bytes(), "1:1", NOW, OURS)


@pytest.fixture
def mailbox(dovecot: Dovecot, request: pytest.FixtureRequest) -> Callable[..., Imap]:
    """A connector to a mailbox of this test's own."""

    def make(**changes: object) -> Imap:
        settings = {
            "host": "localhost",
            "port": dovecot.tls_port,
            "ca_file": dovecot.ca_file,
            "user": user_of(request),
            "password": "secret",
            "addresses": OURS,
        }
        return Imap(ImapSettings(**(settings | changes)), SITE)

    return make


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    return user_of(request)


def user_of(request: pytest.FixtureRequest) -> str:
    return "".join(filter(str.isalnum, request.node.name))[-60:].lower()
