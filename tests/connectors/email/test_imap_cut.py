"""A connection that breaks anywhere: each mail comes once, and nobody waits for ever."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Thread

import pytest

from connectors.email import batches, imap_session
from connectors.email.imap import Imap
from crm.channels.contract import ChannelError, Misconfigured, Temporary
from tests.servers.cutting_proxy import CuttingProxy

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MAILS = 5
POINTS = 40


@pytest.fixture
def wire(dovecot) -> Iterator[CuttingProxy]:
    with CuttingProxy(dovecot.port) as proxy:
        yield proxy


@pytest.fixture
def far(mailbox, wire):
    """The mailbox, at the other end of the wire."""
    return lambda **changes: mailbox(port=wire.port, tls="none", **changes)


def mail(number, size=300):
    head = f"From: anna@example.com\r\nSubject: {number}\r\nMessage-ID: <{number}@example.com>\r\n"
    return (head + "\r\n" + "x" * size).encode()


def filled(dovecot, user):
    for number in range(MAILS):
        dovecot.append(user, mail(number), age_seconds=100 - number)


def stored(mailbox: Imap, cursor=None):
    """What a pull brings before it ends or fails, the last cursor, and the failure."""
    subjects, failure = [], None
    try:
        for batch in mailbox.pull(cursor, LONG_AGO):
            subjects += [message.subject for message in batch.messages]
            cursor = batch.cursor
    except ChannelError as error:
        failure = error
    return subjects, cursor, failure


def conversation_bytes(far, wire):
    """How much a whole pull carries."""
    assert stored(far())[2] is None
    return wire.carried


@pytest.mark.parametrize("part", range(POINTS))
def test_wherever_the_connection_breaks_each_mail_comes_once(
    dovecot, far, wire, user, monkeypatch, part
):
    monkeypatch.setattr(batches, "MOST_MAILS", 2)
    filled(dovecot, user)
    wire.cut_after = conversation_bytes(far, wire) * part // POINTS
    first, cursor, failure = stored(far())
    wire.cut_after = None
    second, _, none = stored(far(), cursor)
    assert isinstance(failure, Temporary)
    assert none is None
    assert first + second == [str(number) for number in range(MAILS)]


@pytest.mark.parametrize("part", range(0, POINTS, 2))
def test_wherever_a_move_breaks_each_mail_comes_once_and_lies_in_one_folder(
    dovecot, far, wire, user, monkeypatch, part
):
    monkeypatch.setattr(batches, "MOST_MAILS", 2)
    with far().account.session() as client:
        client.create_folder("Done")
    filled(dovecot, user)
    wire.cut_after = 1200 + 150 * part
    first, cursor, _ = stored(far(move_to="Done", mark_seen=True))
    wire.cut_after = None
    second, _, none = stored(far(move_to="Done", mark_seen=True), cursor)
    assert none is None
    assert first + second == [str(number) for number in range(MAILS)]
    assert count(far(), "INBOX") + count(far(), "Done") == MAILS


def count(mailbox, folder):
    with mailbox.account.session() as client:
        return client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"]


@pytest.mark.parametrize("size", [0, 1, 60, 1500, 2500, 40_000, 150_000])
def test_a_server_that_falls_silent_is_left_after_a_while(
    dovecot, far, wire, user, monkeypatch, size
):
    monkeypatch.setattr(imap_session, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(imap_session, "ANSWER_SECONDS", 0.5)
    dovecot.append(user, mail("large", size=200_000))
    wire.cut_after, wire.is_silent = size, True
    _, _, failure = stored(far())
    assert isinstance(failure, Temporary)


def test_a_tls_handshake_that_is_cut_is_no_setting(mailbox, dovecot):
    with CuttingProxy(dovecot.tls_port) as wire:
        failures = []
        for cut in (0, 1, 100, 600, 1500, 2500):
            wire.cut_after = cut
            failures.append(stored(mailbox(port=wire.port))[2])
    assert [type(failure) for failure in failures] == [Temporary] * 6


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"* BYE too many connections\r\n",
        b"HTTP/1.0 400 Bad Request\r\n\r\n",
        b"* OK hello\r\n* CAPABILITY \xff\xfe {5}\r\n",
        b"* PREAUTH\r\n* 1 EXISTS\r\n",
        b"* OK " + b"x" * 2_000_000,
        b"* OK hello\r\nXXXX1 OK done\r\n",
    ],
)
def test_a_server_that_speaks_something_else_may_mend_its_ways(mailbox, monkeypatch, words):
    monkeypatch.setattr(imap_session, "ANSWER_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server, _talking(server, words):
        port = server.getsockname()[1]
        _, _, failure = stored(mailbox(host="127.0.0.1", port=port, tls="none"))
    assert isinstance(failure, Temporary)
    assert not isinstance(failure, Misconfigured)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_a_server_answers_ends_in_an_error_of_the_channel(
    dovecot, far, wire, user, monkeypatch, seed
):
    monkeypatch.setattr(imap_session, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(imap_session, "FAREWELL_SECONDS", 0.3)
    filled(dovecot, user)
    draw = random.Random(seed)
    said = conversation_bytes(far, wire) * 3 // 4
    odd = [draw.randrange(256), *b'0159 (){}[]"\\*%\r\n']
    wire.spoilt = {draw.randrange(said): draw.choice(odd) for _ in range(1 + seed % 5)}
    subjects, _, failure = stored(far())
    assert failure is None or isinstance(failure, ChannelError)
    assert len(subjects) <= MAILS


@contextmanager
def _talking(server, words):
    """Says its words to whoever connects, then hangs up."""

    def talk():
        with suppress(OSError):
            one, _ = server.accept()
            with one:
                one.sendall(words)

    speaker = Thread(target=talk, daemon=True)
    speaker.start()
    yield
    speaker.join(5)
