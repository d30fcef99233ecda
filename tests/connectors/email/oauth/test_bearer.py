"""Signing in with a token at a real Dovecot and a real SMTP server; a refused one is renewed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.email.imap import Imap, ImapSettings
from connectors.email.oauth.settings import Oauth
from connectors.email.smtp import Smtp
from crm.channels.contract import (
    Address,
    IdentityKind,
    Misconfigured,
    Outgoing,
    Recipient,
    Site,
    Temporary,
)
from tests.connectors.email.oauth.conftest import OpenVault, grant_of
from tests.servers.dovecot import is_installed
from tests.servers.oauth_mail import OauthDovecot, OauthSink
from tests.servers.smtp_sink import SmtpSink
from tests.servers.token_server import TokenServer, token_server

MAIL = b"From: anna@example.org\r\nSubject: Battery\r\n\r\nIt does not charge.\r\n"
REFRESH = "refresh_token"
Mailbox = Callable[..., Imap]


@pytest.fixture(scope="module", params=["xoauth2 oauthbearer", "oauthbearer"])
def servers(request: pytest.FixtureRequest) -> Iterator[tuple[TokenServer, OauthDovecot]]:
    """A mail server that asks a token server about tokens, and offers these mechanisms."""
    if not is_installed():
        pytest.skip("Dovecot is not installed (Debian: dovecot-imapd)")
    with token_server() as tokens, OauthDovecot(tokens, request.param) as dovecot:
        yield tokens, dovecot


@pytest.fixture
def provider(servers: tuple[TokenServer, OauthDovecot]) -> TokenServer:
    tokens, _ = servers
    tokens.families.clear()
    tokens.asked.clear()
    tokens.is_deaf = False
    return tokens


@pytest.fixture
def sink(provider: TokenServer) -> Iterator[OauthSink]:
    with OauthSink(tokens=provider) as server:
        yield server


@pytest.fixture
def mailbox(
    servers: tuple[TokenServer, OauthDovecot],
    provider: TokenServer,
    settings: Callable[..., Oauth],
    vault: OpenVault,
) -> Mailbox:
    """An authorised mailbox; `owner` is whose access was given."""
    _, dovecot = servers

    def make(owner: str = "support", **changes: object) -> Imap:
        told = {
            "host": "localhost",
            "port": dovecot.tls_port,
            "ca_file": dovecot.ca_file,
            "user": "support",
            "addresses": ("support@example.org",),
            "oauth": settings(),
        }
        made = Imap(ImapSettings(**(told | changes)), Site("Kaffeehaus"))
        made.trust_with(vault)
        assert made.tokens is not None
        made.tokens.accept(grant_of(provider, owner))
        return made

    return make


def relay(server: SmtpSink, **changes: object) -> Smtp:
    return Smtp(**({"host": "localhost", "port": server.port, "tls": "none"} | changes))


def an_answer() -> Outgoing:
    return Outgoing(
        key="k1@example.org",
        at=datetime.now(UTC),
        recipients=(Recipient(Address(IdentityKind.EMAIL, "anna@example.org")),),
        subject="Battery",
        text="Here is a new one.",
        sender_name="Mara",
        reference="[PK-1-AA]",
    )


def subjects(mailbox: Imap) -> set[str]:
    batches = mailbox.pull(None, datetime.now(UTC) - timedelta(days=1))
    return {message.subject for batch in batches for message in batch.messages}


def test_a_mailbox_is_read_with_a_token(
    mailbox: Mailbox, servers: tuple[TokenServer, OauthDovecot], provider: TokenServer
) -> None:
    servers[1].append("support", MAIL)
    assert subjects(mailbox()) == {"Battery"}
    assert provider.asked == []


def test_a_token_that_is_refused_early_is_renewed_once_and_tried_again(
    mailbox: Mailbox, provider: TokenServer
) -> None:
    made = mailbox()
    provider.forget_access()
    made.check()
    assert provider.grants(REFRESH) == 1


def test_access_to_another_mailbox_is_told_after_one_more_try(
    mailbox: Mailbox, provider: TokenServer
) -> None:
    with pytest.raises(Misconfigured, match="refuses the access") as caught:
        mailbox(owner="dealers").check()
    assert "postkorb authorise" in caught.value.remedy
    assert provider.grants(REFRESH) == 1


def test_a_mail_server_that_cannot_ask_spends_no_token(
    mailbox: Mailbox, provider: TokenServer
) -> None:
    made = mailbox()
    provider.is_deaf = True
    with pytest.raises(Temporary):
        made.check()
    assert provider.grants(REFRESH) == 0


def test_a_mail_server_without_oauth_says_what_to_do(
    servers: tuple[TokenServer, OauthDovecot], mailbox: Mailbox, provider: TokenServer
) -> None:
    with (
        OauthDovecot(provider, "") as plain,
        pytest.raises(Misconfigured, match="does not offer to sign in by OAuth 2"),
    ):
        mailbox(port=plain.tls_port, ca_file=plain.ca_file).check()


def test_an_answer_leaves_by_the_same_token(
    mailbox: Mailbox, sink: OauthSink, provider: TokenServer
) -> None:
    mailbox(smtp=relay(sink)).send(an_answer())
    assert sink.wait_for(1)[0].recipients == ("anna@example.org",)
    assert provider.asked == []


def test_a_token_is_told_only_behind_the_encryption_that_is_configured(
    mailbox: Mailbox, servers: tuple[TokenServer, OauthDovecot], provider: TokenServer
) -> None:
    _, dovecot = servers
    certificate, key = dovecot.ca_file, dovecot.folder / "key.pem"
    with OauthSink(tokens=provider, certificate=certificate, key=key) as sink:
        mailbox(smtp=relay(sink, tls="starttls", ca_file=certificate)).send(an_answer())
        assert len(sink.wait_for(1)) == 1
    with OauthSink(tokens=provider) as bare, pytest.raises(Misconfigured):
        mailbox(smtp=relay(bare, tls="starttls")).send(an_answer())


def test_a_token_that_the_outgoing_server_refuses_is_renewed_and_the_answer_leaves_once(
    mailbox: Mailbox, sink: OauthSink, provider: TokenServer
) -> None:
    made = mailbox(smtp=relay(sink))
    provider.forget_access()
    made.send(an_answer())
    assert (len(sink.wait_for(1)), provider.grants(REFRESH)) == (1, 1)


def test_access_that_the_outgoing_server_refuses_is_told(mailbox: Mailbox, sink: OauthSink) -> None:
    with pytest.raises(Misconfigured, match="refuses the access") as caught:
        mailbox(owner="dealers", smtp=relay(sink)).send(an_answer())
    assert "535" in caught.value.words
    assert sink.received == []


def test_a_relay_that_wants_no_sign_in_gets_none(mailbox: Mailbox) -> None:
    with SmtpSink() as trusting:
        mailbox(smtp=relay(trusting)).send(an_answer())
        assert len(trusting.wait_for(1)) == 1


def test_an_outgoing_server_without_oauth_says_what_to_do(mailbox: Mailbox) -> None:
    with SmtpSink(password="secret") as other, pytest.raises(Misconfigured, match="OAuth 2"):
        mailbox(smtp=relay(other)).send(an_answer())


def test_an_outgoing_server_with_a_user_of_its_own_gets_that(
    mailbox: Mailbox, provider: TokenServer
) -> None:
    with SmtpSink(password="secret") as other:
        mailbox(smtp=relay(other, user="relay", password="secret")).send(an_answer())
        assert len(other.wait_for(1)) == 1


def test_no_token_stands_in_a_log_or_an_error(
    mailbox: Mailbox, sink: OauthSink, provider: TokenServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    made = mailbox(smtp=relay(sink))
    made.check()
    provider.revoke()
    with pytest.raises(Misconfigured) as caught:
        made.check()
    ours = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("mail.")
    )
    said = f"{ours} {caught.value!r} {caught.value} {made.settings!r} {made.tokens!r}"
    assert not [secret for secret in provider.secrets if secret in said]
