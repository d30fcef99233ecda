"""Tokens: access that is renewed before it ends, kept in the vault before it is used."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from connectors.email.oauth.settings import Oauth
from connectors.email.oauth.token_server import AUTHORISE, Grant, Refused, TokenServer
from crm.channels.contract import ChannelError, Misconfigured, Vault

MARGIN_SECONDS = 300.0
"""How long before its end access is renewed; half its life where that is shorter."""

_NAME = "oauth"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """How the access to a mailbox stands; times are UTC, None where it has not come to that.

    given_at    when somebody authorised it
    ends_at     when the present access ends, unless it is renewed
    refused_at  when the token server ended it, with its `words`
    """

    given_at: datetime | None = None
    ends_at: datetime | None = None
    refused_at: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What lies in the vault; times in seconds since 1970, `owner` is whom and what it is for."""

    owner: str
    given_at: float
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    renew_at: float = 0.0
    ends_at: float = 0.0
    refused_at: float | None = None
    words: str = ""

    def is_fresh(self) -> bool:
        return time.time() < self.renew_at

    def renewed(self, grant: Grant) -> _Kept:
        """With what the server gave; it may keep the refresh token as it is (RFC 6749, 6)."""
        now = time.time()
        return replace(
            self,
            access=grant.access,
            refresh=grant.refresh or self.refresh,
            renew_at=now + max(grant.seconds - MARGIN_SECONDS, grant.seconds / 2),
            ends_at=now + grant.seconds,
            refused_at=None,
            words="",
        )


class Tokens:
    """The tokens of one mailbox; several processes may share them through the vault.

    A refresh token may be good for one use only, so it is spent by one process at a time, and what
    comes for it lies in the vault before anything else happens.
    """

    def __init__(self, server: TokenServer, user: str) -> None:
        self.server, self.user = server, user
        self._owner = f"{server.places.token} {server.client_id} {user}"
        self._vault: Vault | None = None
        self._current: _Kept | None = None
        self._unkept: tuple[str, _Kept] | None = None

    def trust_with(self, vault: Vault) -> None:
        self._vault = vault

    def access(self) -> str:
        """An access token that is good for some minutes at least. Raises ChannelError."""
        for kept in (self._current, self._read()):
            if kept is not None and kept.is_fresh():
                self._current = kept
                return kept.access
        return self._renew("")

    def renew(self, refused: str) -> str:
        """Another access token than this one, which the mail server refused. Raises ChannelError."""
        return self._renew(refused)

    def accept(self, grant: Grant) -> None:
        """Keep what somebody's authorisation brought. Raises Misconfigured."""
        if not grant.refresh:
            raise Misconfigured(
                "The token server gave no lasting access.",
                remedy="Add the scope that asks for it (often offline_access) to the scopes.",
            )
        with self._own_vault.alone():
            self._unkept = None
            self._keep(_Kept(self._owner, time.time()).renewed(grant))

    def authorisation(self) -> Authorisation:
        """How it stands, as far as the vault knows; asks nobody. Raises Misconfigured."""
        kept = self._read()
        if kept is None:
            return Authorisation()
        return Authorisation(
            _moment(kept.given_at), _moment(kept.ends_at), _moment(kept.refused_at), kept.words
        )

    @property
    def _own_vault(self) -> Vault:
        assert self._vault is not None, "a connector is trusted with a vault before it is asked"
        return self._vault

    def _renew(self, refused: str) -> str:
        with self._own_vault.alone():
            self._keep_what_is_left()
            kept = self._read()
            if kept is None:
                raise Misconfigured("The mailbox has not been authorised yet.", remedy=AUTHORISE)
            if not kept.is_fresh() or kept.access == refused:
                kept = self._spend(kept)
            self._current = kept
            return kept.access

    def _spend(self, kept: _Kept) -> _Kept:
        """Ask for new access; in memory until it is on the disk, and not used before."""
        try:
            grant = self.server.renewed(kept.refresh)
        except Refused as refusal:
            raise self._ended(kept, refusal) from None
        renewed = kept.renewed(grant)
        self._unkept = (kept.refresh, renewed)
        self._keep_what_is_left()
        return renewed

    def _ended(self, kept: _Kept, refusal: Refused) -> ChannelError:
        if refusal.ends_access:
            self._current = None
            ended = replace(
                kept, renew_at=0.0, refused_at=kept.refused_at or time.time(), words=refusal.words
            )
            self._keep(ended)
        return refusal.told()

    def _keep_what_is_left(self) -> None:
        """What could not be kept when it came; not where somebody has authorised anew since."""
        if self._unkept is None:
            return
        spent, renewed = self._unkept
        kept = self._read()
        if kept is not None and kept.refresh == spent:
            self._keep(renewed)
        self._unkept = None

    def _keep(self, kept: _Kept) -> None:
        self._own_vault.keep(_NAME, json.dumps(asdict(kept)))

    def _read(self) -> _Kept | None:
        """What was kept for this user of this client; another one's is none."""
        try:
            kept = _Kept(**json.loads(self._own_vault.read(_NAME) or "null"))
        except (TypeError, ValueError):
            return None
        return kept if kept.owner == self._owner else None


def tokens_for(oauth: Oauth | None, user: str, version: str) -> Tokens | None:
    """Those of a mailbox that signs in by OAuth 2; `version` of the program is told the server."""
    if oauth is None:
        return None
    return Tokens(TokenServer(oauth, f"Postkorb/{version}" if version else "Postkorb"), user)


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
