"""The token server: what is asked of it, what it gives, and what its refusals mean (RFC 6749)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.email.oauth.settings import Oauth, Places, places
from connectors.http import BROKEN, NO_ANSWER, TOO_MANY, Answer, Session, Uncertain, wait_seconds
from crm.channels.contract import ChannelError, Misconfigured, Temporary

AUTHORISE = "Run `postkorb authorise CHANNEL`."
CHECK_SETTINGS = "Check the oauth settings of this channel: client_id, client_secret, tenant."

USUAL_SECONDS = 3600.0
"""How long access lasts where the server does not say (RFC 6749, 4.2.2 recommends to say it)."""

_LONGEST_WORDS = 300
_SECRETS = ("client_secret", "refresh_token", "code", "code_verifier", "device_code")
_AUTHORISE_ANEW = {
    "invalid_grant",
    "interaction_required",
    "login_required",
    "consent_required",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What the server gave: access for so many seconds, and by what it is renewed ("" nothing)."""

    access: str = field(repr=False)
    seconds: float
    refresh: str = field(default="", repr=False)


class Refused(Exception):
    """The server said no: `code` as in RFC 6749, 5.2 and RFC 8628, 3.5; `words` without secrets."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words

    @property
    def ends_access(self) -> bool:
        """Whether only the owner of the mailbox can give access again."""
        return self.code in _AUTHORISE_ANEW

    def told(self) -> ChannelError:
        """What the operator must do."""
        if self.ends_access:
            return Misconfigured("The mailbox must be authorised anew.", self.words, AUTHORISE)
        return Misconfigured(
            "The token server does not accept these settings.", self.words, CHECK_SETTINGS
        )


class TokenServer:
    """One provider, asked as one client; client_id and secret go into the form (RFC 6749, 2.3.1)."""

    def __init__(self, oauth: Oauth, user_agent: str) -> None:
        self.places: Places = places(oauth)
        self.client_id = oauth.client_id
        self._secret = oauth.client_secret.get_secret_value() if oauth.client_secret else ""
        self._session = Session(user_agent, total_seconds=60, max_bytes=200_000)

    def renewed(self, refresh: str) -> Grant:
        """New access by a refresh token (RFC 6749, 6). Raises Refused and ChannelError."""
        return self.grant({"grant_type": "refresh_token", "refresh_token": refresh})

    def grant(self, form: Mapping[str, str]) -> Grant:
        """Ask for tokens. Raises Refused and ChannelError."""
        own = {"client_id": self.client_id}
        if self._secret:
            own["client_secret"] = self._secret
        return _grant(self.ask(self.places.token, own | dict(form)))

    def ask(self, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        """What the server says to a form, as a JSON object. Raises Refused and ChannelError."""
        try:
            answer = self._session.submit(url, form, expect=range(400, 600))
        except Uncertain as error:
            raise Temporary(NO_ANSWER, str(error)) from None
        if answer.status < 400:
            said = answer.json()
            if isinstance(said, dict) and "error" not in said:
                return said
        raise _refusal(answer, [form[name] for name in _SECRETS if form.get(name)])


def _grant(said: Mapping[str, Any]) -> Grant:
    access, refresh = said.get("access_token"), said.get("refresh_token")
    if not _is_token(access):
        raise Temporary("The token server gave no access token.")
    try:
        seconds = min(max(float(said.get("expires_in", USUAL_SECONDS)), 0.0), 10 * 365 * 86400.0)
    except (TypeError, ValueError):
        seconds = USUAL_SECONDS
    return Grant(str(access), seconds, str(refresh) if _is_token(refresh) else "")


def _is_token(value: object) -> bool:
    """Printable ASCII (RFC 6749, A.12): nothing that would end a line or a SASL field."""
    return isinstance(value, str) and value.isascii() and value.isprintable() and value != ""


def _refusal(answer: Answer, secrets: list[str]) -> Refused | ChannelError:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    code = said.get("error") if isinstance(said, dict) else None
    if not isinstance(code, str):
        code = ""
    text = said.get("error_description") if isinstance(said, dict) and code else ""
    words = " ".join(f"{answer.status} {code} {text or ''}".split())
    for secret in secrets:
        words = words.replace(secret, "…")
    words = words[:_LONGEST_WORDS]
    busy = answer.status in {408, 425, 429} and code not in {"slow_down", "authorization_pending"}
    if busy:
        return Temporary(TOO_MANY, words, retry_after=wait_seconds(answer))
    if answer.status >= 500 or code in {"temporarily_unavailable", "server_error"}:
        return Temporary(BROKEN, words, retry_after=wait_seconds(answer))
    return Refused(code, words)
