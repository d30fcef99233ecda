"""The clock of the small installation: mail shows within seconds, and no channel waits for another."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select

from connectors.email import imap_session
from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import Misconfigured
from crm.channels.lock import hold
from crm.conversations.message import Message
from postkorb import config, rounds
from postkorb.schedule import Clock
from postkorb.wiring import Wired, open_desk, prepare
from tests.servers.dovecot import Dovecot

QUESTION = (
    b"From: Anna Berg <anna@example.org>\r\nTo: support@lindenrad.example\r\n"
    b"Subject: Battery\r\nMessage-ID: <q%d@example.org>\r\n\r\nIt does not charge.\r\n"
)
SECONDS = 30

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def installation(configured: Path) -> Path:
    """Whose clock asks each channel once an hour."""
    told = configured.read_text().replace('kind = "imap"', 'kind = "imap"\ninterval = 3600')
    configured.write_text(told)
    prepare(config.load(configured))
    return configured


@contextmanager
def ticking(path: Path) -> Iterator[Wired]:
    with open_desk(config.load(path)) as wired:
        clock = Clock(wired)
        clock.start()
        try:
            yield wired
        finally:
            clock.end()


def test_a_mail_shows_within_seconds_although_the_clock_asks_once_an_hour(
    installation: Path, mailbox_server: Dovecot
) -> None:
    with ticking(installation) as wired:
        until(lambda: pulled(wired) is not None)
        for number in (1, 2, 3):
            mailbox_server.append("support", QUESTION % number)
            until(lambda number=number: messages(wired) == number)


def test_a_mail_server_that_takes_nothing_keeps_no_other_channel_from_sending(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, sent, let_go = Event(), Event(), Event()

    def send_by(_wired: Wired, number: int) -> int:
        if number == 1:
            begun.set()
            let_go.wait(SECONDS)
        elif begun.is_set():
            sent.set()
        return 0

    monkeypatch.setattr(rounds, "due_to_send", lambda _wired: [1, 2])
    monkeypatch.setattr(rounds, "send_by", send_by)
    with ticking(installation):
        try:
            assert sent.wait(SECONDS)
        finally:
            let_go.set()


def test_a_mail_server_that_was_away_is_listened_to_again(
    installation: Path, mailbox_server: Dovecot
) -> None:
    with ticking(installation) as wired:
        until(lambda: pulled(wired) is not None)
        mailbox_server.kill()
        mailbox_server.append("support", QUESTION % 1)
        mailbox_server.start()
        until(lambda: messages(wired) == 1)
        mailbox_server.append("support", QUESTION % 2)
        until(lambda: messages(wired) == 2)


def test_news_beat_the_pause_after_a_failure(installation: Path, mailbox_server: Dovecot) -> None:
    with ticking(installation) as wired:
        until(lambda: pulled(wired) is not None)
        with wired.desk.writing() as session:
            channel = session.get_one(Channel, wired.channels["support"])
            channel.next_pull_at = now().replace(year=2100)
        mailbox_server.append("support", QUESTION % 1)
        until(lambda: messages(wired) == 1)


def test_what_comes_while_somebody_else_reads_the_channel_is_read_right_after(
    installation: Path, mailbox_server: Dovecot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with ticking(installation) as wired:
        until(lambda: pulled(wired) is not None)
        with somebody_else_reads(wired):
            mailbox_server.append("support", QUESTION % 1)
            until(lambda: "support is being pulled by another process" in caplog.text)
            assert messages(wired) == 0
        until(lambda: messages(wired) == 1)


def test_a_mailbox_that_hangs_holds_up_no_other(
    installation: Path, mailbox_server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_session, "CONNECT_SECONDS", 4 * SECONDS)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for number in range(12):
            installation.write_text(
                f'{installation.read_text()}[channels.slow{number}]\nkind = "imap"\n'
                f'host = "127.0.0.1"\nport = {silent.getsockname()[1]}\ntls = "none"\n'
                'user = "u"\npassword = "p"\naddresses = ["a@b.de"]\n'
            )
        lines = installation.read_text().split("[channels.support]")
        dealers = lines[1].index("[channels.dealers]")
        slow = lines[1].index("[channels.slow0]")
        installation.write_text(
            f"{lines[0]}{lines[1][slow:]}[channels.support]{lines[1][:dealers]}"
        )
        mailbox_server.append("support", QUESTION % 1)
        with ticking(installation) as wired:
            until(lambda: messages(wired) == 1)


class Reluctant:
    """A connector that can be read, and cannot be listened to until it is mended."""

    def __init__(self, inner: object) -> None:
        self.inner, self.asked, self.is_mended = inner, 0, False

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def watch(self, news: Callable[[], None], stop: Event) -> None:
        self.asked += 1
        if not self.is_mended:
            raise Misconfigured("The folder cannot be opened.")
        stop.wait()


def test_what_cannot_be_listened_to_is_tried_after_the_next_pull_that_went_well(
    installation: Path, mailbox_server: Dovecot
) -> None:
    installation.write_text(installation.read_text().replace("interval = 3600", "interval = 5"))
    with open_desk(config.load(installation)) as wired:
        connector = Reluctant(wired.connectors["support"])
        clock = Clock(replace(wired, connectors={**wired.connectors, "support": connector}))
        clock.start()
        until(lambda: connector.asked == 1)
        connector.is_mended = True
        until(lambda: connector.asked == 2)
        clock.end()


@contextmanager
def somebody_else_reads(wired: Wired) -> Iterator[None]:
    """Once nobody of ours does."""
    with ExitStack() as reading:
        until(
            lambda: reading.enter_context(
                hold(wired.desk.engine, wired.desk.locks, wired.channels["support"], "pull")
            )
        )
        yield


def pulled(wired: Wired) -> object:
    with wired.desk.reading() as session:
        return session.get_one(Channel, wired.channels["support"]).pulled_at


def messages(wired: Wired) -> int:
    with wired.desk.reading() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
