"""Several folders of one mailbox: each read to its own mark, and asked little when nothing came."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from connectors.email import batches
from crm.channels.contract import Misconfigured, Role

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def mail(number, sender="anna@example.com"):
    head = f"From: {sender}\r\nSubject: {number}\r\nMessage-ID: <{number}@example.com>\r\n"
    return (head + "\r\nHello\r\n").encode()


def subjects(found):
    return [message.subject for batch in found for message in batch.messages]


@pytest.fixture
def several(mailbox):
    """The mailbox with folders of its own."""

    def make(*names, **changes):
        with mailbox().account.session() as client:
            for name in names:
                if not client.folder_exists(name):
                    client.create_folder(name)
        return mailbox(folders=("INBOX", *names), **changes)

    return make


@pytest.fixture
def asked(monkeypatch):
    """Which commands the server gets once signed in."""
    words = []

    def listening(name):
        act = getattr(IMAPClient, name)

        def heard(self, *arguments, **more):
            words.append(name)
            return act(self, *arguments, **more)

        monkeypatch.setattr(IMAPClient, name, heard)

    for name in ("folder_status", "select_folder", "search", "fetch", "noop", "list_folders"):
        listening(name)
    return words


def test_each_folder_is_read_in_turn(dovecot, several, user):
    mailbox = several("Complaints", "Größe & Maß")
    dovecot.append(user, mail("one"))
    dovecot.append(user, mail("two"), folder="Complaints")
    with mailbox.account.session() as client:
        client.append("Größe & Maß", mail("three"))
    assert subjects(mailbox.pull(None, LONG_AGO)) == ["one", "two", "three"]


def test_each_folder_goes_on_from_its_own_mark(dovecot, several, user):
    mailbox = several("Complaints")
    for number in range(3):
        dovecot.append(user, mail(number))
    *_, last = mailbox.pull(None, LONG_AGO)
    dovecot.append(user, mail("new"), folder="Complaints")
    assert subjects(mailbox.pull(last.cursor, LONG_AGO)) == ["new"]


def test_a_remote_id_is_of_its_folder_and_that_of_the_inbox_has_no_name(dovecot, several, user):
    mailbox = several("Complaints")
    dovecot.append(user, mail("one"))
    dovecot.append(user, mail("two"), folder="Complaints")
    found = [message for batch in mailbox.pull(None, LONG_AGO) for message in batch.messages]
    inbox, complaints = (message.remote_id.split(":") for message in found)
    assert inbox[1:] == ["1"]
    assert complaints[1:] == ["1", "Complaints"]


def test_a_mail_moved_from_folder_to_folder_can_be_known_by_its_bytes(dovecot, several, user):
    dovecot.append(user, mail("one"))
    assert [batch.renumbered for batch in several("Done").pull(None, LONG_AGO)] == [True, True]
    assert [batch.renumbered for batch in several().pull(None, LONG_AGO)] == [False]


def test_a_cursor_of_a_single_folder_is_that_of_the_first(dovecot, mailbox, several, user):
    for number in range(2):
        dovecot.append(user, mail(number), age_seconds=10 - number)
    *_, last = mailbox().pull(None, LONG_AGO)
    kept = last.cursor["folders"]["INBOX"]
    of_old = {"uidvalidity": kept["uidvalidity"], "uid": 1}
    dovecot.append(user, mail("two"), folder="Complaints")
    assert subjects(several("Complaints").pull(of_old, LONG_AGO)) == ["1", "two"]


def test_a_folder_that_left_the_list_goes_on_where_it_was_when_it_comes_back(
    dovecot, mailbox, several, user
):
    dovecot.append(user, mail("one"), folder="Complaints")
    *_, first = several("Complaints").pull(None, LONG_AGO)
    dovecot.append(user, mail("two"))
    *_, without = mailbox().pull(first.cursor, LONG_AGO)
    assert subjects(several("Complaints").pull(without.cursor, LONG_AGO)) == []


def test_a_folder_that_is_not_there_is_named_with_those_there_are_and_stops_no_other(
    dovecot, mailbox, user
):
    dovecot.append(user, mail("one"))
    found = []
    with pytest.raises(Misconfigured, match="Complains") as told:
        found.extend(mailbox(folders=("Complains", "INBOX")).pull(None, LONG_AGO))
    assert subjects(found) == ["one"]
    assert told.value.words == (
        "Complains: Mailbox doesn't exist: Complains; there are: Sent, INBOX"
    )
    assert "folders" in told.value.remedy


def test_every_folder_that_is_named_is_looked_for_by_the_doctor(mailbox):
    for wrong in ({"folders": ("INBOX", "A")}, {"move_to": "A"}, {"sent_folder": "A"}):
        with pytest.raises(Misconfigured, match="A: "):
            mailbox(**wrong).check()


def test_an_idle_poll_is_one_question_a_folder(dovecot, several, user, asked):
    mailbox = several("A", "B")
    dovecot.append(user, mail("one"))
    *_, last = mailbox.pull(None, LONG_AGO)
    asked.clear()
    assert list(mailbox.pull(last.cursor, LONG_AGO)) == []
    assert asked == ["folder_status"] * 3


def test_a_mail_above_the_mark_that_is_gone_again_is_asked_for_once(dovecot, mailbox, user, asked):
    dovecot.append(user, mail("one"))
    *_, last = mailbox().pull(None, LONG_AGO)
    dovecot.append(user, mail("two"))
    with mailbox().account.session() as client:
        client.select_folder("INBOX")
        client.delete_messages([2])
        client.expunge()
    *_, later = mailbox().pull(last.cursor, LONG_AGO)
    asked.clear()
    assert list(mailbox().pull(later.cursor, LONG_AGO)) == []
    assert asked == ["folder_status"]


def test_a_server_without_condstore_is_read_as_well(dovecot, mailbox, user, monkeypatch):
    monkeypatch.setattr(IMAPClient, "has_capability", lambda self, name: False)
    dovecot.append(user, mail("one"))
    *_, last = mailbox().pull(None, LONG_AGO)
    dovecot.append(user, mail("two"))
    assert "modseq" not in last.cursor["folders"]["INBOX"]
    assert subjects(mailbox().pull(last.cursor, LONG_AGO)) == ["two"]


def test_what_an_agent_wrote_elsewhere_comes_from_the_sent_folder_as_ours(dovecot, mailbox, user):
    dovecot.append(user, mail("answer", sender="support@example.org"), folder="Sent")
    [_, sent] = mailbox(folders=("INBOX", "Sent")).pull(None, LONG_AGO)
    assert [message.role for message in sent.messages] == [Role.US]


def test_a_copy_is_kept_also_while_the_program_ends(dovecot, mailbox, user):
    """Nothing may be raised: the mail has gone, and would be taken for one that perhaps has not."""
    dovecot.append(user, mail("before"), folder="Sent")
    connector = mailbox(folders=("Sent",), sent_folder="Sent")
    connector._copies.shutdown()
    connector.keep_copy(mail("last"))
    assert subjects(connector.pull(None, LONG_AGO)) == ["before", "last"]


def test_a_folder_made_anew_is_read_again_beside_one_that_was_not(dovecot, several, user):
    mailbox = several("Complaints")
    dovecot.append(user, mail("one"))
    dovecot.append(user, mail("two"), folder="Complaints")
    *_, last = mailbox.pull(None, LONG_AGO)
    dovecot.forget_uids(user)
    again = list(mailbox.pull(last.cursor, LONG_AGO))
    assert subjects(again) == ["one"]
    assert all(batch.renumbered for batch in again)


# What servers do with mails that they list and do not give (behaviours 1 and 6).


def refusing(monkeypatch, wrong, refusal):
    """A server that fails wherever the body of this UID is asked for."""
    fetch = IMAPClient.fetch

    def fetching(self, uids, items, modifiers=None):
        if "BODY" in items[0] and wrong in uids:
            return refusal(fetch(self, uids, items))
        return fetch(self, uids, items)

    monkeypatch.setattr(IMAPClient, "fetch", fetching)


def says_no(_told):
    raise IMAPClientError("fetch failed: [SERVERBUG] Internal error")


def says_nothing(told):
    return {}


def says_nil(told):
    return {uid: about | {b"BODY[]": None} for uid, about in told.items()}


@pytest.mark.parametrize("refusal", [says_no, says_nothing, says_nil])
def test_a_mail_that_the_server_cannot_give_stops_no_other_and_is_told_of(
    dovecot, mailbox, user, monkeypatch, refusal
):
    for number in range(3):
        dovecot.append(user, mail(number), age_seconds=10 - number)
    refusing(monkeypatch, 2, refusal)
    [batch] = mailbox().pull(None, LONG_AGO)
    assert [message.flags for message in batch.messages] == [(), ("unreadable",), ()]
    assert [message.subject for message in batch.messages] == ["0", "", "2"]


def test_an_answer_without_a_body_is_no_reason_to_move_the_mail(
    dovecot, several, user, monkeypatch
):
    several("Done")
    for number in range(3):
        dovecot.append(user, mail(number), age_seconds=10 - number)
    refusing(monkeypatch, 2, says_nil)
    mailbox = several(mark_seen=True)
    list(mailbox.pull(None, LONG_AGO))
    with mailbox.account.session() as client:
        client.select_folder("INBOX")
        assert client.search("SEEN") == [1, 3]


def test_bytes_that_come_at_the_second_asking_are_read(dovecot, mailbox, user, monkeypatch):
    for number in range(3):
        dovecot.append(user, mail(number), age_seconds=10 - number)
    refusing(monkeypatch, 2, lambda told: told if len(told) == 1 else says_nothing(told))
    assert subjects(mailbox().pull(None, LONG_AGO)) == ["0", "1", "2"]


def test_mails_that_are_expunged_while_they_are_listed_are_passed_over(
    dovecot, mailbox, user, monkeypatch
):
    monkeypatch.setattr(batches, "MOST_MAILS", 2)
    for number in range(6):
        dovecot.append(user, mail(number), age_seconds=10 - number)
    pull = mailbox().pull(None, LONG_AGO)
    found = [next(pull)]
    with mailbox().account.session() as client:
        client.select_folder("INBOX")
        client.delete_messages([3, 4, 6])
        client.expunge()
    found.extend(pull)
    assert subjects(found) == ["0", "1", "4"]
    assert list(mailbox().pull(found[-1].cursor, LONG_AGO)) == []
