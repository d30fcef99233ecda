"""How a mailbox answers: from which of its addresses, to whom, and what it says it can."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.email.imap import ImapSettings
from connectors.email.maildir import Maildir, MaildirSettings
from connectors.email.read import read_mail
from connectors.email.smtp import Smtp
from crm.channels.contract import (
    Address,
    File,
    FileUse,
    IdentityKind,
    Misconfigured,
    Outgoing,
    Past,
    Recipient,
    Rejected,
    Site,
)

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OURS = ("support@example.org", "Sales@example.org")


def to(address="anna@example.com", way="to"):
    return Recipient(Address(IdentityKind.EMAIL, address), "Anna", way)


def outgoing(**changes):
    given = {
        "key": "17.abc@example.org",
        "at": AT,
        "recipients": (to(),),
        "subject": "Frage",
        "text": "Gern.",
        "sender_name": "Kaffeehaus",
        "reference": "[PK-1042-K7]",
    }
    return Outgoing(**(given | changes))


@pytest.fixture
def mailbox(tmp_path, sink):
    def make(**changes):
        smtp = Smtp(host="localhost", port=sink.port, tls="none")
        given = {"path": tmp_path, "addresses": OURS, "smtp": smtp}
        return Maildir(
            MaildirSettings(**(given | changes)), Site("K", time_zone="Europe/Berlin", version="2")
        )

    return make


def test_it_goes_to_everybody_named_once_and_hides_whom_it_should(mailbox, sink):
    mailbox().send(
        outgoing(
            recipients=(
                to("hidden@example.com", "bcc"),
                to("cc@example.com", "cc"),
                to(),
                to("ANNA@example.com", "bcc"),
            )
        )
    )
    [got] = sink.wait_for(1)
    assert got.recipients == ("anna@example.com", "cc@example.com", "hidden@example.com")
    assert b"hidden" not in got.raw


def test_a_whole_answer_arrives_over_the_wire(mailbox, sink):
    files = (
        File("Ventil.png", "image/png", b"\x89PNG\r\n.\r\n", FileUse.INLINE),
        File("Rechnung für März.pdf", "application/pdf", b"%PDF\r\n.\r\n..\n"),
        File("Alt.eml", "message/rfc822", b"Subject: x\r\n\r\n.\r\n..y\r\n"),
    )
    text = "Gern.\n.\n..\nFrom hier: [image: Ventil.png]"
    mailbox().send(outgoing(text=text, files=files, recipients=(to(), to("c@example.com", "cc"))))
    [got] = sink.wait_for(1)
    mail = read_mail(got.raw, "1:1", AT)
    assert (mail.text, mail.subject) == (text, "Frage [PK-1042-K7]")
    assert [(one.address.value, one.way) for one in mail.recipients] == [
        ("anna@example.com", "to"),
        ("c@example.com", "cc"),
    ]
    assert [(one.name, one.type, one.content, one.use) for one in mail.files] == [
        (one.name, one.type, one.content, one.use) for one in files
    ]


@pytest.mark.parametrize(
    ("wanted", "leaves_from"),
    [
        ("", "support@example.org"),
        ("support@example.org", "support@example.org"),
        ("sales@EXAMPLE.org", "Sales@example.org"),
        ("boss@example.org", "support@example.org"),
    ],
)
def test_it_leaves_from_the_address_that_is_wanted_if_that_is_ours(
    mailbox, sink, wanted, leaves_from
):
    mailbox().send(outgoing(sender=wanted))
    [got] = sink.wait_for(1)
    assert (got.sender, got.mail["From"].addresses[0].addr_spec) == (leaves_from, leaves_from)


def test_history_is_quoted_as_the_channel_says_in_the_time_of_the_site(mailbox, sink):
    history = (Past(AT, "Anna", "Eins."), Past(AT, "Tom", "Zwei."))
    for quote in ("last", "all", "none"):
        mailbox(quote=quote).send(outgoing(history=history, language="de"))
    texts = [got.mail.get_body(["plain"]).get_content() for got in sink.wait_for(3)]
    assert ["um 13:00 schrieb Anna:" in text for text in texts] == [True, True, False]
    assert ["Zwei." in text for text in texts] == [False, True, False]


def test_both_kinds_of_mailbox_quote_the_last_message_unless_told_otherwise(tmp_path):
    imap = ImapSettings(host="h", user="u", password="p", addresses=OURS)
    maildir = MaildirSettings(path=tmp_path, addresses=OURS)
    assert (imap.quote, maildir.quote) == ("last", "last")


def test_a_mail_says_which_program_sent_it(mailbox, sink):
    mailbox().send(outgoing())
    assert sink.wait_for(1)[0].mail["User-Agent"] == "Postkorb/2"


def test_what_the_channel_can_carry_is_told_without_asking_anybody(mailbox):
    limits = mailbox().limits()
    assert (limits.address, limits.addresses, limits.copies) == (OURS[0], OURS, True)
    assert limits.can_send and not mailbox(smtp=None).limits().can_send


def test_a_mail_to_nobody_is_refused(mailbox, sink):
    with pytest.raises(Rejected, match="nobody"):
        mailbox().send(outgoing(recipients=()))
    assert sink.received == []


def test_a_channel_without_smtp_says_what_is_missing(mailbox):
    with pytest.raises(Misconfigured, match="outgoing"):
        mailbox(smtp=None).send(outgoing())
