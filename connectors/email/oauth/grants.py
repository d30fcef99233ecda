"""How access is given for the first time: by a code on another device, or in a browser."""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from connectors.email.oauth.token_server import Grant, Refused, TokenServer
from crm.channels.contract import ChannelError, Misconfigured, Temporary

ANEW = "Run the command once more."
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

_USUAL_INTERVAL, _SLOWER, _LONGEST_INTERVAL = 5.0, 5.0, 60.0
_LONGEST_LIFE = 3600.0


class NotOurs(Exception):
    """An address that no answer to this request stands in."""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What somebody types in at `address`; `interval` and `seconds` it is good for (RFC 8628)."""

    user_code: str
    address: str
    device_code: str = field(repr=False)
    interval: float
    seconds: float


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """Where somebody gives access in a browser, which is then led to `redirect` (RFC 8252)."""

    address: str
    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)

    def code_in(self, redirected: str) -> str:
        """The code in the address that the browser was led to. Raises NotOurs and Misconfigured.

        The state shows that it answers this request and no other (RFC 6749, 10.12).
        """
        try:
            found = parse_qs(urlsplit(redirected.strip()).query, max_num_fields=50)
        except ValueError:
            raise NotOurs from None
        said = {name: values[0] for name, values in found.items()}
        if not secrets.compare_digest(said.get("state", "").encode(), self.state.encode()):
            raise NotOurs
        if "error" in said:
            words = f"{said['error']} {said.get('error_description', '')}"
            raise _not_given(Refused(said["error"], _plain(words)[:300]))
        if not said.get("code"):
            raise NotOurs
        return said["code"]


def ask_device_code(server: TokenServer) -> DeviceCode:
    """A code for another device (RFC 8628, 3.1). Raises ChannelError."""
    form = {"client_id": server.client_id, "scope": " ".join(server.places.scopes)}
    try:
        said = server.ask(server.places.device, form)
    except Refused as refusal:
        raise refusal.told() from None
    try:
        return DeviceCode(
            _plain(said["user_code"]),
            # Some name it as an earlier draft did.
            _plain(said.get("verification_uri") or said["verification_url"]),
            str(said["device_code"]),
            _seconds(said, "interval", _USUAL_INTERVAL, _LONGEST_INTERVAL),
            _seconds(said, "expires_in", 900.0, _LONGEST_LIFE),
        )
    except KeyError as error:
        raise Temporary("The token server gave no code.", f"no {error.args[0]}") from None


def wait_for_device(
    server: TokenServer, device: DeviceCode, sleep: Callable[[float], None] = time.sleep
) -> Grant:
    """Ask until the code has been typed in, as often as the server wants. Raises ChannelError."""
    interval, deadline = device.interval, time.monotonic() + device.seconds
    form = {"grant_type": DEVICE_GRANT, "device_code": device.device_code}
    while time.monotonic() < deadline:
        sleep(interval)
        try:
            return server.grant(form)
        except Temporary:
            interval = min(interval * 2, _LONGEST_INTERVAL)
        except Refused as refusal:
            if refusal.code == "slow_down":
                interval += _SLOWER
            elif refusal.code != "authorization_pending":
                raise _not_given(refusal) from None
    raise _not_given(Refused("expired_token", ""))


def begin_in_browser(server: TokenServer, user: str, redirect: str) -> CodeRequest:
    """The address to open, with a proof key of our own (RFC 7636, S256)."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": server.client_id,
        "redirect_uri": redirect,
        "scope": " ".join(server.places.scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": user,
        **server.places.wishes,
    }
    sign = "&" if urlsplit(server.places.authorise).query else "?"
    told = {name: value for name, value in asked.items() if value}
    address = f"{server.places.authorise}{sign}{urlencode(told)}"
    return CodeRequest(address, redirect, state, verifier)


def redeem(server: TokenServer, request: CodeRequest, code: str) -> Grant:
    """Tokens for the code. Raises ChannelError."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": request.redirect,
        "code_verifier": request.verifier,
    }
    try:
        return server.grant(form)
    except Refused as refusal:
        raise _not_given(refusal) from None


def _not_given(refusal: Refused) -> ChannelError:
    match refusal.code:
        case "access_denied" | "authorization_declined":
            return Misconfigured("Access to the mailbox was declined.", refusal.words, ANEW)
        case "expired_token" | "code_expired" | "invalid_grant" | "bad_verification_code":
            return Misconfigured("The code is no longer good.", refusal.words, ANEW)
    return refusal.told()


def _seconds(said: Mapping[str, Any], name: str, usual: float, most: float) -> float:
    try:
        return min(max(float(said[name]), 0.0), most)
    except (KeyError, TypeError, ValueError):
        return usual


def _plain(text: object) -> str:
    """For a terminal: no character that moves its cursor or its colours."""
    return "".join(letter for letter in str(text) if letter.isprintable())
