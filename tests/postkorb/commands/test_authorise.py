"""`postkorb authorise` as an operator types it, against a real token server and real mail servers."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from sqlalchemy import select

from crm.base import now
from crm.channels.channel import Channel
from crm.conversations.message import Message
from postkorb import config
from postkorb.__main__ import main
from postkorb.wiring import open_desk
from tests.servers.dovecot import is_installed
from tests.servers.oauth_mail import OauthDovecot, OauthSink
from tests.servers.ports import free_ports
from tests.servers.token_server import CLIENT_ID, CLIENT_SECRET, TokenServer, token_server

MAIL = b"From: anna@example.org\r\nSubject: Battery\r\n\r\nIt does not charge.\r\n"
REFRESH = "refresh_token"


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[TokenServer, OauthDovecot, OauthSink]]:
    if not is_installed():
        pytest.skip("Dovecot is not installed (Debian: dovecot-imapd)")
    with (
        token_server() as tokens,
        OauthDovecot(tokens) as dovecot,
        OauthSink(tokens=tokens) as sink,
    ):
        yield tokens, dovecot, sink


@pytest.fixture
def provider(servers: tuple[TokenServer, OauthDovecot, OauthSink]) -> TokenServer:
    tokens, _, _ = servers
    tokens.families.clear()
    tokens.asked.clear()
    tokens.decline = False
    return tokens


@dataclass
class Office:
    """An installation with one mailbox that signs in by OAuth 2; `said` is all that it ever said."""

    path: Path
    said: list[str] = field(default_factory=list)

    def types(self, *words: str) -> Result:
        result = CliRunner().invoke(main, ["--config", str(self.path), *words])
        self.said.append(result.output)
        return result

    def begins(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "postkorb", "--config", str(self.path), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ends(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        rest, _ = process.communicate(timeout=60)
        self.said.append(rest)
        return process.returncode, rest

    def agrees_by_device(self, provider: TokenServer) -> tuple[int, str]:
        process = self.begins("authorise", "support")
        provider.approve(shown(process), "support")
        return self.ends(process)


@pytest.fixture
def by_device(
    tmp_path: Path,
    servers: tuple[TokenServer, OauthDovecot, OauthSink],
    provider: TokenServer,
) -> Office:
    return office(tmp_path, servers, f'device_url = "{provider.url}/devicecode"')


@pytest.fixture
def in_browser(
    tmp_path: Path,
    servers: tuple[TokenServer, OauthDovecot, OauthSink],
    provider: TokenServer,
) -> Office:
    return office(tmp_path, servers, f'authorise_url = "{provider.url}/authorise"')


def office(folder: Path, servers: tuple[TokenServer, OauthDovecot, OauthSink], way: str) -> Office:
    tokens, dovecot, sink = servers
    path = folder / "config.toml"
    path.write_text(
        '[company]\nname = "Lindenrad"\n'
        f'[channels.support]\nkind = "imap"\nhost = "localhost"\nport = {dovecot.tls_port}\n'
        f'ca_file = "{dovecot.ca_file}"\nuser = "support"\n'
        'addresses = ["support@lindenrad.example"]\n'
        f'[channels.support.oauth]\nprovider = "custom"\nclient_id = "{CLIENT_ID}"\n'
        f'client_secret = "{CLIENT_SECRET}"\ntoken_url = "{tokens.url}/token"\n{way}\n'
        f'[channels.support.smtp]\nhost = "localhost"\nport = {sink.port}\ntls = "none"\n'
        '[channels.scans]\nkind = "scan_folder"\nfolder = "scans"\n'
    )
    (folder / "scans").mkdir()
    made = Office(path)
    said = made.types("init", "--name", "Mara", "--email", "mara@lindenrad.example")
    assert said.exit_code == 0, said.output
    return made


def shown(process: subprocess.Popen[str]) -> str:
    """The code or the address that the command shows, on a line of its own."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.fullmatch(r" {4}(\S+)\n", line):
            return found[1]
    raise AssertionError("nothing was shown")


def test_a_code_typed_in_elsewhere_opens_the_mailbox(
    by_device: Office, provider: TokenServer
) -> None:
    code, rest = by_device.agrees_by_device(provider)
    assert (code, rest.splitlines()[-1]) == (0, "ok    support: reads and sends as support")


def test_mail_comes_in_with_the_access_that_was_given(
    by_device: Office,
    provider: TokenServer,
    servers: tuple[TokenServer, OauthDovecot, OauthSink],
) -> None:
    servers[1].append("support", MAIL)
    by_device.agrees_by_device(provider)
    pulled = by_device.types("pull", "support")
    assert (pulled.exit_code, pulled.output) == (0, "")
    with (
        open_desk(config.load(by_device.path)) as wired,
        wired.desk.reading() as session,
    ):
        assert "It does not charge." in session.scalars(select(Message.text)).all()


def test_agreeing_in_a_browser_on_the_same_machine_is_enough(in_browser: Office) -> None:
    process = in_browser.begins("authorise", "support")
    page = requests.get(shown(process), timeout=10)
    code, rest = in_browser.ends(process)
    assert (code, rest.splitlines()[-1]) == (0, "ok    support: reads and sends as support")
    assert "Postkorb" in page.text


def test_without_a_browser_the_address_it_ended_at_is_pasted(in_browser: Office) -> None:
    process = in_browser.begins("authorise", "support")
    ended_at = requests.get(shown(process), allow_redirects=False, timeout=10).headers["Location"]
    assert process.stdin is not None
    process.stdin.write(f"is this it?\n{ended_at}\n")
    process.stdin.flush()
    code, rest = in_browser.ends(process)
    assert (code, "This is no answer to the address above" in rest) == (0, True)


