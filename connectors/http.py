"""Polite requests: time-outs, Retry-After, size limits, conditional requests, no secret in errors.

Every community connector speaks through one `Session`, so that all of them fail the same way.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from connectors.web_address import SECRET_NAME, same_place, without_secrets
from crm.channels.contract import ChannelError, Misconfigured, Temporary

UNREACHABLE = "The server cannot be reached."
NO_ANSWER = "The server did not answer completely."
TOO_MANY = "The server asks us to come back later."
BROKEN = "The server answered with an error."
REFUSED = "The server refuses us."
NOT_FOUND = "There is nothing at this address."
NOT_TAKEN = "The server does not accept the request."
MOVED = "The address leads elsewhere too often, or to nowhere."
TOO_LARGE = "The answer is too large."
NOT_JSON = "The answer is not JSON."
BAD_CERTIFICATE = "The certificate of the server cannot be trusted."
BAD_ADDRESS = "The address or the key cannot be used."

CHECK_ADDRESS = "Check the address in the configuration."
CHECK_ACCESS = "Check the user and the key in the configuration."
CHECK_CERTIFICATE = "Ask the operator of the server for a valid certificate."

REDIRECTS = 5
LONGEST_WAIT_SECONDS = 24 * 3600.0
REDIRECTING = (301, 302, 303, 307, 308)
NOT_PROCESSED = (408, 425, 429, 503)

_CERTIFICATE_REASON = re.compile(r"certificate verify failed: ([\w\s,'.-]{3,120}) \(")
"""What OpenSSL says, without what the libraries wrap around it."""


class Uncertain(Exception):
    """No answer came to something that we wrote: it may have been taken."""


class _TooLarge(Uncertain):
    """The answer had no end that we would wait for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case, `url` the address that finally answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body as JSON. Raises Temporary where it is something else, such as a notice page."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            kind = self.headers.get("content-type", "no content type")
            raise Temporary(NOT_JSON, f"{without_secrets(self.url)}: {kind}") from None


