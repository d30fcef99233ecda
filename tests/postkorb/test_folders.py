"""A mailbox of several folders, the whole way into the database: each mail is one message."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from crm.channels.channel import Channel
from crm.conversations.message import Message
from postkorb import config
from postkorb.wiring import open_desk
from tests.postkorb.conftest import Type
from tests.servers.dovecot import Dovecot

QUESTION = (
    b"From: Anna Berg <anna@example.org>\r\nTo: support@lindenrad.example\r\n"
    b"Subject: Battery %d\r\nMessage-ID: <q%d@example.org>\r\n\r\nIt does not charge.\r\n"
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def mailbox(configured: Path, type_: Type, mailbox_server: Dovecot) -> Path:
    """An installation that reads two folders, and has read two mails of the first."""
    told = 'kind = "imap"\nfolders = ["INBOX", "Sent"]'
    configured.write_text(configured.read_text().replace('kind = "imap"', told))
    assert type_("init", "--name", "Mara", "--email", "mara@lindenrad.example").exit_code == 0
    for number in (1, 2):
        mailbox_server.append("support", QUESTION % (number, number))
    assert type_("pull", "support").exit_code == 0
    return configured


def subjects(path: Path) -> list[str]:
    with open_desk(config.load(path)) as wired, wired.desk.reading() as session:
        return list(session.scalars(select(Message.subject).order_by(Message.subject)))


def test_a_mail_that_somebody_moves_to_another_folder_stays_one_message(
    mailbox: Path, type_: Type
) -> None:
    with open_desk(config.load(mailbox)) as wired:
        session = wired.connectors["support"].account.session()  # type: ignore[attr-defined]
        with session as client:
            client.select_folder("INBOX")
            client.move([1], "Sent")
    assert type_("pull", "support").exit_code == 0
    assert subjects(mailbox) == ["Battery 1", "Battery 2"]


def test_a_mailbox_made_anew_under_other_uids_doubles_nothing_and_misses_nothing(
    mailbox: Path, type_: Type, mailbox_server: Dovecot
) -> None:
    mailbox_server.forget_uids("support")
    mailbox_server.append("support", QUESTION % (3, 3))
    assert type_("pull", "support").exit_code == 0
    assert subjects(mailbox) == ["Battery 1", "Battery 2", "Battery 3"]


def test_a_channel_whose_cursor_knew_but_one_folder_goes_on(
    mailbox: Path, type_: Type, mailbox_server: Dovecot
) -> None:
    with open_desk(config.load(mailbox)) as wired, wired.desk.writing() as session:
        channel = session.get_one(Channel, wired.channels["support"])
        assert channel.cursor is not None
        of_inbox = channel.cursor["folders"]["INBOX"]
        channel.cursor = {name: of_inbox[name] for name in ("uidvalidity", "uid")}
    mailbox_server.append("support", QUESTION % (3, 3))
    assert type_("pull", "support").exit_code == 0
    assert subjects(mailbox) == ["Battery 1", "Battery 2", "Battery 3"]


def test_another_list_of_folders_is_the_same_account(mailbox: Path, type_: Type) -> None:
    mailbox.write_text(mailbox.read_text().replace('["INBOX", "Sent"]', '["Sent"]'))
    assert type_("pull", "support").exit_code == 0
