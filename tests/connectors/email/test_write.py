"""What an answer of ours looks like on the wire, and that no input can bend it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.maildir import Maildir, MaildirSettings
from connectors.email.read import read_mail
from connectors.email.smtp import Smtp
from connectors.email.write import subject_of, write_mail
from crm.channels.contract import (
    Address,
    File,
    IdentityKind,
    Misconfigured,
    Outgoing,
    Recipient,
    Rejected,
    Role,
    Site,
)

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OURS = "support@example.org"


def to(address="anna@example.com", name="Anna Müller", way="to"):
    return Recipient(Address(IdentityKind.EMAIL, address), name, way)


def outgoing(**changes):
    given_ = {
        "key": "17.abc@example.org",
        "at": AT,
        "recipients": (to(),),
        "subject": "Kaffeemaschine tropft",
        "text": "Guten Tag,\n\ndas tut uns leid.\n",
        "sender_name": "Kaffeehaus",
        "reference": "[PK-1042-K7]",
        "reply_to": "support+1042.abcdefgh12345678@example.org",
        "answers": "question@example.com",
        "mentions": ("second@example.com", "first@example.com"),
    }
    return Outgoing(**(given_ | changes))


def written(**changes):
    return message_from_bytes(write_mail(outgoing(**changes), OURS), policy=policy.default)


def test_it_names_what_it_answers_and_where_answers_go():
    mail = written()
    assert mail["Message-ID"] == "<17.abc@example.org>"
    assert mail["In-Reply-To"] == "<question@example.com>"
    assert mail["References"] == ("<first@example.com> <second@example.com> <question@example.com>")
    assert mail["Reply-To"] == "Kaffeehaus <support+1042.abcdefgh12345678@example.org>"
    assert mail["From"] == "Kaffeehaus <support@example.org>"
    assert mail["To"] == "Anna Müller <anna@example.com>"
    assert mail["Date"].datetime == AT
    assert mail["Auto-Submitted"] is None


@pytest.mark.parametrize(
    ("subject", "answers", "shown"),
    [
        ("Frage", "a@b.example", "Re: Frage [PK-1042-K7]"),
        ("AW: Frage", "a@b.example", "AW: Frage [PK-1042-K7]"),
        ("Re: Frage [PK-1042-K7]", "a@b.example", "Re: Frage [PK-1042-K7]"),
        ("Reklamation", "a@b.example", "Re: Reklamation [PK-1042-K7]"),
        ("Ihr Brief", "", "Ihr Brief [PK-1042-K7]"),
        ("", "", "[PK-1042-K7]"),
    ],
)
def test_the_subject_bears_prefix_and_reference_once(subject, answers, shown):
    assert subject_of(outgoing(subject=subject, answers=answers)) == shown


def test_what_nobody_typed_says_so():
    assert written(automatic=True)["Auto-Submitted"] == "auto-generated"


def test_hidden_recipients_stand_in_no_header():
    assert b"hidden@example.com" not in write_mail(
        outgoing(recipients=(to(), to("hidden@example.com", way="bcc"))), OURS
    )


def test_files_keep_their_names_and_bytes():
    content = bytes(range(256))
    mail = written(files=(File("Rechnung für März.pdf", "application/pdf", content),))
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Rechnung für März.pdf", content)


def test_long_ids_are_folded_and_never_encoded():
    ids = tuple(f"{number}.{'x' * 150}@example.com" for number in range(40))
    raw = write_mail(outgoing(mentions=ids), OURS)
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"=?" not in head.partition(b"References:")[2].partition(b"Reply-To")[0]
    assert max(map(len, head.split(b"\r\n"))) < 998


def test_a_domain_with_umlauts_travels_in_ascii():
    assert b"anna@xn--mller-kva.example" in write_mail(
        outgoing(recipients=(to("anna@müller.example"),)), OURS
    )


def test_a_local_part_with_umlauts_makes_a_mail_in_utf_8():
    assert "jürgen@example.com".encode() in write_mail(
        outgoing(recipients=(to("jürgen@example.com"),)), OURS
    )


@pytest.mark.parametrize("address", ["", "anna", "anna@", "a b@example.com", "a@b.c\r\nBcc: x@y.z"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(Rejected):
        write_mail(outgoing(recipients=(to(address),)), OURS)


@given(st.text(), st.text(), st.text(), st.text())
def test_nothing_typed_can_add_a_header(subject, name, reference, file_name):
    raw = write_mail(
        outgoing(
            subject=subject,
            recipients=(to(name=name),),
            reference=reference,
            files=(File(file_name, "text/plain", b"x"),),
        ),
        OURS,
    )
    names = {line.partition(b":")[0] for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")}
    assert {one for one in names if not one.startswith((b" ", b"\t"))} == {
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"In-Reply-To", b"References",
        b"Reply-To", b"User-Agent", b"MIME-Version", b"Content-Type",
    }  # fmt: skip


@pytest.mark.parametrize("trick", ["x\r\nBcc: evil@example.com", "=?utf-8?q?a=0D=0ABcc:_e=40x?="])
def test_a_known_trick_adds_no_header(trick):
    assert written(subject=trick, recipients=(to(name=trick),))["Bcc"] is None


def test_no_control_character_and_no_half_letter_leaves():
    head = write_mail(outgoing(subject="a\x00b\x1b\udce4c"), OURS).partition(b"\r\n\r\n")[0]
    assert set(head) & {0, 0x1B} == set()


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r")))
def test_the_text_arrives_as_it_was_typed(text):
    mail = message_from_bytes(write_mail(outgoing(text=text), OURS), policy=policy.default)
    assert mail.get_body(["plain"]).get_content().split() == text.split()


def test_our_own_mail_coming_back_is_known_as_ours():
    echo = read_mail(write_mail(outgoing(), OURS), "1:1", AT, [OURS])
    assert (echo.role, echo.key) == (Role.US, "17.abc@example.org")
    assert echo.mentions[0] == "question@example.com"


def channel(tmp_path, smtp):
    return Maildir(MaildirSettings(path=tmp_path, addresses=(OURS,), smtp=smtp), Site("K"))


def test_a_channel_sends_to_everybody_named(tmp_path, sink):
    box = channel(tmp_path, Smtp(host="localhost", port=sink.port, tls="none"))
    box.send(
        outgoing(recipients=(to(), to("cc@example.com", way="cc"), to("b@x.example", way="bcc")))
    )
    [got] = sink.wait_for(1)
    assert (got.sender, got.recipients) == (
        OURS,
        ("anna@example.com", "cc@example.com", "b@x.example"),
    )


def test_a_channel_without_smtp_says_what_is_missing(tmp_path):
    with pytest.raises(Misconfigured, match="outgoing"):
        channel(tmp_path, None).send(outgoing())