class Session:
    """Requests to one source.

    `credentials` are headers that only the host first asked ever sees; a key or token among them,
    `user:password@` of an address or a telling parameter of it appears in no error.
    `total_seconds` is for one whole answer, however slowly it drips; `max_bytes` counts what is
    unpacked.
    """

    def __init__(
        self,
        user_agent: str,
        credentials: Mapping[str, str] | None = None,
        connect_seconds: float = 10,
        read_seconds: float = 30,
        total_seconds: float = 120,
        max_bytes: int = 10_000_000,
    ) -> None:
        self.credentials = dict(credentials or {})
        self.timeout = (connect_seconds, read_seconds)
        self.total_seconds, self.max_bytes = total_seconds, max_bytes
        self._requests = requests.Session()
        self._requests.headers["User-Agent"] = user_agent
        self._requests.auth = _unchanged  # otherwise ~/.netrc would be asked

    def get(
        self, url: str, etag: str = "", modified: str = "", expect: Collection[int] = ()
    ) -> Answer:
        """Fetch it; 304 answers `etag` or `modified` of the last time (RFC 9110, 13.1).

        Answers of status `expect` are the caller's business. Raises Temporary or Misconfigured.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in conditions.items() if value}
        here = url
        for _ in range(REDIRECTS + 1):
            try:
                answer = self._exchange("GET", here, headers | self._access(url, here))
                if answer.status not in REDIRECTING:
                    return self._judge(answer, {200, 304, *expect})
                here = urljoin(here, answer.headers.get("location", ""))
            except _TooLarge as error:
                raise Misconfigured(TOO_LARGE, str(error), CHECK_ADDRESS) from None
            except Uncertain as error:
                raise Temporary(NO_ANSWER, str(error)) from None
            except ValueError:
                break
        raise Misconfigured(MOVED, without_secrets(here), CHECK_ADDRESS)

    def post(self, url: str, fields: Mapping[str, Any], expect: Collection[int] = ()) -> Answer:
        """Send it as JSON, once, following no redirect.

        Raises Temporary only where it surely was not taken, Misconfigured, or Uncertain.
        """
        return self._taken(self._exchange("POST", url, self._access(url, url), fields), expect)

    def submit(self, url: str, form: Mapping[str, str], expect: Collection[int] = ()) -> Answer:
        """Send it as a form, otherwise as `post` does; what the form says appears in no error."""
        access = self._access(url, url)
        return self._taken(self._exchange("POST", url, access, form=form), expect)

    def _taken(self, answer: Answer, expect: Collection[int]) -> Answer:
        if answer.status in expect:
            return answer
        if answer.status >= 500 and answer.status not in NOT_PROCESSED:
            raise Uncertain(self._words(answer))
        if answer.status in REDIRECTING:
            raise Misconfigured(MOVED, self._words(answer), CHECK_ADDRESS)
        return self._judge(answer, {200, 201})

    def redact(self, text: str) -> str:
        """The text without any secret of ours; the name of our user is none."""
        for name, value in self.credentials.items():
            text = text.replace(value, "…") if value and SECRET_NAME.search(name) else text
        return text

    def _access(self, first: str, here: str) -> dict[str, str]:
        if not same_place(first, here):
            return {}
        user = urlsplit(first)
        if user.username is None:
            return self.credentials
        pair = f"{unquote(user.username)}:{unquote(user.password or '')}"
        basic = "Basic " + b64encode(pair.encode()).decode()
        return {"Authorization": basic} | self.credentials

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        fields: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        began = monotonic()
        shown = without_secrets(url)
        try:
            with self._requests.request(
                method,
                url,
                headers=headers,
                json=fields,
                data=form,
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = self._read(response, began, shown)
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, names, body, url)
        except (requests.RequestException, HTTPError, ValueError) as error:
            raise _failure(error, shown) from None

    def _read(self, response: requests.Response, began: float, shown: str) -> bytes:
        body = bytearray()
        while chunk := response.raw.read1(65_536, decode_content=True):
            body += chunk
            if len(body) > self.max_bytes:
                raise _TooLarge(f"{shown}: more than {self.max_bytes / 1_000_000:g} MB")
            if monotonic() - began > self.total_seconds:
                raise Uncertain(f"{shown}: not finished after {self.total_seconds:.0f} s")
        return bytes(body)

    def _judge(self, answer: Answer, expected: Collection[int]) -> Answer:
        if answer.status in expected:
            return answer
        words = self._words(answer)
        match answer.status:
            case 401 | 403 | 407:
                raise Misconfigured(REFUSED, words, CHECK_ACCESS)
            case 404 | 410:
                raise Misconfigured(NOT_FOUND, words, CHECK_ADDRESS)
            case 408 | 425 | 429:
                raise Temporary(TOO_MANY, words, retry_after=wait_seconds(answer))
            case status if status >= 500:
                raise Temporary(BROKEN, words, retry_after=wait_seconds(answer))
        raise Misconfigured(NOT_TAKEN, words, CHECK_ADDRESS)

    def _words(self, answer: Answer) -> str:
        """Status, address and what a JSON answer says of its errors; never a page of HTML."""
        try:
            name = HTTPStatus(answer.status).phrase
        except ValueError:
            name = ""
        said = "; ".join(told_errors(answer))
        return self.redact(f"{answer.status} {name}, {without_secrets(answer.url)} {said}".strip())


def told_errors(answer: Answer) -> list[str]:
    """The sentences under `errors` of a JSON answer, at most 300 characters each; else nothing."""
    try:
        told = json.loads(answer.body)["errors"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return []
    return [str(line)[:300] for line in told] if isinstance(told, list) else []


def wait_seconds(answer: Answer, now: datetime | None = None) -> float | None:
    """How long the server asks us to wait, at most a day; None where it does not say.

    Retry-After in seconds or as a date (RFC 9110, 10.2.3), else Discourse's `extras.wait_seconds`.
    """
    said = answer.headers.get("retry-after", "").strip()
    seconds = _number(said)
    if seconds is None and said:
        try:
            until = parsedate_to_datetime(said)
            until = until if until.tzinfo else until.replace(tzinfo=UTC)
            seconds = (until - (now or datetime.now(UTC))).total_seconds()
        except (ValueError, OverflowError):
            seconds = None
    if seconds is None:
        seconds = _number(_wait_in_body(answer.body))
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def _failure(error: Exception, shown: str) -> ChannelError | Uncertain:
    """What went wrong, in words of ours: the libraries' own repeat the address with its secrets."""
    match error:
        case requests.exceptions.SSLError() if "CERTIFICATE_VERIFY_FAILED" in str(error):
            reason = _CERTIFICATE_REASON.search(str(error))
            words = f"{shown}: {reason[1]}" if reason else shown
            return Misconfigured(BAD_CERTIFICATE, words, CHECK_CERTIFICATE)
        case (
            requests.ConnectTimeout()
            | requests.exceptions.ProxyError()
            | requests.exceptions.SSLError()
        ):
            return Temporary(UNREACHABLE, shown, CHECK_ADDRESS)
        case requests.ConnectionError() if _never_connected(error):
            return Temporary(UNREACHABLE, shown, CHECK_ADDRESS)
        case ValueError():
            return Misconfigured(BAD_ADDRESS, shown, CHECK_ADDRESS)
    return Uncertain(f"{shown}: {type(error).__name__}")


def _never_connected(error: requests.ConnectionError) -> bool:
    reasons: Iterable[Any] = (getattr(cause, "reason", None) for cause in error.args)
    return any(isinstance(reason, NewConnectionError) for reason in reasons)


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if number == number and abs(number) != float("inf") else None


def _wait_in_body(body: bytes) -> Any:
    try:
        return json.loads(body)["extras"]["wait_seconds"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
