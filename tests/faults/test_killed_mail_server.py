"""A mail server that dies in the middle of a pull and comes back: each mail is stored once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer

import pytest

from connectors.email.imap import Imap
from crm.channels.channel import declare
from crm.channels.contract import ChannelError, Site, Temporary
from crm.database import connect
from crm.desk import Desk
from crm.intake.pull import pull
from tests.faults.test_killed_pull import check, fill
from tests.servers.cutting_proxy import CuttingProxy
from tests.servers.dovecot import Dovecot, is_installed

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DAY_ONE = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Dovecot]:
    if not is_installed():
        pytest.skip("Dovecot is not installed (Debian: dovecot-imapd)")
    with Dovecot() as server:
        yield server


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(connect(database_url), tmp_path / "data", b"a secret of the tests")
    yield desk
    desk.engine.dispose()


def filled(server: Dovecot, count: int) -> None:
    fill(server.folder / "mail" / "support" / "Maildir", count)
    server.give("support")


def mailbox(port: int, **changes: object) -> Imap:
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "user": "support",
        "password": "secret",
        "addresses": ("support@lindenrad.example",),
    }
    return Imap(Imap.Settings(**(settings | changes)), Site("Test"))


def declared(desk: Desk) -> int:
    with desk.writing() as session:
        channel = declare(session, "support", "imap", "email")
        channel.connected_at = DAY_ONE
        return channel.id


def pulled(
    desk: Desk, number: int, connector: Imap, progress: Callable[[int], None] = lambda count: None
) -> ChannelError | None:
    """Pull to the end, or to the failure that is given back."""
    try:
        pull(desk, number, connector, since=LONG_AGO, progress=progress)
    except ChannelError as error:
        return error
    return None


def test_killed_after_a_batch_and_started_again(
    server: Dovecot, desk: Desk, database_url: str, tmp_path: Path
) -> None:
    filled(server, 250)
    number, connector = declared(desk), mailbox(server.port)
    failure = pulled(desk, number, connector, lambda count: server.kill())
    server.start()
    assert isinstance(failure, Temporary)
    assert pulled(desk, number, connector) is None
    check(database_url, tmp_path, 250)


@pytest.mark.faults
def test_killed_at_twenty_random_moments_of_a_thousand_mails(
    server: Dovecot, desk: Desk, database_url: str, tmp_path: Path
) -> None:
    filled(server, 1000)
    with mailbox(server.port).account.session() as client:
        client.create_folder("Done")
    number, connector = declared(desk), mailbox(server.port, move_to="Done")
    moments, failures = random.Random(20), 0
    for _ in range(20):
        killer = Timer(moments.uniform(0.05, 1.5), server.kill)
        killer.start()
        failures += pulled(desk, number, connector) is not None
        killer.join()
        server.start()
    assert pulled(desk, number, connector) is None
    assert failures > 0
    check(database_url, tmp_path, 1000)


@pytest.mark.faults
def test_cut_after_every_hundredth_byte(
    server: Dovecot, desk: Desk, database_url: str, tmp_path: Path
) -> None:
    filled(server, 250)
    number = declared(desk)
    with CuttingProxy(server.port) as wire:
        connector = mailbox(wire.port)
        wire.cut_after = 100
        while failure := pulled(desk, number, connector):
            assert isinstance(failure, Temporary)
            wire.cut_after += 100
    check(database_url, tmp_path, 250)
