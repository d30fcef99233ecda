"""What becomes of a mail in its mailbox, once it is stored and never before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientReadOnlyError

from connectors.email import batches, imap_folder
from crm.channels.contract import Misconfigured

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def mail(number, sender="anna@example.com"):
    head = f"From: {sender}\r\nSubject: {number}\r\nMessage-ID: <{number}@example.com>\r\n"
    return (head + "\r\nHello\r\n").encode()


@pytest.fixture
def filled(dovecot, mailbox, user):
    """A mailbox of three mails, with a folder for those that are done."""
    with mailbox().account.session() as client:
        client.create_folder("Done")
    for number in range(3):
        dovecot.append(user, mail(number), age_seconds=10 - number)
    return mailbox


def lie_in(connector, folder):
    with connector.account.session() as client:
        client.select_folder(folder, readonly=True)
        told = client.fetch(client.search(), ["BODY[HEADER.FIELDS (SUBJECT)]", "FLAGS"])
    return [about[b"BODY[HEADER.FIELDS (SUBJECT)]"].split()[1].decode() for about in told.values()]


def flags(connector):
    with connector.account.session() as client:
        client.select_folder("INBOX", readonly=True)
        told = client.fetch(client.search(), ["FLAGS"])
    return [set(about[b"FLAGS"]) - {b"\\Recent"} for about in told.values()]


def without(monkeypatch, *missing):
    has = IMAPClient.has_capability
    monkeypatch.setattr(
        IMAPClient, "has_capability", lambda self, name: name not in missing and has(self, name)
    )


@pytest.mark.parametrize("missing", [(), ("MOVE",)])
def test_stored_mails_are_moved(filled, monkeypatch, missing):
    without(monkeypatch, *missing)
    connector = filled(move_to="Done", flag="$Postkorb", mark_seen=True)
    [batch] = connector.pull(None, LONG_AGO)
    assert len(batch.messages) == 3
    assert (lie_in(connector, "INBOX"), lie_in(connector, "Done")) == ([], ["0", "1", "2"])


def test_nothing_is_moved_before_its_batch_is_stored(filled, monkeypatch):
    monkeypatch.setattr(batches, "MOST_MAILS", 2)
    connector = filled(move_to="Done")
    pull = connector.pull(None, LONG_AGO)
    next(pull)
    assert lie_in(connector, "Done") == []
    next(pull)
    assert lie_in(connector, "Done") == ["0", "1"]
    pull.close()
    assert lie_in(connector, "INBOX") == ["2"]


def test_what_others_have_marked_as_deleted_stays(filled, monkeypatch):
    without(monkeypatch, "MOVE")
    connector = filled(move_to="Done")
    *_, last = connector.pull(None, datetime.now(UTC))
    with connector.account.session() as client:
        client.select_folder("INBOX")
        client.delete_messages([1])
        client.append("INBOX", mail("new"))
    list(connector.pull(last.cursor, LONG_AGO))
    assert (lie_in(connector, "INBOX"), lie_in(connector, "Done")) == (["0", "1", "2"], ["new"])


def test_a_server_that_cannot_remove_single_mails_is_asked_for_nothing_of_the_sort(
    filled, monkeypatch
):
    without(monkeypatch, "MOVE", "UIDPLUS")
    with pytest.raises(Misconfigured, match="move") as told:
        list(filled(move_to="Done").pull(None, LONG_AGO))
    assert "move_to" in told.value.remedy
    with pytest.raises(Misconfigured):
        filled(move_to="Done").check()


def test_a_folder_to_move_to_that_is_not_there_loses_and_doubles_nothing(filled):
    connector, found = filled(move_to="Finished"), []
    with pytest.raises(Misconfigured, match="moved") as told:
        found.extend(connector.pull(None, LONG_AGO))
    assert "move_to" in told.value.remedy
    assert [len(batch.messages) for batch in found] == [3]
    assert lie_in(connector, "INBOX") == ["0", "1", "2"]
    assert list(connector.pull(found[-1].cursor, LONG_AGO)) == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"flag": "$Postkorb"}, {b"$Postkorb"}),
        ({"flag": "\\Flagged"}, {b"\\Flagged"}),
        ({"flag": "$Postkorb", "mark_seen": True}, {b"$Postkorb", b"\\Seen"}),
        ({}, set()),
    ],
)
def test_stored_mails_are_flagged(filled, settings, expected):
    list(filled(**settings).pull(None, LONG_AGO))
    assert flags(filled()) == [expected] * 3


def test_a_mail_of_which_only_the_headers_were_read_stays(filled, monkeypatch):
    monkeypatch.setattr(imap_folder, "TOO_LARGE", 10)
    connector = filled(move_to="Done", mark_seen=True)
    list(connector.pull(None, LONG_AGO))
    assert lie_in(connector, "INBOX") == ["0", "1", "2"]
    assert flags(connector) == [set()] * 3


def test_a_folder_that_can_only_be_read_is_a_setting(filled, monkeypatch):
    def select(self, folder, readonly=False):
        raise IMAPClientReadOnlyError(f"{folder} is not writable")

    monkeypatch.setattr(IMAPClient, "select_folder", select)
    with pytest.raises(Misconfigured, match="INBOX") as told:
        list(filled(move_to="Done").pull(None, LONG_AGO))
    assert "move_to" in told.value.remedy


def test_what_we_wrote_ourselves_stays_where_it_is(dovecot, filled, user):
    dovecot.append(user, mail("ours", sender="support@example.org"), folder="Sent")
    connector = filled(folders=("INBOX", "Sent"), move_to="Done")
    list(connector.pull(None, LONG_AGO))
    assert lie_in(connector, "Sent") == ["ours"]
    assert lie_in(connector, "Done") == ["0", "1", "2"]
