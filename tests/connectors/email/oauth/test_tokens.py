"""Tokens: renewed in time, spent once, kept before they are used; what ends access is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine

from connectors.email.oauth.token_server import Grant
from connectors.email.oauth.tokens import Tokens
from crm.channels.contract import ChannelError, Misconfigured, Temporary
from tests.connectors.email.oauth.conftest import Make, OpenVault, grant_of
from tests.servers.ports import free_ports
from tests.servers.token_server import TokenServer
from tests.servers.web import Reply, Web, serving

REFRESH = "refresh_token"


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as server:
        yield server


def in_minutes(minutes: float) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes))


def test_access_that_is_good_is_used_again_and_nobody_is_asked(
    tokens: Tokens, provider: TokenServer, process: Make
) -> None:
    assert provider.user_of(tokens.access()) == "support"
    assert process().access() == tokens.access()
    assert provider.asked == []


@pytest.mark.parametrize(("minutes", "renewals"), [(54, 0), (56, 1), (120, 1)])
def test_access_is_renewed_five_minutes_before_it_ends(
    tokens: Tokens, provider: TokenServer, minutes: float, renewals: int
) -> None:
    first = tokens.access()
    with in_minutes(minutes):
        later = tokens.access()
        assert provider.user_of(later) == "support"
    assert (provider.grants(REFRESH), later == first) == (renewals, not renewals)


def test_short_access_is_renewed_after_half_its_life(process: Make, provider: TokenServer) -> None:
    provider.seconds = 120
    tokens = process()
    tokens.accept(grant_of(provider, "support"))
    tokens.access()
    assert provider.grants(REFRESH) == 0
    with in_minutes(1.1):
        tokens.access()
    assert provider.grants(REFRESH) == 1


def test_rotated_tokens_are_good_for_the_next_process(
    tokens: Tokens, provider: TokenServer, process: Make
) -> None:
    for times in range(1, 4):
        provider.forget_access()
        assert provider.user_of(process().renew(tokens.access())) == "support"
        tokens = process()
        assert provider.grants(REFRESH) == times
    assert not provider.families[0].revoked


def test_a_server_that_keeps_its_refresh_token_is_asked_with_it_again(
    process: Make, provider: TokenServer
) -> None:
    provider.rotates = False
    tokens = process()
    tokens.accept(grant_of(provider, "support"))
    for _ in range(2):
        assert provider.user_of(tokens.renew(tokens.access())) == "support"


def test_what_cannot_be_kept_is_not_used_and_kept_as_soon_as_it_can(
    tokens: Tokens, provider: TokenServer, vault: OpenVault, process: Make
) -> None:
    vault.is_full = True
    with in_minutes(58):
        for _ in range(2):
            with pytest.raises(OSError, match="no space"):
                tokens.access()
        vault.is_full = False
        assert provider.user_of(tokens.access()) == "support"
        assert process().access() == tokens.access()
    assert provider.grants(REFRESH) == 1
    assert not provider.families[0].revoked


def test_what_could_not_be_kept_does_not_undo_a_new_authorisation(
    tokens: Tokens, provider: TokenServer, vault: OpenVault, process: Make
) -> None:
    vault.is_full = True
    with in_minutes(58):
        with pytest.raises(OSError, match="no space"):
            tokens.access()
        vault.is_full = False
        process().accept(grant_of(provider, "support"))
        assert tokens.access() == process().access()
        tokens.renew(tokens.access())
    assert json.loads(vault.read("oauth"))["refresh"] == provider.families[1].refresh


def test_a_process_that_dies_before_it_uses_what_it_kept_loses_nothing(
    tokens: Tokens, provider: TokenServer, vault: OpenVault, process: Make
) -> None:
    class Dying(OpenVault):
        def keep(self, name: str, value: str) -> None:
            vault.keep(name, value)
            raise SystemExit

    provider.forget_access()
    refused = tokens.access()
    tokens.trust_with(Dying(vault.kept))
    with pytest.raises(SystemExit):
        tokens.renew(refused)
    assert provider.user_of(process().access()) == "support"
    assert provider.grants(REFRESH) == 1


def test_many_at_once_spend_a_refresh_token_once(
    tokens: Tokens, provider: TokenServer, process: Make
) -> None:
    begin, got = Barrier(8), []

    def pull() -> None:
        own = process()
        begin.wait()
        got.append(own.access())

    with in_minutes(58):
        threads = [Thread(target=pull) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(got), len(set(got)), provider.grants(REFRESH)) == (8, 1, 1)


def test_a_token_that_another_process_has_renewed_meanwhile_is_not_renewed_again(
    tokens: Tokens, provider: TokenServer, process: Make
) -> None:
    refused = tokens.access()
    provider.forget_access()
    renewed = process().renew(refused)
    assert tokens.renew(refused) == renewed
    assert provider.grants(REFRESH) == 1


def test_access_that_was_taken_back_is_told_with_the_remedy(
    tokens: Tokens, provider: TokenServer, process: Make
) -> None:
    provider.revoke()
    with in_minutes(58), pytest.raises(Misconfigured, match="authorised anew") as caught:
        tokens.access()
    assert caught.value.remedy == "Run `postkorb authorise CHANNEL`."
    assert "invalid_grant" in caught.value.words
    assert process().authorisation().refused_at is not None


def test_a_new_authorisation_ends_what_was_wrong(
    tokens: Tokens, provider: TokenServer, process: Make
) -> None:
    provider.revoke()
    with pytest.raises(Misconfigured):
        tokens.renew(tokens.access())
    process().accept(grant_of(provider, "support"))
    assert provider.user_of(tokens.access()) == "support"
    assert tokens.authorisation().refused_at is None


def test_a_mailbox_that_was_never_authorised_says_so(process: Make, provider: TokenServer) -> None:
    with pytest.raises(Misconfigured, match="not been authorised yet"):
        process().access()
    assert process().authorisation().given_at is None
    assert provider.asked == []


@pytest.mark.parametrize("changes", [{"user": "dealers"}, {"client_id": "another"}])
def test_tokens_of_another_user_or_client_are_none(
    tokens: Tokens, process: Make, changes: dict[str, str]
) -> None:
    with pytest.raises(Misconfigured, match="not been authorised yet"):
        process(**changes).access()


def test_access_without_a_refresh_token_is_not_enough(process: Make) -> None:
    with pytest.raises(Misconfigured, match="no lasting access") as caught:
        process().accept(Grant("token", 3600))
    assert "offline_access" in caught.value.remedy


@pytest.mark.parametrize(
    ("outage", "wait"), [((503, "7"), 7.0), ((429, "60"), 60.0), ((500, ""), None), ((502, "3"), 3)]
)
def test_a_token_server_that_is_busy_is_asked_later(
    tokens: Tokens, provider: TokenServer, outage: tuple[int, str], wait: float | None
) -> None:
    provider.outage = outage
    with pytest.raises(Temporary) as caught:
        tokens.renew(tokens.access())
    assert caught.value.retry_after == wait
    provider.outage = None
    assert provider.user_of(tokens.renew(tokens.access())) == "support"


def test_a_token_server_that_is_gone_is_asked_later(process: Make, provider: TokenServer) -> None:
    tokens = process(token_url=f"http://127.0.0.1:{free_ports(1)[0]}/token")
    tokens.accept(grant_of(provider, "support"))
    with pytest.raises(Temporary, match="cannot be reached"):
        tokens.renew(tokens.access())


def test_a_wrong_client_secret_is_a_matter_of_the_settings(
    process: Make, provider: TokenServer
) -> None:
    tokens = process(client_secret="wrong-secret")
    tokens.accept(grant_of(provider, "support"))
    with pytest.raises(Misconfigured, match="does not accept these settings") as caught:
        tokens.renew(tokens.access())
    assert "client_secret" in caught.value.remedy
    assert "wrong-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(200, b"<h1>Welcome to the hotel</h1>"), Temporary),
        (Reply(200, b"[1, 2]"), Misconfigured),
        (Reply(200, b'"text"'), Misconfigured),
        (Reply(200, b"{}"), Temporary),
        (Reply(200, b'{"access_token": ""}'), Temporary),
        (Reply(200, b'{"access_token": 7}'), Temporary),
        (Reply(200, b'{"access_token": "a\\r\\nb"}'), Temporary),
        (Reply(200, b'{"access_token": "a\\u0001b"}'), Temporary),
        (Reply(200, b'{"error": "invalid_grant"}'), Misconfigured),
        (Reply(400, b'{"error": ["invalid_grant"]}'), Misconfigured),
        (Reply(400, b'{"error": "temporarily_unavailable"}'), Temporary),
        (Reply(400, b"null"), Misconfigured),
        (Reply(404, b"<h1>Not found</h1>"), Misconfigured),
        (Reply(302, headers={"Location": "/elsewhere"}), Misconfigured),
        (Reply(200, b"x" * 300_000), Temporary),
        (Reply(200, b'{"access_token"', cut=100), Temporary),
        (Reply(200, b"[" * 100_000), Temporary),
    ],
)
def test_whatever_a_token_server_says_is_one_of_the_errors(
    process: Make, provider: TokenServer, web: Web, reply: Reply, kind: type[ChannelError]
) -> None:
    tokens = process(token_url=web.answers("/token", reply))
    tokens.accept(grant_of(provider, "support"))
    with pytest.raises(kind) as caught:
        tokens.renew(tokens.access())
    assert not [secret for secret in provider.secrets if secret in str(caught.value)]


@pytest.mark.parametrize("life", ["null", '"soon"', "-5", "1e999", '"3600"', "[]"])
def test_a_life_that_cannot_be_read_is_no_obstacle(
    process: Make, provider: TokenServer, web: Web, life: str
) -> None:
    answer = b'{"access_token": "fresh", "expires_in": %s}' % life.encode()
    tokens = process(token_url=web.answers("/token", Reply(200, answer)))
    tokens.accept(grant_of(provider, "support"))
    assert tokens.renew(tokens.access()) == "fresh"


def test_secrets_stand_in_no_representation_and_no_error(
    tokens: Tokens, provider: TokenServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    access = tokens.renew(tokens.access())
    provider.revoke()
    with pytest.raises(Misconfigured) as caught:
        tokens.renew(access)
    said = "".join(map(repr, [tokens.__dict__, caught.value, grant_of(provider, "support")]))
    said += str(caught.value) + caplog.text
    assert not [secret for secret in provider.secrets if secret in said]
