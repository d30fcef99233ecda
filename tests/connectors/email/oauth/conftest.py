"""A real token server, and a vault that a test can look into and break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import pytest

from connectors.email.oauth.settings import Oauth
from connectors.email.oauth.token_server import Grant
from connectors.email.oauth.tokens import Tokens, tokens_for
from tests.servers.token_server import CLIENT_ID, CLIENT_SECRET, TokenServer, token_server

Make = Callable[..., Tokens]


@dataclass
class OpenVault:
    """Keeps in memory what a real one keeps on the disk; `is_full` keeps nothing more."""

    kept: dict[str, str] = field(default_factory=dict, repr=False)
    is_full: bool = False
    lock: Lock = field(default_factory=Lock)

    def read(self, name: str) -> str:
        return self.kept.get(name, "")

    def keep(self, name: str, value: str) -> None:
        if self.is_full:
            raise OSError("no space left on device")
        self.kept[name] = value

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self.lock:
            yield


@pytest.fixture
def provider() -> Iterator[TokenServer]:
    with token_server() as server:
        yield server


@pytest.fixture
def vault() -> OpenVault:
    return OpenVault()


@pytest.fixture
def settings(provider: TokenServer) -> Callable[..., Oauth]:
    """The settings for the token server of this test."""

    def make(**changes: object) -> Oauth:
        told = {
            "provider": "custom",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "token_url": f"{provider.url}/token",
            "authorise_url": f"{provider.url}/authorise",
            "device_url": f"{provider.url}/devicecode",
        }
        return Oauth(**(told | changes))

    return make


@pytest.fixture
def process(vault: OpenVault, settings: Callable[..., Oauth]) -> Make:
    """A process of its own as far as tokens go: it shares the vault and nothing else."""

    def make(user: str = "support", **changes: object) -> Tokens:
        tokens = tokens_for(settings(**changes), user, "1.0")
        assert tokens is not None
        tokens.trust_with(vault)
        return tokens

    return make


@pytest.fixture
def tokens(process: Make, provider: TokenServer) -> Tokens:
    """Those of a mailbox that has been authorised."""
    made = process()
    made.accept(grant_of(provider, "support"))
    return made


def grant_of(provider: TokenServer, user: str) -> Grant:
    said = provider.authorised(user)
    return Grant(said["access_token"], said["expires_in"], said["refresh_token"])
