"""What is read out of a mail, and that nothing a mail holds can stop the pull."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.inspect import inspect_mail
from connectors.email.read import read_mail
from crm.channels.contract import Address, FileUse, IdentityKind, Role, Sort

MAILS = sorted((Path(__file__).parent / "mails").glob("*.eml"))
AT = datetime(2026, 3, 1, tzinfo=UTC)
SLOW_SECONDS = 5.0


def email(value):
    return Address(IdentityKind.EMAIL, value)


def test_an_ordinary_answer_is_read_in_all_its_parts(read):
    mail = read("plain-german.eml")
    assert (mail.sender.name, mail.sender.address) == (
        "Anna Müller",
        email("anna.mueller@example.com"),
    )
    assert mail.subject == "Re: Kaffeemaschine tropft"
    assert mail.dated == datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    assert mail.text == "Guten Tag,\n\ndas Ersatzteil ist da, es tropft aber weiter."
    assert mail.quoted.endswith("> Wir haben Ihnen ein Ersatzteil geschickt.")
    assert mail.signature == "-- \nAnna Müller\nLindenweg 3"
    assert mail.message_id == "answer@example.com"
    assert mail.mentions == ("ours@example.org", "first@example.com")
    assert mail.reply_to == email("anna.privat@example.net")
    assert (mail.role, mail.sort, mail.flags) == (Role.CUSTOMER, Sort.CUSTOMER, ())


def test_where_it_really_arrived_is_a_recipient_too(read):
    assert [(r.name, r.address.value, r.way) for r in read("plain-german.eml").recipients] == [
        ("Support", "support@example.org", "to"),
        ("Bauer, Jan", "jan@example.net", "cc"),
        ("", "support+1042.abcdefgh12345678@example.org", "bcc"),
    ]


def test_a_mail_from_one_of_our_addresses_is_ours():
    mail = read_mail(
        b"From: Support@Example.org\nMessage-ID: <k@x.y>\n\n", "1", AT, ["support@example.org"]
    )
    assert (mail.role, mail.key) == (Role.US, "k@x.y")


IN = b"Received: from evil.example (evil.example [203.0.113.9]) by mx.example.org with ESMTP\n"


@pytest.mark.parametrize(
    ("told", "role"),
    [
        (b"dmarc=fail", Role.CUSTOMER),
        (b"spf=pass; dkim=pass; dmarc=fail", Role.CUSTOMER),
        (b"spf=softfail; dkim=fail", Role.CUSTOMER),
        (b"spf=softfail; dkim=none", Role.US),
        (b"spf=fail; dkim=fail; dmarc=pass", Role.US),
        (b"dmarc=pass", Role.US),
    ],
)
def test_who_merely_writes_our_address_does_not_speak_for_us(told, role):
    results = b"Authentication-Results: mx.example.org; " + told + b"\n"
    raw = results + IN + b"From: support@example.org\nMessage-ID: <k@x.y>\n\nWe pay you back."
    mail = read_mail(raw, "1", AT, ["support@example.org"])
    assert (mail.role, mail.key) == (role, "k@x.y" if role is Role.US else "")


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ("To: Support@example.org\nReply-To: Anna <anna@example.com>", "anna@example.com"),
        ("To: support@example.org, b@example.com\nReply-To: anna@example.com", None),
        ("To: support@example.org\nReply-To: support+1042.abcdefgh12345678@example.org", None),
        ("To: support@example.org", None),
        ("To: undisclosed-recipients:;\nReply-To: anna@example.com", None),
    ],
)
def test_a_web_form_that_writes_from_us_to_us_is_whom_its_answer_goes_to(headers, sender):
    raw = f"From: support@example.org\n{headers}\n\nThe cup is broken.".encode()
    mail = read_mail(raw, "1", AT, ["support@example.org"])
    assert mail.sender.address.value == (sender or "support@example.org")
    assert mail.role is (Role.CUSTOMER if sender else Role.US)


def test_html_alone_gives_text_and_folds_its_quotation(read):
    mail = read("html-only.eml")
    assert mail.text == "Die Tasse ist zerbrochen."
    assert "> Wie geht es der Tasse?" in mail.quoted
    assert "<script>" in mail.html


def test_only_what_the_html_shows_is_inline(read):
    files = read("picture-shown-and-picture-attached.eml").files
    assert [(file.name, file.use) for file in files] == [
        ("shown.png", FileUse.INLINE),
        ("Rückseite.png", FileUse.ATTACHED),
    ]


def test_an_attached_mail_keeps_its_bytes(read):
    [file] = read("mail-attached-with-its-bytes.eml").files
    assert file.type == "message/rfc822"
    assert file.content == (
        b"From: jan@example.net\r\nSubject:   zwei  Leerzeichen\r\n\r\nIn der Mail."
    )


def test_a_bounce_names_the_mail_of_ours_and_why(read):
    mail = read("bounce-of-ours.eml")
    assert (mail.sort, mail.bounced, mail.reason) == (
        Sort.BOUNCE,
        "17.abc@example.org",
        "550 5.1.1 User unknown",
    )


def test_a_mail_that_is_only_late_has_not_failed(read):
    mail = read("late-but-not-lost.eml")
    assert (mail.sort, mail.bounced, mail.mentions) == (Sort.BOUNCE, "", ("17.abc@example.org",))


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("customer-forwards-a-bounce.eml", Sort.CUSTOMER),
        ("out-of-office.eml", Sort.AUTO_REPLY),
        ("auto-submitted-no-is-a-person.eml", Sort.CUSTOMER),
        ("newsletter.eml", Sort.LIST),
    ],
)
def test_machines_are_told_from_persons(read, name, sort):
    assert read(name).sort is sort


def test_a_mail_that_was_cut_off_is_stored_and_says_so(read):
    mail = read("cut-off-in-the-middle.eml")
    assert (mail.text, mail.flags) == ("Anbei das Foto.", ("truncated",))
    assert [file.name for file in mail.files] == ["foto.jpg"]


def test_a_strange_line_among_the_headers_hides_none_of_them(read):
    mail = read("strange-line-among-the-headers.eml")
    assert (mail.subject, mail.text.strip()) == ("Trotzdem lesbar", "Hallo")


def test_raw_eight_bit_is_guessed_and_flagged(read):
    mail = read("raw-eight-bit-and-a-nul.eml")
    assert (mail.sender.name, mail.subject) == ("Müller", "Grüße aus Köln")
    assert mail.text.strip() == "Schöne Grüße aus Köln"
    assert mail.flags == ("charset",)


def test_what_is_no_mail_at_all_is_kept_as_it_is():
    mail = read_mail(b"\x00\xff\xfe just bytes", "1:7", AT, [])
    assert (mail.raw, mail.remote_id) == (b"\x00\xff\xfe just bytes", "1:7")
    assert "no_headers" in mail.flags
    assert "just bytes" in mail.text


def test_a_charset_that_is_none_stops_nothing():
    raw = b'From: a@example.com\nContent-Type: text/plain; charset="\x00\xe4"\n\nSch\xf6n\n'
    assert read_mail(raw, "1", AT, []).text.strip() == "Schön"


def nested(depth):
    parts = (f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
    return "From: a@example.com\n" + "".join(parts)


def test_endless_nesting_is_shown_as_far_as_it_makes_sense():
    mail = read_mail((nested(2000) + "at its end").encode(), "1", AT, [])
    assert mail.sender.address == email("a@example.com")
    assert mail.text.endswith("at its end")
    assert mail.flags == ("truncated",)


@pytest.mark.parametrize(
    "raw",
    [
        "To: " + "(" * 200_000 + "\n\n",
        "To: " + '"\\"' * 70_000 + "\n\n",
        "To: " + "<" * 200_000 + "\n\n",
        "Subject: " + "=?a?q?" * 30_000 + "\n\n",
        "Content-Type: text/plain; " + "x*1=" * 50_000 + "\n\n",
        "Content-Type: text/html\n\n" + "<div>" * 100_000,
        "Content-Type: text/html\n\n" + "<div></x>" * 100_000,
        "Content-Type: text/html\n\n" + "<meta charset" * 100_000,
        "Content-Type: text/plain\n\n" + "On " * 60_000,
        "Content-Type: text/plain\n\n" + "On xxx 1\n" * 50_000,
        "Content-Type: text/plain\n\n" + "> On a b c d wrote\n" * 50_000,
        "Content-Type: text/plain\n\n" + "--\n" * 50_000,
        "Content-Type: text/plain\n\n" + "From: x\n" * 50_000,
        "Content-Type: text/plain\n\n" + "-- \n\n\n" * 50_000,
        "From: postmaster@x.example\nSubject: undelivered\n\n" + "550 5.1.1" * 50_000,
    ],
    ids=lambda raw: raw[:40].encode("unicode_escape").decode(),
)
def test_no_mail_takes_long(raw):
    began = time.process_time()
    read_mail(raw.encode(), "1", AT, [])
    assert time.process_time() - began < SLOW_SECONDS


def strings(value):
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from strings(one)
        case list():
            for one in value:
                yield from strings(one)


def damaged(mails=MAILS):
    """Real mails with a piece replaced by anything."""
    return st.builds(
        lambda path, at, length, junk: (
            (raw := path.read_bytes())[: (start := at % (len(raw) + 1))]
            + junk
            + raw[start + length :]
        ),
        st.sampled_from(mails),
        st.integers(0, 10_000),
        st.integers(0, 80),
        st.binary(max_size=40),
    )


@given(st.one_of(st.binary(max_size=300), damaged()))
def test_whatever_the_bytes_the_result_can_be_stored(raw):
    mail = read_mail(raw, "1:1", AT, ["support@example.org"])
    told = [
        mail.subject, mail.text, mail.quoted, mail.signature, mail.html, mail.message_id,
        mail.sender.name, mail.bounced, mail.reason, *mail.mentions,
        *(file.name + file.type + file.cid for file in mail.files),
        *(recipient.name + recipient.address.value for recipient in mail.recipients),
    ]  # fmt: skip
    assert mail.raw == raw
    assert "unparsable" not in mail.flags
    assert all("\x00" not in text and text.encode() is not None for text in told)


@given(damaged())
def test_an_inspection_is_json_a_database_could_take(raw):
    assert all("\x00" not in text for text in strings(inspect_mail(raw, "a.eml")))


def test_an_inspection_shows_what_was_read():
    raw = (Path(__file__).parent / "mails" / "plain-german.eml").read_bytes()
    seen = inspect_mail(raw, "x/plain-german.eml")
    assert seen["path"] == "x/plain-german.eml"
    assert seen["from"] == [{"name": "Anna Müller", "address": "anna.mueller@example.com"}]
    assert seen["date"] == "2026-03-01T08:30:00Z"
    assert (seen["in_reply_to"], seen["references"]) == (
        "ours@example.org",
        ["first@example.com", "ours@example.org"],
    )
    assert (seen["kind"], seen["attachments"]) == ("customer", [])


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("noreply@shop.example", "anna@example.org"),
        ("no-reply+form@shop.example", "anna@example.org"),
        ("DoNotReply@shop.example", "anna@example.org"),
        ("norbert.replyer@shop.example", "norbert.replyer@shop.example"),
        ("sales@shop.example", "sales@shop.example"),
    ],
)
def test_who_filled_in_a_form_is_the_sender_not_the_form(sender, expected):
    raw = f"From: Shop <{sender}>\r\nReply-To: Anna Berg <anna@example.org>\r\n\r\nHello"
    mail = read_mail(raw.encode(), "1", datetime(2026, 1, 1, tzinfo=UTC))
    assert mail.sender.address.value == expected
