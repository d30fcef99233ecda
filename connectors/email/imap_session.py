"""A session with a mail server by IMAP: connecting, signing in, faults named."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from connectors.email.imap_settings import ImapSettings
from connectors.email.oauth.bearer import sign_in_by_imap
from connectors.email.oauth.tokens import Tokens
from connectors.email.trust import trusting, untrusted
from crm.channels.contract import ChannelError, Misconfigured, Temporary

CHECK_SERVER = "Check host, port and tls of this channel."
CHECK_SIGN_IN = "Check user and password of this channel."

CONNECT_SECONDS, ANSWER_SECONDS, FAREWELL_SECONDS = 20, 120, 5
"""How long a server may say nothing."""

_PASSING = ("[UNAVAILABLE]", "[LIMIT]", "[INUSE]", "[SERVERBUG]", "[OVERQUOTA]")
_ENDED_EARLY = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


class Account:
    """One account of a mail server; connects when a session is asked for."""

    def __init__(self, settings: ImapSettings, tokens: Tokens | None = None) -> None:
        self.settings, self.tokens = settings, tokens

    @contextmanager
    def session(self) -> Iterator[IMAPClient]:
        """A connection that is signed in.

        Whatever the library and the network raise while it is open comes out as ChannelError.
        """
        with self._faults_named():
            client = self._connected()
            try:
                self._sign_in(client)
                yield client
            except BaseException:
                _hang_up(client)
                raise
            _say_farewell(client)

    def _sign_in(self, client: IMAPClient) -> None:
        """By OAuth 2, by LOGIN, or by PLAIN (RFC 4616), which takes letters beyond ASCII."""
        if self.tokens is not None:
            sign_in_by_imap(client, self.tokens, _refused_sign_in)
            return
        assert self.settings.password is not None, "the settings have one of password and oauth"
        user, password = self.settings.user, self.settings.password.get_secret_value()
        if user.isascii() and password.isascii():
            client.login(user, password)
        else:
            client.plain_login(user, password)

    def _connected(self) -> IMAPClient:
        trust = trusting(self.settings.ca_file)
        is_tls = self.settings.tls == "tls"
        try:
            client = IMAPClient(
                self.settings.host,
                self.settings.port,
                ssl=is_tls,
                ssl_context=trust if is_tls else None,
                timeout=SocketTimeout(CONNECT_SECONDS, ANSWER_SECONDS),
            )
            client.normalise_times = False
            # IMAPClient formats every literal for a log that nobody reads: five times the work.
            client._imap.debug = 0
            if self.settings.tls == "starttls":
                _start_tls(client, trust)
        except _ENDED_EARLY:
            raise
        except ssl.SSLError as error:
            raise untrusted(error, self._place, CHECK_SERVER) from None
        return client

    @property
    def _place(self) -> str:
        return f"{self.settings.host}:{self.settings.port}"

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except ChannelError:
            raise
        except LoginError as error:
            raise _refused_sign_in(error) from None
        except OSError as error:
            raise Temporary(
                "The mail server cannot be reached.", f"{self._place}: {error}", CHECK_SERVER
            ) from None
        except IMAPClientError as error:
            raise Temporary("The mail server broke off.", words_of(error)) from None
        except (ArithmeticError, ValueError, LookupError, TypeError, AttributeError) as error:
            # IMAPClient's readers take it for granted that every number is one.
            raise Temporary(
                "The mail server's answer makes no sense.", repr(error)[:500]
            ) from error


def words_of(error: Exception) -> str:
    """What the server said; imaplib hands it on as bytes, or as the text of bytes."""
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    quoted = re.fullmatch(r"b(['\"])(.*)\1", text, re.DOTALL)
    return (quoted[2] if quoted else text)[:500]


def is_passing(words: str) -> bool:
    """Whether a refusal holds only for now (RFC 5530)."""
    return any(code in words.upper() for code in _PASSING)


def _start_tls(client: IMAPClient, trust: ssl.SSLContext) -> None:
    try:
        client.starttls(trust)
    except BaseException:
        _hang_up(client)
        raise


def _say_farewell(client: IMAPClient) -> None:
    """One that fails changes nothing of what was done."""
    client.socket().settimeout(FAREWELL_SECONDS)
    try:
        client.logout()
    except (IMAPClientError, OSError):
        _hang_up(client)


def _hang_up(client: IMAPClient) -> None:
    """Without a word: whoever does not answer would keep us waiting once more."""
    with suppress(OSError):
        client._imap.shutdown()


def _refused_sign_in(error: LoginError) -> ChannelError:
    """Refused for good, or only now, or not even answered."""
    words = words_of(error)
    if isinstance(error.__context__, IMAPClientAbortError):
        return Temporary("The mail server broke off.", words)
    if is_passing(words):
        return Temporary("The mail server cannot check the sign-in now.", words)
    return Misconfigured("The mail server refused the sign-in.", words, CHECK_SIGN_IN)
