"""A real OAuth 2 server of the tests' own: browser and device grants, rotating refresh tokens.

A refresh token is good for one use; one that is used twice ends everything that came from the same
authorisation, as RFC 9700, 4.14.2 wants it. Mail servers ask it about tokens (RFC 7662).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT_ID = "postkorb-client"
CLIENT_SECRET = "client-secret-7Qx"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Wrong(Exception):
    """A refusal as RFC 6749, 5.2 wants it told."""


@dataclass
class Family:
    """Everything that one authorisation brought."""

    user: str
    refresh: str = ""
    spent: set[str] = field(default_factory=set)
    revoked: bool = False


@dataclass
class Device:
    user_code: str
    approved_by: str = ""
    denied: bool = False


@dataclass
class TokenServer:
    """`user` is who sits before the browser and gives access, unless they `decline`.

    `outage` is what every token request is answered by: a status, and how long to wait; `is_deaf`
    leaves mail servers without an answer. It thinks for `pause_seconds` about each request.
    `seconds` is how long access lasts, `rotates` whether each use brings another refresh token.
    """

    url: str = ""
    user: str = "support"
    decline: bool = False
    seconds: float = 3600
    rotates: bool = True
    outage: tuple[int, str] | None = None
    is_deaf: bool = False
    pause_seconds: float = 0
    slow_down: int = 0
    interval: float = 0.01
    families: list[Family] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._access: dict[str, tuple[Family, float]] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._devices: dict[str, Device] = {}

    @property
    def secrets(self) -> set[str]:
        """Everything that must stand nowhere."""
        refresh = {one for family in self.families for one in {family.refresh, *family.spent}}
        return {CLIENT_SECRET, *self._access, *refresh, *self._codes, *self._devices} - {""}

    def grants(self, kind: str) -> int:
        """How often tokens were asked for that way."""
        return sum(form.get("grant_type") == kind for form in self.asked)

    def authorised(self, user: str) -> dict[str, Any]:
        """Tokens as if somebody had just given access."""
        with self._lock:
            family = Family(user)
            self.families.append(family)
            return self._tokens(family)

    def revoke(self) -> None:
        """The owner of the mailbox takes all access back."""
        for family in self.families:
            family.revoked = True

    def forget_access(self) -> None:
        """Access ends early, while refresh tokens stay good."""
        with self._lock:
            self._access = {token: (family, 0.0) for token, (family, _) in self._access.items()}

    def user_of(self, token: str) -> str:
        """Whose access the token is; "" for nobody's."""
        family, until = self._access.get(token, (Family(""), 0.0))
        return "" if family.revoked or until <= time.time() else family.user

    def approve(self, user_code: str, user: str) -> None:
        """Somebody types the code in and gives access."""
        for device in self._devices.values():
            if device.user_code == user_code:
                device.approved_by, device.denied = user, self.decline

    def authorise(self, said: dict[str, str]) -> str:
        """Where the browser is led once somebody has signed in (RFC 6749, 4.1)."""
        redirect = urlsplit(said["redirect_uri"])
        assert (said["client_id"], said["response_type"]) == (CLIENT_ID, "code")
        assert (redirect.scheme, redirect.path) == ("http", "")
        assert redirect.hostname in {"127.0.0.1", "localhost"}
        assert said["code_challenge_method"] == "S256"
        if self.decline:
            answer = {"error": "access_denied", "error_description": "Not this time."}
        else:
            code = secrets.token_urlsafe(24)
            self._codes[code] = said
            answer = {"code": code}
        return f"{said['redirect_uri']}?{urlencode(answer | {'state': said['state']})}"

    def device_code(self) -> dict[str, Any]:
        code, user_code = secrets.token_urlsafe(24), f"{secrets.token_hex(2)}-{len(self._devices)}"
        self._devices[code] = Device(user_code.upper())
        return {
            "device_code": code,
            "user_code": user_code.upper(),
            "verification_uri": f"{self.url}/device",
            "expires_in": 60,
            "interval": self.interval,
        }

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """What a token request brings. Raises Wrong."""
        with self._lock:
            self.asked.append(form)
            if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
                raise Wrong("invalid_client")
            match form.get("grant_type"):
                case "authorization_code":
                    return self._tokens(self._from_code(form))
                case "refresh_token":
                    return self._tokens(self._from_refresh(form["refresh_token"]))
                case kind if kind == DEVICE_GRANT:
                    return self._tokens(self._from_device(form["device_code"]))
            raise Wrong("unsupported_grant_type")

    def _from_code(self, form: dict[str, str]) -> Family:
        said = self._codes.get(form["code"])
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            said is None
            or said["redirect_uri"] != form.get("redirect_uri")
            or said["code_challenge"] != challenge
        ):
            raise Wrong("invalid_grant")
        return self._new_family()

    def _from_device(self, code: str) -> Family:
        device = self._devices[code]
        if self.slow_down:
            self.slow_down -= 1
            raise Wrong("slow_down")
        if device.denied:
            raise Wrong("access_denied")
        if not device.approved_by:
            raise Wrong("authorization_pending")
        return self._new_family()

    def _from_refresh(self, refresh: str) -> Family:
        for family in self.families:
            if refresh in family.spent:
                family.revoked = True
            if refresh == family.refresh and not family.revoked:
                return family
        raise Wrong("invalid_grant")

    def _new_family(self) -> Family:
        self.families.append(Family(self.user))
        return self.families[-1]

    def _tokens(self, family: Family) -> dict[str, Any]:
        access = secrets.token_urlsafe(32)
        self._access[access] = (family, time.time() + self.seconds)
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": self.seconds}
        if self.rotates or not family.refresh:
            family.spent |= {family.refresh} - {""}
            family.refresh = secrets.token_urlsafe(32)
            answer["refresh_token"] = family.refresh
        return answer


@contextmanager
def token_server() -> Iterator[TokenServer]:
    """The server on a free port of this machine, closed at the end."""
    web = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    web.daemon_threads = True
    server = TokenServer(f"http://127.0.0.1:{web.server_port}")
    web.oauth = server  # type: ignore[attr-defined]
    thread = Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        web.shutdown()
        web.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path in {"/authorise", "/authorize"}:
            self._answer(302, {}, {"Location": self._server.authorise(said)})
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        match self.path:
            case "/token":
                self._give(form)
            case "/devicecode":
                self._answer(200, self._server.device_code())
            case "/introspect":
                user = self._server.user_of(form.get("token", ""))
                status = 500 if self._server.is_deaf else 200
                self._answer(status, {"active": bool(user)} | ({"username": user} if user else {}))
            case _:
                self._answer(404, {})

    def _give(self, form: dict[str, str]) -> None:
        if self._server.outage:
            status, wait = self._server.outage
            self._server.asked.append(form)
            self._answer(status, {}, {"Retry-After": wait} if wait else {})
            return
        time.sleep(self._server.pause_seconds)
        try:
            self._answer(200, self._server.token(form))
        except Wrong as wrong:
            # Some servers repeat what they were sent.
            words = f"Refused {' '.join(form.values())}"
            self._answer(400, {"error": str(wrong), "error_description": words})

    @property
    def _server(self) -> TokenServer:
        return self.server.oauth  # type: ignore[attr-defined,no-any-return]

    def _answer(self, status: int, said: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Quiet: a test says itself what went wrong."""