def test_an_answer_that_nobody_asked_for_is_not_taken(in_browser: Office) -> None:
    [port] = free_ports(1)
    process = in_browser.begins("authorise", "support", "--port", str(port))
    address = shown(process)
    requests.get(f"http://127.0.0.1:{port}/?code=stolen&state=guessed", timeout=10)
    assert requests.get(f"http://127.0.0.1:{port}/favicon.ico", timeout=10).status_code == 404
    requests.get(address, timeout=10)
    code, rest = in_browser.ends(process)
    assert (code, "This is no answer to the address above" in rest) == (0, True)


def test_whoever_declines_leaves_everything_as_it_was(
    in_browser: Office, provider: TokenServer
) -> None:
    provider.decline = True
    process = in_browser.begins("authorise", "support")
    requests.get(shown(process), timeout=10)
    code, rest = in_browser.ends(process)
    assert (code, "Access to the mailbox was declined." in rest) == (1, True)
    assert "access: never given" in in_browser.types("doctor").output


def test_the_browser_is_used_where_the_operator_wants_it(
    tmp_path: Path, servers: tuple[TokenServer, OauthDovecot, OauthSink], provider: TokenServer
) -> None:
    way = f'device_url = "{provider.url}/no"\nauthorise_url = "{provider.url}/authorise"'
    made = office(tmp_path, servers, way)
    process = made.begins("authorise", "support", "--browser")
    requests.get(shown(process), timeout=10)
    assert made.ends(process)[0] == 0


def test_the_browser_is_no_way_where_no_address_is_known(by_device: Office) -> None:
    said = by_device.types("authorise", "support", "--browser")
    assert (said.exit_code, "no authorise_url" in said.output) == (2, True)


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("scans", "has no section [channels.scans.oauth]"),
        ("suport", "there is no channel suport; configured: support, scans"),
    ],
)
def test_a_channel_that_needs_none_is_told_apart(
    by_device: Office, channel: str, words: str
) -> None:
    said = by_device.types("authorise", channel)
    assert (said.exit_code, words in said.output) == (2, True)


def test_access_to_the_wrong_mailbox_is_noticed_at_once(
    by_device: Office, provider: TokenServer
) -> None:
    provider.user = "dealers"
    code, rest = by_device.agrees_by_device(provider)
    provider.user = "support"
    assert (code, "support: The mail server refuses the access" in rest) == (1, True)
    assert "Run `postkorb authorise support`." in rest


def test_the_doctor_tells_how_the_access_stands(by_device: Office, provider: TokenServer) -> None:
    before = by_device.types("doctor")
    by_device.agrees_by_device(provider)
    well = by_device.types("doctor")
    provider.revoke()
    after = by_device.types("doctor")
    assert [said.exit_code for said in (before, well, after)] == [1, 0, 1]
    assert "FAIL  support: The mailbox has not been authorised yet." in before.output
    assert "good until" in well.output
    assert "Run `postkorb authorise support`." in after.output
    assert "ended by the provider" in after.output


def test_access_that_ended_stands_on_the_channel_at_once_and_is_asked_for_once_an_hour(
    by_device: Office, provider: TokenServer
) -> None:
    by_device.agrees_by_device(provider)
    provider.revoke()
    pulled = by_device.types("pull", "support")
    assert (pulled.exit_code, "Run `postkorb authorise support`." in pulled.output) == (1, True)
    channel = the_channel(by_device)
    assert channel.failing_since is not None
    assert channel.error == "The mailbox must be authorised anew."
    assert channel.remedy == "Run `postkorb authorise CHANNEL`."
    assert channel.next_pull_at is not None
    assert channel.next_pull_at > now() + timedelta(minutes=50)


def test_after_a_new_authorisation_the_clock_does_not_wait(
    by_device: Office, provider: TokenServer
) -> None:
    assert by_device.types("pull", "support").exit_code == 1
    by_device.agrees_by_device(provider)
    assert the_channel(by_device).next_pull_at is None


def test_two_programs_at_once_spend_a_refresh_token_once(
    by_device: Office, provider: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.seconds = 0.2
    by_device.agrees_by_device(provider)
    provider.seconds, before = 3600, provider.grants(REFRESH)
    monkeypatch.setattr(provider, "pause_seconds", 2)
    both = [by_device.begins("doctor") for _ in range(2)]
    assert [by_device.ends(process)[0] for process in both] == [0, 0]
    assert provider.grants(REFRESH) == before + 1
    assert not provider.families[0].revoked


def test_another_secret_key_is_named_and_a_new_authorisation_mends_it(
    by_device: Office, provider: TokenServer
) -> None:
    by_device.agrees_by_device(provider)
    (by_device.path.parent / "data" / "secret_key").write_text("another secret key")
    said = by_device.types("doctor")
    assert (said.exit_code, "cannot be opened with this secret key" in said.output) == (1, True)
    assert by_device.agrees_by_device(provider)[0] == 0
    assert by_device.types("doctor").exit_code == 0


def test_no_secret_stands_in_anything_said_or_in_the_database(
    by_device: Office, provider: TokenServer, caplog: pytest.LogCaptureFixture
) -> None:
    by_device.types("doctor")
    by_device.agrees_by_device(provider)
    by_device.types("doctor")
    provider.revoke()
    by_device.types("pull", "support")
    by_device.types("doctor")
    written = b"".join(path.read_bytes() for path in (by_device.path.parent / "data").glob("*.db*"))
    said = "".join(by_device.said) + caplog.text + written.decode("latin-1")
    assert len(provider.secrets) > 3
    assert not [secret for secret in provider.secrets if secret in said]


def the_channel(made: Office) -> Channel:
    with open_desk(config.load(made.path)) as wired, wired.desk.reading() as session:
        return session.scalars(select(Channel).where(Channel.name == "support")).one()
