"""What a mailbox promises: each mail once, in order, whoever else reads there."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from connectors.email import batches
from connectors.email import imap_folder as room
from crm.channels.contract import CannotTell, Connector, Misconfigured, Temporary

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DAY = 86_400


def mail(number, size=0):
    head = f"From: anna@example.com\r\nSubject: {number}\r\nMessage-ID: <{number}@example.com>\r\n"
    return (head + "\r\nHello\r\n" + "x" * size).encode()


def subjects(found):
    return [message.subject for batch in found for message in batch.messages]


@contextmanager
def opened(mailbox, folder="INBOX"):
    """The mailbox as somebody else has it open."""
    with mailbox.account.session() as client:
        client.select_folder(folder)
        yield client


def test_it_keeps_the_contract(mailbox):
    assert isinstance(mailbox(), Connector)


def test_the_first_pull_takes_what_came_since(dovecot, mailbox, user):
    dovecot.append(user, mail("old"), age_seconds=40 * DAY)
    dovecot.append(user, mail("new"))
    since = datetime.now(UTC) - timedelta(days=30)
    assert subjects(mailbox().pull(None, since)) == ["new"]


def test_a_mail_of_the_first_day_is_judged_by_its_hour(dovecot, mailbox, user):
    dovecot.append(user, mail("before"), age_seconds=7200)
    dovecot.append(user, mail("after"), age_seconds=1800)
    since = datetime.now(UTC) - timedelta(hours=1)
    assert subjects(mailbox().pull(None, since)) == ["after"]


def test_what_is_older_than_the_first_pull_never_comes(dovecot, mailbox, user):
    dovecot.append(user, mail("old"), age_seconds=40 * DAY)
    *_, last = mailbox().pull(None, datetime.now(UTC) - timedelta(days=30))
    assert subjects(mailbox().pull(last.cursor, LONG_AGO)) == []


def test_the_next_pull_goes_on_after_the_cursor(dovecot, mailbox, user):
    dovecot.append(user, mail("one"))
    *_, last = mailbox().pull(None, LONG_AGO)
    dovecot.append(user, mail("two"))
    assert subjects(mailbox().pull(last.cursor, LONG_AGO)) == ["two"]


def test_nothing_new_gives_nothing(dovecot, mailbox, user):
    dovecot.append(user, mail("one"))
    *_, last = mailbox().pull(None, LONG_AGO)
    assert list(mailbox().pull(last.cursor, LONG_AGO)) == []


def test_mail_that_somebody_has_already_seen_comes_too(dovecot, mailbox, user):
    dovecot.append(user, mail("read elsewhere"))
    with opened(mailbox()) as client:
        client.add_flags(client.search(), [b"\\Seen"])
    assert subjects(mailbox().pull(None, LONG_AGO)) == ["read elsewhere"]


def test_a_pull_that_died_between_batches_goes_on_where_it_was(dovecot, mailbox, user, monkeypatch):
    monkeypatch.setattr(batches, "MOST_MAILS", 2)
    for number in range(5):
        dovecot.append(user, mail(number), age_seconds=100 - number)
    pull = mailbox().pull(None, LONG_AGO)
    first = next(pull)
    pull.close()
    rest = mailbox().pull(first.cursor, LONG_AGO)
    assert subjects([first, *rest]) == ["0", "1", "2", "3", "4"]


def test_batches_are_bounded_in_bytes(dovecot, mailbox, user, monkeypatch):
    monkeypatch.setattr(batches, "MOST_BYTES", 5000)
    for number in range(3):
        dovecot.append(user, mail(number, size=2000), age_seconds=10 - number)
    sizes = [len(batch.messages) for batch in mailbox().pull(None, LONG_AGO)]
    assert sizes == [2, 1]


def test_a_mail_that_vanishes_while_it_is_fetched_stops_nothing(
    dovecot, mailbox, user, monkeypatch
):
    monkeypatch.setattr(batches, "MOST_MAILS", 1)
    for number in range(3):
        dovecot.append(user, mail(number), age_seconds=10 - number)
    pull = mailbox().pull(None, LONG_AGO)
    first = next(pull)
    with opened(mailbox()) as client:
        client.delete_messages([2])
        client.expunge()
    assert subjects([first, *pull]) == ["0", "2"]


def test_another_uidvalidity_starts_over(dovecot, mailbox, user):
    dovecot.append(user, mail("one"))
    *_, last = mailbox().pull(None, LONG_AGO)
    dovecot.forget_uids(user)
    *_, again = mailbox().pull(last.cursor, LONG_AGO)
    assert [message.remote_id for message in again.messages] == ["4242:1"]
    assert again.cursor["folders"]["INBOX"].items() >= {"uidvalidity": 4242, "uid": 1}.items()


def test_a_huge_mail_is_stored_by_its_headers(dovecot, mailbox, user, monkeypatch):
    monkeypatch.setattr(room, "TOO_LARGE", 1000)
    dovecot.append(user, mail("huge", size=5000))
    [batch] = mailbox().pull(None, LONG_AGO)
    [message] = batch.messages
    assert (message.subject, message.text, message.flags) == ("huge", "", ("too_large",))


def test_received_is_when_the_mailbox_got_it(dovecot, mailbox, user):
    dovecot.append(user, mail("late"), age_seconds=3600)
    [batch] = mailbox().pull(None, LONG_AGO)
    age = datetime.now(UTC) - batch.messages[0].at
    assert timedelta(minutes=59) < age < timedelta(minutes=61)


def flags(connector):
    with opened(connector) as client:
        return [
            set(told[b"FLAGS"]) - {b"\\Recent"}
            for told in client.fetch(client.search(), "FLAGS").values()
        ]


def test_reading_leaves_no_trace(dovecot, mailbox, user):
    dovecot.append(user, mail("one"))
    list(mailbox().pull(None, LONG_AGO))
    assert flags(mailbox()) == [set()]


def test_mails_are_marked_once_their_batch_is_stored(dovecot, mailbox, user):
    dovecot.append(user, mail("one"))
    pull = mailbox(mark_seen=True).pull(None, LONG_AGO)
    next(pull)
    before = flags(mailbox())
    list(pull)
    assert (before, flags(mailbox())) == ([set()], [{b"\\Seen"}])


def test_starttls_is_verified_too(dovecot, mailbox, user):
    dovecot.append(user, mail("one"))
    assert subjects(mailbox(port=dovecot.port, tls="starttls").pull(None, LONG_AGO)) == ["one"]


def test_nothing_is_formatted_for_a_log_nobody_reads(mailbox):
    with opened(mailbox()) as client:
        assert client._imap.debug == 0


def test_a_wrong_password_stops_the_channel_with_the_servers_words(mailbox):
    with pytest.raises(Misconfigured, match="AUTHENTICATIONFAILED") as found:
        list(mailbox(password="wrong-horse").pull(None, LONG_AGO))
    assert "password" in found.value.remedy
    assert "wrong-horse" not in str(found.value)


def test_a_password_with_letters_beyond_ascii_is_asked_about_like_any_other(mailbox):
    with pytest.raises(Misconfigured, match="AUTHENTICATIONFAILED") as found:
        mailbox(password="pässwört").check()
    assert "ssw" not in str(found.value)


@pytest.mark.parametrize("words", [None, "no certificate"])
def test_a_ca_file_that_is_none_is_named(mailbox, tmp_path, words):
    path = tmp_path / "ca.pem"
    if words:
        path.write_text(words)
    with pytest.raises(Misconfigured, match=r"ca\.pem") as found:
        mailbox(ca_file=path).check()
    assert "ca_file" in found.value.remedy


def test_a_certificate_of_somebody_else_is_refused(mailbox):
    with pytest.raises(Misconfigured, match="certificate"):
        list(mailbox(ca_file=None).pull(None, LONG_AGO))


def test_tls_to_a_port_that_speaks_none_is_a_setting(dovecot, mailbox):
    with pytest.raises(Misconfigured, match="TLS"):
        list(mailbox(port=dovecot.port).pull(None, LONG_AGO))


def test_a_silent_network_may_work_later(mailbox):
    with pytest.raises(Temporary, match="reached"):
        list(mailbox(port=1).pull(None, LONG_AGO))


def test_an_account_is_user_and_host_whichever_folders_are_read(mailbox, user):
    assert mailbox(folders=("INBOX", "Sent")).who_am_i() == f"{user}@localhost"


def test_without_smtp_nothing_can_be_sent_nor_told(mailbox):
    assert not mailbox().limits().can_send
    assert mailbox().find_sent("key@example.org", LONG_AGO) == CannotTell()
