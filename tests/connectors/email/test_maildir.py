"""What a Maildir promises: each mail once, however other programs move it about."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from connectors.email import batches
from connectors.email import maildir as room
from connectors.email.maildir import Maildir, MaildirSettings
from crm.channels.contract import Connector, Misconfigured, Site

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def box(tmp_path):
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return Maildir(MaildirSettings(path=tmp_path, addresses=("support@example.org",)), Site("K"))


def deliver(box, name, age_seconds=0.0, folder="new"):
    path = box.settings.path / folder / name
    path.write_bytes(f"From: anna@example.com\nSubject: {name}\n\nHello\n".encode())
    moment = time.time() - age_seconds
    os.utime(path, (moment, moment))
    return path


def ids(found):
    return [message.remote_id for batch in found for message in batch.messages]


def test_it_keeps_the_contract(box):
    assert isinstance(box, Connector)


def test_mails_of_both_folders_come_in_the_order_they_arrived(box):
    deliver(box, "1.a.host")
    deliver(box, "2.b.host:2,S", folder="cur")
    assert ids(box.pull(None, LONG_AGO)) == ["1.a.host", "2.b.host"]


def test_the_time_of_the_file_is_when_it_was_received(box):
    deliver(box, "1.a.host", age_seconds=3600)
    [batch] = box.pull(None, LONG_AGO)
    assert timedelta(minutes=59) < datetime.now(UTC) - batch.messages[0].at < timedelta(minutes=61)


def test_the_first_pull_takes_what_came_since(box):
    deliver(box, "1.old.host", age_seconds=3 * 86_400)
    deliver(box, "2.new.host")
    assert ids(box.pull(None, datetime.now(UTC) - timedelta(days=1))) == ["2.new.host"]


def test_the_next_pull_takes_only_what_is_new(box):
    deliver(box, "1.a.host")
    *_, last = box.pull(None, LONG_AGO)
    deliver(box, "2.b.host")
    assert ids(box.pull(last.cursor, LONG_AGO)) == ["2.b.host"]


def test_nothing_new_gives_nothing(box):
    deliver(box, "1.a.host")
    *_, last = box.pull(None, LONG_AGO)
    assert list(box.pull(last.cursor, LONG_AGO)) == []


def test_a_mail_copied_in_with_an_older_time_is_not_missed(box):
    deliver(box, "1.a.host")
    *_, last = box.pull(None, datetime.now(UTC) - timedelta(days=30))
    deliver(box, "2.b.host", age_seconds=86_400)
    assert ids(box.pull(last.cursor, LONG_AGO)) == ["2.b.host"]


def test_an_old_mail_that_somebody_opens_stays_outside(box):
    old = deliver(box, "1.old.host", age_seconds=90 * 86_400)
    *_, last = box.pull(None, datetime.now(UTC) - timedelta(days=30))
    old.rename(box.settings.path / "cur" / "1.old.host:2,S")
    assert ids(box.pull(last.cursor, LONG_AGO)) == []


def test_a_mail_moved_while_it_is_read_comes_with_the_next_pull(box, monkeypatch):
    monkeypatch.setattr(batches, "MOST_MAILS", 1)
    deliver(box, "1.a.host")
    second = deliver(box, "2.b.host")
    pull = box.pull(None, LONG_AGO)
    first = next(pull)
    second.rename(box.settings.path / "cur" / "2.b.host:2,S")
    *_, last = first, *pull
    assert ids(box.pull(last.cursor, LONG_AGO)) == ["2.b.host"]


def test_a_pull_that_died_goes_on_where_it_was(box, monkeypatch):
    monkeypatch.setattr(batches, "MOST_MAILS", 2)
    for number in range(5):
        deliver(box, f"{number}.a.host")
    pull = box.pull(None, LONG_AGO)
    first = next(pull)
    pull.close()
    assert ids([first, *box.pull(first.cursor, LONG_AGO)]) == [f"{n}.a.host" for n in range(5)]


def test_the_cursor_stays_small_and_nothing_is_lost(box, monkeypatch):
    monkeypatch.setattr(room, "MOST_SEEN", 3)
    for number in range(10):
        deliver(box, f"{number}.a.host")
    *_, last = box.pull(None, LONG_AGO)
    deliver(box, "new.host")
    again = ids(box.pull(last.cursor, LONG_AGO))
    assert len(last.cursor["seen"]) == 3
    assert "new.host" in again


def test_a_clock_that_was_set_back_costs_a_second_reading_and_no_mail(box):
    deliver(box, "1.a.host")
    *_, last = box.pull(None, LONG_AGO)
    ahead = {**last.cursor, "changed": last.cursor["changed"] + 86_400, "seen": []}
    assert ids(box.pull(ahead, LONG_AGO)) == ["1.a.host"]


def test_an_untouched_maildir_is_not_even_listed(box, monkeypatch):
    deliver(box, "1.a.host")
    *_, last = box.pull(None, LONG_AGO)
    for name in ("new", "cur"):
        os.utime(box.settings.path / name, (0, 0))
    monkeypatch.setattr(box, "_listed", None)
    assert list(box.pull(last.cursor, LONG_AGO)) == []


def test_reading_changes_nothing(box):
    path = deliver(box, "1.a.host")
    before = path.stat()
    list(box.pull(None, LONG_AGO))
    assert (path.stat().st_mtime_ns, path.stat().st_ctime_ns) == (
        before.st_mtime_ns,
        before.st_ctime_ns,
    )


def test_a_huge_mail_is_stored_by_its_headers(box, monkeypatch):
    monkeypatch.setattr(room, "TOO_LARGE", 10)
    deliver(box, "1.a.host")
    [batch] = box.pull(None, LONG_AGO)
    assert (batch.messages[0].subject, batch.messages[0].text) == ("1.a.host", "")
    assert batch.messages[0].flags == ("too_large",)


def test_a_missing_maildir_is_a_setting(tmp_path):
    box = Maildir(MaildirSettings(path=tmp_path / "no", addresses=("a@b.example",)), Site("K"))
    with pytest.raises(Misconfigured, match="no/new"):
        list(box.pull(None, LONG_AGO))


def test_an_account_is_the_folder_itself(box, tmp_path):
    link = tmp_path.parent / f"{tmp_path.name}-link"
    link.symlink_to(tmp_path)
    linked = Maildir(MaildirSettings(path=link, addresses=("a@b.example",)), Site("K"))
    assert linked.who_am_i() == box.who_am_i()
