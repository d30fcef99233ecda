"""Access given for the first time: by a code on another device, or in a browser with a proof key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connectors.email.oauth import settings as oauth_settings
from connectors.email.oauth.grants import (
    NotOurs,
    ask_device_code,
    begin_in_browser,
    redeem,
    wait_for_device,
)
from connectors.email.oauth.settings import Oauth, places
from connectors.email.oauth.tokens import Tokens
from crm.channels.contract import Misconfigured, Temporary
from tests.connectors.email.oauth.conftest import Make
from tests.servers.ports import free_ports
from tests.servers.token_server import TokenServer

REDIRECT = "http://127.0.0.1:8026"
Sleep = Callable[[float], None]


@pytest.fixture
def fresh(process: Make) -> Tokens:
    """Those of a mailbox that nobody has authorised yet."""
    return process()


def led_to(address: str) -> str:
    """Where somebody ends who opens the address and agrees."""
    return requests.get(address, allow_redirects=False, timeout=10).headers["Location"]


def test_a_code_typed_in_on_another_device_gives_access(
    fresh: Tokens, provider: TokenServer
) -> None:
    device, waits = ask_device_code(fresh.server), []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            provider.approve(device.user_code, "support")

    fresh.accept(wait_for_device(fresh.server, device, sleep))
    assert provider.user_of(fresh.access()) == "support"
    assert waits == [provider.interval] * 3


def test_a_server_that_wants_to_be_asked_less_often_is(
    fresh: Tokens, provider: TokenServer
) -> None:
    provider.slow_down = 2
    device, waits = ask_device_code(fresh.server), []
    provider.approve(device.user_code, "support")
    wait_for_device(fresh.server, device, waits.append)
    assert waits == pytest.approx([0.01, 5.01, 10.01])


def test_a_server_that_fails_meanwhile_is_asked_again_after_twice_as_long(
    fresh: Tokens, provider: TokenServer
) -> None:
    device, waits = ask_device_code(fresh.server), []
    provider.approve(device.user_code, "support")
    provider.outage = (503, "")

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            provider.outage = None

    wait_for_device(fresh.server, device, sleep)
    assert waits == pytest.approx([0.01, 0.02, 0.04])


def test_whoever_declines_on_the_device_is_heard(fresh: Tokens, provider: TokenServer) -> None:
    provider.decline = True
    device = ask_device_code(fresh.server)
    provider.approve(device.user_code, "support")
    with pytest.raises(Misconfigured, match="declined"):
        wait_for_device(fresh.server, device, lambda seconds: None)


def test_a_code_that_nobody_types_in_ends(fresh: Tokens) -> None:
    device = replace(ask_device_code(fresh.server), seconds=0.2)
    with pytest.raises(Misconfigured, match="no longer good") as caught:
        wait_for_device(fresh.server, device)
    assert caught.value.remedy == "Run the command once more."


def test_a_server_without_device_codes_is_told(process: Make, provider: TokenServer) -> None:
    with pytest.raises(Misconfigured):
        ask_device_code(process(device_url=f"{provider.url}/nowhere").server)
    with pytest.raises(Temporary):
        ask_device_code(process(device_url=f"http://127.0.0.1:{free_ports(1)[0]}/").server)


def test_agreeing_in_a_browser_gives_access(fresh: Tokens, provider: TokenServer) -> None:
    request = begin_in_browser(fresh.server, "support", REDIRECT)
    code = request.code_in(led_to(request.address))
    fresh.accept(redeem(fresh.server, request, code))
    assert provider.user_of(fresh.access()) == "support"


def test_the_address_names_who_shall_sign_in_and_asks_with_a_proof_key(fresh: Tokens) -> None:
    request = begin_in_browser(fresh.server, "sup+1@example.org", REDIRECT)
    asked = parse_qs(urlsplit(request.address).query)
    assert asked["login_hint"] == ["sup+1@example.org"]
    assert asked["code_challenge_method"] == ["S256"]
    assert request.verifier not in request.address
    assert 43 <= len(request.verifier) <= 128


def test_a_code_is_worth_nothing_without_its_proof_key(
    fresh: Tokens, provider: TokenServer
) -> None:
    request = begin_in_browser(fresh.server, "support", REDIRECT)
    code = request.code_in(led_to(request.address))
    with pytest.raises(Misconfigured, match="no longer good"):
        redeem(fresh.server, replace(request, verifier="x" * 64), code)


def test_whoever_declines_in_the_browser_is_heard(fresh: Tokens, provider: TokenServer) -> None:
    provider.decline = True
    request = begin_in_browser(fresh.server, "support", REDIRECT)
    with pytest.raises(Misconfigured, match="declined") as caught:
        request.code_in(led_to(request.address))
    assert "Not this time." in caught.value.words


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        "https://[",
        f"{REDIRECT}?code=abc",
        f"{REDIRECT}?code=abc&state=another",
        f"{REDIRECT}?code=abc&state=",
        f"{REDIRECT}?error=access_denied&state=another",
        f"{REDIRECT}?code=abc&state=ünlesbar",
        f"{REDIRECT}?{'&'.join('a=b' for _ in range(1000))}",
    ],
)
def test_an_answer_to_another_request_is_none(fresh: Tokens, address: str) -> None:
    request = begin_in_browser(fresh.server, "support", REDIRECT)
    with pytest.raises(NotOurs):
        request.code_in(address)


def test_the_right_state_without_a_code_is_no_answer(fresh: Tokens) -> None:
    request = begin_in_browser(fresh.server, "support", REDIRECT)
    with pytest.raises(NotOurs):
        request.code_in(f"{REDIRECT}?state={request.state}")


def test_google_is_asked_in_the_browser_for_lasting_access(
    process: Make, provider: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_settings, "GOOGLE_AUTHORISE", f"{provider.url}/authorise")
    monkeypatch.setattr(oauth_settings, "GOOGLE_TOKEN", f"{provider.url}/token")
    tokens = process(provider="google", authorise_url=None, token_url=None, device_url=None)
    request = begin_in_browser(tokens.server, "support", REDIRECT)
    asked = parse_qs(urlsplit(request.address).query)
    assert (asked["access_type"], asked["prompt"]) == (["offline"], ["consent"])
    assert asked["scope"] == ["https://mail.google.com/"]
    tokens.accept(redeem(tokens.server, request, request.code_in(led_to(request.address))))
    assert provider.user_of(tokens.access()) == "support"


def test_microsoft_is_asked_by_a_device_code(
    process: Make, provider: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_settings, "MICROSOFT", provider.url)
    tokens = process(provider="microsoft", authorise_url=None, token_url=None, device_url=None)
    device = ask_device_code(tokens.server)
    provider.approve(device.user_code, "support")
    tokens.accept(wait_for_device(tokens.server, device, lambda seconds: None))
    assert provider.user_of(tokens.access()) == "support"


def test_microsoft_is_asked_in_the_browser_where_codes_are_forbidden(
    process: Make, provider: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_settings, "MICROSOFT", provider.url)
    tokens = process(provider="microsoft", authorise_url=None, token_url=None, device_url=None)
    redirect = f"http://{tokens.server.places.loopback}:8026"
    request = begin_in_browser(tokens.server, "support", redirect)
    tokens.accept(redeem(tokens.server, request, request.code_in(led_to(request.address))))
    assert redirect == "http://localhost:8026"
    assert provider.user_of(tokens.access()) == "support"


def test_microsoft_is_asked_within_the_tenant_for_reading_and_sending() -> None:
    found = places(Oauth(provider="microsoft", client_id="c", tenant="example.org"))
    base = "https://login.microsoftonline.com/example.org/oauth2/v2.0"
    assert (found.token, found.device) == (f"{base}/token", f"{base}/devicecode")
    assert "https://outlook.office.com/IMAP.AccessAsUser.All" in found.scopes
    assert "https://outlook.office.com/SMTP.Send" in found.scopes
    assert "offline_access" in found.scopes


def test_what_a_server_wants_shown_moves_no_cursor(
    fresh: Tokens, provider: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = provider.device_code()
    monkeypatch.setattr(provider, "device_code", lambda: usual | {"user_code": "AB\x1b[2J\r\nCD"})
    assert ask_device_code(fresh.server).user_code == "AB[2JCD"
