"""Being told at once of new mail: IDLE (RFC 2177) on a connection of its own."""

from __future__ import annotations

import random
import select
import ssl
import time
from collections.abc import Callable
from threading import Event

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from connectors.email.imap_folder import expect
from connectors.email.imap_session import Account
from crm.channels.contract import Temporary

IDLE_SECONDS = 540.0
"""Servers end an IDLE after 29 minutes; many a NAT forgets a silent connection after ten."""

LOOK_SECONDS = 0.5
"""How long the end may have to wait."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 300.0
STEADY_SECONDS = 60.0
"""A connection that lasted so long was a good one."""

News = Callable[[], None]


def watch(account: Account, folder: str, news: News, stop: Event) -> None:
    """Call `news` for what comes into the folder, and after each connect, until `stop`.

    Connects again after a pause that doubles with each failure in a row. Returns at once where the
    server offers no IDLE. Raises Misconfigured.
    """
    pause = FIRST_PAUSE_SECONDS
    while not stop.is_set():
        began = time.monotonic()
        try:
            return _listen(account, folder, news, stop)
        except Temporary:
            if time.monotonic() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            stop.wait(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _listen(account: Account, folder: str, news: News, stop: Event) -> None:
    """On one connection; returns when `stop` is set, or at once where there is no IDLE."""
    with account.session() as client:
        if not client.has_capability("IDLE"):
            return
        expect(client, [folder])
        client.select_folder(folder, readonly=True)
        is_news = True
        while not stop.is_set():
            tag = _begin(client)
            # Listening has begun: what comes while `news` reads the mailbox is told afterwards.
            if is_news:
                news()
            _wait(client, stop)
            is_news = _end(client, tag)


def _begin(client: IMAPClient) -> bytes:
    """IDLE; a server may tell of mails before it says that it waits."""
    imap = client._imap
    imap.untagged_responses = {}
    tag: bytes = imap._command("IDLE")
    while imap._get_response() is not None:
        if imap.tagged_commands[tag]:
            raise IMAPClientError(f"IDLE: {imap.tagged_commands[tag][1][-1]!r}")
    return tag


def _wait(client: IMAPClient, stop: Event) -> None:
    """Until the server says something, the time is over, or `stop` is set."""
    if _has_said(client):
        return
    poller = select.poll()
    poller.register(client.socket(), select.POLLIN)
    ends = time.monotonic() + IDLE_SECONDS
    while not stop.is_set() and time.monotonic() < ends:
        if poller.poll(LOOK_SECONDS * 1000):
            return


def _has_said(client: IMAPClient) -> bool:
    """Whether words of the server have been read from the socket and wait in a buffer."""
    socket = client.socket()
    before = socket.gettimeout()
    socket.setblocking(False)
    try:
        return bool(client._imap.file.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        socket.settimeout(before)


def _end(client: IMAPClient, tag: bytes) -> bool:
    """DONE; whether mail came since `_begin`."""
    imap = client._imap
    imap.send(b"DONE\r\n")
    while not imap.tagged_commands[tag]:
        imap._get_response()
    del imap.tagged_commands[tag]
    return "EXISTS" in imap.untagged_responses or "RECENT" in imap.untagged_responses
