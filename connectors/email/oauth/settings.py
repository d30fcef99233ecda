"""The settings of OAuth 2, and what is known of the two great providers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from dataclasses import field
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from connectors.settings import STRICT, Secret
from connectors.web_address import WebAddress

MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
GOOGLE_AUTHORISE = "https://accounts.google.com/o/oauth2/v2/auth"
GOOGLE_TOKEN = "https://oauth2.googleapis.com/token"


def _private(value: str) -> str:
    """Tokens travel encrypted, or stay on this machine (RFC 6749, 3.2)."""
    parts = urlsplit(value)
    if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise ValueError("expected an address that begins with https://")
    return value


def _tenant(value: str) -> str:
    """It becomes a part of an address."""
    if not re.fullmatch(r"[A-Za-z0-9.-]+", value):
        raise ValueError('expected a domain such as "example.com", or the ID of a tenant')
    return value


PrivateAddress = Annotated[WebAddress, AfterValidator(_private)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Oauth:
    """Sign in by OAuth 2 instead of a password; `postkorb authorise` asks for access, once.
    `tenant` is for microsoft, the addresses are for custom; `scopes` has a default but for custom.
    """

    provider: Literal["google", "microsoft", "custom"]
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: Secret | None = None
    tenant: Annotated[str, AfterValidator(_tenant)] = "common"
    authorise_url: PrivateAddress | None = None
    token_url: PrivateAddress | None = None
    device_url: PrivateAddress | None = None
    scopes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Oauth:
        told = [self.authorise_url, self.token_url, self.device_url]
        if self.provider != "custom" and any(told):
            raise ValueError(
                'authorise_url, token_url and device_url are for the provider "custom" alone'
            )
        if self.provider == "custom" and not (
            self.token_url and (self.authorise_url or self.device_url)
        ):
            raise ValueError(
                'the provider "custom" needs token_url, and authorise_url or device_url'
            )
        return self


@plain_dataclass(frozen=True, slots=True)
class Places:
    """Where a provider is asked; `device` "" where access is given in the browser alone.

    `wishes` are parameters of its own for the authorisation address; `loopback` is how it calls
    the machine that the browser runs on.
    """

    token: str
    scopes: tuple[str, ...]
    authorise: str = ""
    device: str = ""
    wishes: Mapping[str, str] = field(default_factory=dict)
    loopback: str = "127.0.0.1"


def places(oauth: Oauth) -> Places:
    """The provider's addresses and scopes.

    Microsoft takes any port of localhost where http://localhost is registered, and of no other.
    https://developers.google.com/workspace/gmail/imap/xoauth2-protocol (its device grant gives no
    access to mail; it gives a refresh token only with both wishes), and
    https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
    """
    match oauth.provider:
        case "google":
            return Places(
                token=GOOGLE_TOKEN,
                scopes=oauth.scopes or ("https://mail.google.com/",),
                authorise=GOOGLE_AUTHORISE,
                wishes={"access_type": "offline", "prompt": "consent"},
            )
        case "microsoft":
            base = MICROSOFT.format(tenant=oauth.tenant)
            return Places(
                token=f"{base}/token",
                scopes=oauth.scopes
                or (
                    "https://outlook.office.com/IMAP.AccessAsUser.All",
                    "https://outlook.office.com/SMTP.Send",
                    "offline_access",
                ),
                authorise=f"{base}/authorize",
                device=f"{base}/devicecode",
                loopback="localhost",
            )
    return Places(
        token=oauth.token_url or "",
        scopes=oauth.scopes,
        authorise=oauth.authorise_url or "",
        device=oauth.device_url or "",
    )
