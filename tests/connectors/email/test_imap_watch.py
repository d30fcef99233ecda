"""Being told of new mail by IDLE."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import Queue
from threading import Event, Thread

import pytest
from imapclient import IMAPClient

from connectors.email import imap_watch
from crm.channels.contract import Misconfigured, Watches
from tests.servers.cutting_proxy import CuttingProxy

MAIL = b"From: anna@example.com\r\nSubject: new\r\n\r\nHello\r\n"
SECONDS = 60
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Listening:
    """A thread that watches; `heard` gets a word for each news."""

    def __init__(self, connector):
        self.heard, self.stop, self.error = Queue(), Event(), None
        self._thread = Thread(target=self._run, args=(connector,), daemon=True)
        self._thread.start()

    def _run(self, connector):
        try:
            connector.watch(lambda: self.heard.put("news"), self.stop)
        except Exception as error:
            self.error = error

    def hears(self):
        return self.heard.get(timeout=SECONDS)

    def ended(self, seconds=SECONDS):
        self._thread.join(seconds)
        return not self._thread.is_alive()


@contextmanager
def listening(connector):
    one = Listening(connector)
    try:
        yield one
    finally:
        one.stop.set()
        assert one.ended()


def test_a_mailbox_can_be_watched(mailbox):
    assert isinstance(mailbox(), Watches)


@pytest.mark.parametrize("tls", ["tls", "none"])
def test_each_mail_is_news(dovecot, mailbox, user, tls):
    port = dovecot.tls_port if tls == "tls" else dovecot.port
    with listening(mailbox(tls=tls, port=port)) as watch:
        assert watch.hears()
        for _ in range(3):
            dovecot.append(user, MAIL)
            assert watch.hears()


def test_a_flag_that_somebody_sets_is_no_news(dovecot, mailbox, user):
    dovecot.append(user, MAIL)
    with mailbox().account.session() as ours, mailbox().account.session() as theirs:
        ours.select_folder("INBOX", readonly=True)
        tag = imap_watch._begin(ours)
        theirs.select_folder("INBOX")
        theirs.add_flags([1], [b"\\Answered"])
        imap_watch._wait(ours, Event())
        assert not imap_watch._end(ours, tag)


def test_listening_goes_on_after_it_was_begun_anew(dovecot, mailbox, user, monkeypatch):
    monkeypatch.setattr(imap_watch, "IDLE_SECONDS", 0.1)
    monkeypatch.setattr(imap_watch, "LOOK_SECONDS", 0.05)
    begun, begin = Queue(), imap_watch._begin
    monkeypatch.setattr(imap_watch, "_begin", lambda client: begun.put(1) or begin(client))
    with listening(mailbox()) as watch:
        assert watch.hears()
        for _ in range(5):
            begun.get(timeout=SECONDS)
        dovecot.append(user, MAIL)
        assert watch.hears()


def test_a_connection_that_is_cut_is_made_again_and_is_news(dovecot, mailbox, user):
    with (
        CuttingProxy(dovecot.port) as wire,
        listening(mailbox(port=wire.port, tls="none")) as watch,
    ):
        assert watch.hears()
        for _ in range(2):
            wire.cut()
            assert watch.hears()
        dovecot.append(user, MAIL)
        assert watch.hears()


def test_pauses_between_failures_double_up_to_a_limit(mailbox, monkeypatch):
    pauses, stop = [], Event()

    class Stop(Event):
        def wait(self, timeout=None):
            pauses.append(timeout)
            if len(pauses) == 12:
                self.set()
            return self.is_set()

    stop = Stop()
    monkeypatch.setattr(imap_watch.random, "uniform", lambda low, high: high)
    mailbox(port=1).watch(lambda: None, stop)
    assert pauses[:4] == [1, 2, 4, 8]
    assert max(pauses) == pauses[-1] == imap_watch.LONGEST_PAUSE_SECONDS


def test_the_end_comes_within_a_second(mailbox):
    with listening(mailbox()) as watch:
        assert watch.hears()
        began = time.monotonic()
        watch.stop.set()
        assert watch.ended()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("settings", [{"idle": False}, {}])
def test_where_there_is_no_idle_it_returns_at_once(mailbox, monkeypatch, settings):
    has = IMAPClient.has_capability
    monkeypatch.setattr(
        IMAPClient,
        "has_capability",
        lambda self, name: has(self, name) and (not settings and name != "IDLE"),
    )
    assert mailbox(**settings).watch(pytest.fail, Event()) is None


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"folders": ("Nowhere",)}])
def test_what_only_the_operator_can_mend_ends_it(mailbox, wrong):
    with pytest.raises(Misconfigured):
        mailbox(**wrong).watch(pytest.fail, Event())


def test_a_mail_announced_in_the_same_breath_as_the_plus_is_heard(mailbox, dovecot, user):
    with mailbox().account.session() as client:
        client.select_folder("INBOX", readonly=True)
        tag = imap_watch._begin(client)
        dovecot.append(user, MAIL)
        client._imap.file.peek(1)
        began = time.monotonic()
        imap_watch._wait(client, Event())
        assert time.monotonic() - began < imap_watch.LOOK_SECONDS
        assert imap_watch._end(client, tag)
