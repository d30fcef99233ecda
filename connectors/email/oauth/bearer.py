"""Signing in with an access token by IMAP and SMTP: XOAUTH2, or OAUTHBEARER (RFC 7628)."""

from __future__ import annotations

import smtplib
from base64 import b64encode
from collections.abc import Callable, Collection

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from connectors.email.oauth.token_server import AUTHORISE
from connectors.email.oauth.tokens import Tokens
from crm.channels.contract import Misconfigured

_XOAUTH2, _OAUTHBEARER = "XOAUTH2", "OAUTHBEARER"


def sign_in_by_imap(
    client: IMAPClient, tokens: Tokens, refused: Callable[[LoginError], Exception]
) -> None:
    """AUTHENTICATE with the user's token; a refused one is renewed once.

    `refused` tells what a refusal means: Misconfigured where it stands. Raises ChannelError.
    """
    offered = [name for name in (_XOAUTH2, _OAUTHBEARER) if client.has_capability(f"AUTH={name}")]
    mechanism = _one_of(offered)

    def attempt(token: str) -> None:
        try:
            client.sasl_login(mechanism, _Answers(mechanism, tokens.user, token))
        except LoginError as error:
            raise refused(error) from None

    _twice(tokens, attempt)


def sign_in_by_smtp(
    session: smtplib.SMTP,
    tokens: Tokens,
    refused: Callable[[smtplib.SMTPAuthenticationError], Exception],
) -> None:
    """AUTH with the user's token, otherwise as by IMAP."""
    mechanism = _one_of(session.esmtp_features.get("auth", "").upper().split())

    def attempt(token: str) -> None:
        answers = _Answers(mechanism, tokens.user, token)
        code, words = session.docmd("AUTH", f"{mechanism} {_encoded(answers(b''))}")
        if code == 334:
            # The challenge says in JSON why not; only an answer to it ends the exchange.
            code, words = session.docmd(_encoded(answers(words)))
        if code != 235:
            raise refused(smtplib.SMTPAuthenticationError(code, words))

    _twice(tokens, attempt)


class _Answers:
    """The first challenge is answered by the token; another one brings an error, which is heard."""

    def __init__(self, mechanism: str, user: str, token: str) -> None:
        self._is_bearer = mechanism == _OAUTHBEARER
        self._user, self._token, self._asked = user, token, 0

    def __call__(self, _challenge: bytes) -> bytes:
        self._asked += 1
        if self._asked > 1:
            return b"\x01" if self._is_bearer else b""
        if not self._is_bearer:
            return f"user={self._user}\x01auth=Bearer {self._token}\x01\x01".encode()
        name = self._user.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\x01auth=Bearer {self._token}\x01\x01".encode()


def _one_of(offered: Collection[str]) -> str:
    for mechanism in (_XOAUTH2, _OAUTHBEARER):
        if mechanism in offered:
            return mechanism
    raise Misconfigured(
        "The mail server does not offer to sign in by OAuth 2.",
        remedy="Use a password instead of oauth, or the host that the provider names.",
    )


def _twice(tokens: Tokens, attempt: Callable[[str], None]) -> None:
    token = tokens.access()
    try:
        attempt(token)
        return
    except Misconfigured:
        token = tokens.renew(token)
    try:
        attempt(token)
    except Misconfigured as error:
        raise Misconfigured(
            "The mail server refuses the access that was given.", error.words, AUTHORISE
        ) from None


def _encoded(answer: bytes) -> str:
    return b64encode(answer).decode()
