"""A configured installation: a real mailbox, a real mail server, and the commands an operator types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from postkorb.__main__ import main
from tests.servers.dovecot import Dovecot, is_installed
from tests.servers.smtp_sink import SmtpSink

Type = Callable[..., Result]


@pytest.fixture
def mailbox_server() -> Iterator[Dovecot]:
    if not is_installed():
        pytest.skip("Dovecot is not installed")
    with Dovecot() as server:
        yield server


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as server:
        yield server


@pytest.fixture
def configured(tmp_path: Path, database_url: str, mailbox_server: Dovecot, sink: SmtpSink) -> Path:
    """A config.toml with a mailbox that works and one whose password is wrong."""
    mailbox = (
        f'kind = "imap"\nhost = "localhost"\nport = {mailbox_server.port}\ntls = "none"\n'
        'addresses = ["support@lindenrad.example"]\n'
    )
    path = tmp_path / "config.toml"
    path.write_text(
        f'[company]\nname = "Lindenrad"\n[database]\nurl = "{database_url}"\n'
        '[operator]\nemail = "operator@lindenrad.example"\nvia = "support"\n'
        "[replies]\nundo_seconds = 0\n"
        f'[channels.support]\n{mailbox}user = "support"\npassword = "secret"\n'
        f'[channels.support.smtp]\nhost = "localhost"\nport = {sink.port}\ntls = "none"\n'
        f'[channels.dealers]\n{mailbox}user = "dealers"\npassword = "wrong"\n'
    )
    return path


@pytest.fixture
def type_(configured: Path) -> Type:
    """Type a command; answers with its exit code and what it said."""

    def type_(*words: str) -> Result:
        return CliRunner().invoke(main, ["--config", str(configured), *words])

    return type_
