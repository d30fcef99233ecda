"""What a connector keeps: sealed, read again by whoever has the secret, changed by one at a time."""

from __future__ import annotations

from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update

from crm.channels import secret
from crm.channels.channel import declare
from crm.channels.contract import Misconfigured, Temporary, Vault
from crm.channels.lock import hold
from crm.channels.secret import ChannelSecret, ChannelVault
from crm.desk import Desk


@pytest.fixture
def channels(desk: Desk) -> list[int]:
    with desk.writing() as session:
        return [declare(session, name, "imap", "email").id for name in ("support", "dealers")]


@pytest.fixture
def vault(desk: Desk, channels: list[int]) -> Vault:
    return ChannelVault(desk, channels[0])


def test_what_was_kept_is_read_by_another_process(
    desk: Desk, channels: list[int], vault: Vault
) -> None:
    vault.keep("oauth", "first")
    vault.keep("oauth", "second ü")
    assert ChannelVault(desk, channels[0]).read("oauth") == "second ü"


def test_what_was_never_kept_is_empty(desk: Desk, channels: list[int], vault: Vault) -> None:
    vault.keep("oauth", "token")
    assert (vault.read("other"), ChannelVault(desk, channels[1]).read("oauth")) == ("", "")


def test_nothing_stands_in_plain_in_the_database(desk: Desk, vault: Vault) -> None:
    vault.keep("oauth", "token-of-the-mailbox")
    with desk.reading() as session:
        [row] = session.execute(select(ChannelSecret.__table__)).all()
    assert "token-of-the-mailbox" not in repr(tuple(row))


def test_another_secret_key_opens_nothing_and_says_what_to_do(
    desk: Desk, channels: list[int], vault: Vault
) -> None:
    vault.keep("oauth", "token")
    other = ChannelVault(replace(desk, secret=b"another secret"), channels[0])
    with pytest.raises(Misconfigured, match="cannot be opened") as caught:
        other.read("oauth")
    assert "postkorb authorise" in caught.value.remedy


def test_what_is_carried_to_another_channel_cannot_be_opened_there(
    desk: Desk, channels: list[int], vault: Vault
) -> None:
    vault.keep("oauth", "token")
    with desk.writing() as session:
        session.execute(update(ChannelSecret).values(channel_id=channels[1]))
    with pytest.raises(Misconfigured):
        ChannelVault(desk, channels[1]).read("oauth")


def test_one_at_a_time_changes_it_and_the_others_wait(
    desk: Desk, channels: list[int], vault: Vault
) -> None:
    vault.keep("count", "0")
    begin = Barrier(4)

    def count_on() -> None:
        own = ChannelVault(desk, channels[0])
        begin.wait()
        with own.alone():
            own.keep("count", str(int(own.read("count")) + 1))

    threads = [Thread(target=count_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert vault.read("count") == "4"


def test_nobody_waits_for_ever(
    desk: Desk, channels: list[int], vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret, "PATIENCE_SECONDS", 0.2)
    with (
        hold(desk.engine, desk.locks, channels[0], "secret"),
        pytest.raises(Temporary, match="Another process"),
        vault.alone(),
    ):
        pass


def test_a_channel_does_not_wait_for_another_one(
    desk: Desk, channels: list[int], vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret, "PATIENCE_SECONDS", 0.2)
    with ChannelVault(desk, channels[1]).alone(), vault.alone():
        vault.keep("oauth", "token")
    assert vault.read("oauth") == "token"
