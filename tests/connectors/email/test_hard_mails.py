"""Mails that other desks lose or misread: each a fact of how they are read here."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from connectors.email.body import read_body
from connectors.email.inspect import inspect_mail
from connectors.email.read import read_mail
from connectors.email.structure import take_apart
from crm.channels.contract import FileUse

AT = datetime(2026, 3, 1, tzinfo=UTC)


def read(raw, remote_id="1:1"):
    return read_mail(raw if isinstance(raw, bytes) else raw.encode(), remote_id, AT)


def multipart(kind, *parts):
    body = "".join(f"--b\r\n{part}\r\n" for part in parts)
    return (
        "From: anna@example.org\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: multipart/{kind}; boundary=b\r\n\r\n{body}--b--\r\n"
    )


TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\n"
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n"


def test_two_mails_with_one_message_id_stay_two():
    first, second = (
        read(f"Message-ID: <same@dhl.example>\n\nPaket {number}", f"1:{number}")
        for number in (1, 2)
    )
    assert first.message_id == second.message_id
    assert (first.remote_id, first.text) != (second.remote_id, second.text)


@pytest.mark.parametrize("header", ["Message-ID:", "Message-ID: <>", "Message-ID: < >", "X: y"])
def test_an_empty_message_id_is_none(header):
    mail = read(f"From: anna@example.org\n{header}\n\nHallo")
    assert (mail.message_id, mail.remote_id, mail.text) == ("", "1:1", "Hallo")


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("windows-1258", b"Ti\xea\xecng Vi\xea\xf2t", "Tiếng Việt"),
        ("iso-2022-jp", b"\x1b$B$3$l-!\x1b(", "これ①"),
        ("utf-8", b"Gr\xc3\xbc\xc3\x9fe \xff", "Grüße \ufffd"),
        ("utf-8", b"a\x00b", "ab"),
        ("no-such-charset", b"Gr\xfc\xdfe", "Grüße"),
    ],
)
def test_no_charset_makes_a_mail_unreadable(charset, raw, text):
    mail = read(f"Content-Type: text/plain; charset={charset}\n\n".encode() + raw)
    assert mail.text.startswith(text)


@pytest.mark.parametrize(
    ("headers", "name", "address"),
    [
        ("Sender: Anna <anna@example.org>", "Anna", "anna@example.org"),
        ("From: Anna\nSender: anna@example.org", "Anna", "anna@example.org"),
        ("From: Anna\nReturn-Path: <anna@example.org>", "Anna", "anna@example.org"),
        ("From: <>\nSender: anna@example.org", "", "anna@example.org"),
        ("From: anna@\nSender: anna@example.org", "", "anna@example.org"),
        ("From: a b anna@example.org", "a b", "anna@example.org"),
        ("From: <a\n b@example.org>\nSender: anna@example.org", "", "anna@example.org"),
        ("From: Anna", "Anna", None),
        ("Subject: nobody", "", None),
    ],
)
def test_the_sender_is_found_where_from_fails(headers, name, address):
    sender = read(f"{headers}\n\nHallo").sender
    assert (sender.name, sender.address and sender.address.value) == (name, address)


@pytest.mark.parametrize("value", ["<>", "Anna", "anna@", ""])
def test_a_broken_reply_to_is_passed_over(value):
    mail = read(f"From: anna@example.org\nReply-To: {value}\n\nHallo")
    assert mail.reply_to is None


def test_a_comma_too_many_makes_no_recipient():
    mail = read("From: a@example.org\nCc: b@example.org, , c@example.org,\n\nHallo")
    assert [one.address.value for one in mail.recipients] == ["b@example.org", "c@example.org"]


@pytest.mark.parametrize("kind", ["mixed", "related"])
@pytest.mark.parametrize("cid", ["<bild@x>", "< bild@x >", "bild@x"])
def test_a_picture_is_inline_where_the_html_shows_it(kind, cid):
    picture = f"Content-Type: image/png\r\nContent-ID: {cid}\r\n\r\nPNG"
    [file] = read(multipart(kind, HTML + '<img src="cid:bild@x">', picture)).files
    assert (file.use, file.name) == (FileUse.INLINE, "part-1.png")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("Subject: Re: Bremse / Rad 3?", "Re Bremse Rad 3.eml"),
        ("Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=", "Größe.eml"),
        ("Subject: ..", "part-1.eml"),
        ("From: a@example.org", "part-1.eml"),
    ],
)
def test_a_mail_that_is_attached_bears_its_subject(head, name):
    inner = f"Content-Type: message/rfc822\r\n\r\n{head}\r\n\r\nSubject: nicht dies"
    [file] = read(multipart("mixed", TEXT + "Hallo", inner)).files
    assert file.name == name


def test_of_a_form_too_long_to_be_shown_the_words_are_read_and_not_the_stub_beside_it():
    long = HTML + "<p>Zeile</p>" * 100_000
    assert read(multipart("alternative", TEXT + "Siehe HTML", long)).text.count("Zeile") == 100_000


def test_a_text_that_says_as_much_as_its_long_form_stays():
    long = HTML + f"<p><!--{'x' * 1_100_000}-->Hallo</p>"
    assert read(multipart("alternative", TEXT + "Guten Tag", long)).text == "Guten Tag"


def test_a_content_id_alone_hides_no_file():
    file = 'Content-Type: application/pdf; name="a.pdf"\r\nContent-ID: <a@x>\r\n\r\nPDF'
    assert read(multipart("related", HTML + "<p>Hallo", file)).files[0].use is FileUse.ATTACHED


def test_text_between_pictures_is_joined():
    picture = 'Content-Type: image/jpeg; name="{}"\r\nContent-Disposition: inline\r\n\r\nJ'
    mail = read(
        multipart("mixed", TEXT + "Vorher", picture.format("a"), TEXT + "Dazwischen",
                  picture.format("b"), TEXT + "Nachher")
    )  # fmt: skip
    assert mail.text.split() == ["Vorher", "Dazwischen", "Nachher"]
    assert [file.name for file in mail.files] == ["a", "b"]


def test_alternatives_that_say_something_else_are_both_read():
    mail = read(multipart("alternative", TEXT + "Ihre Nummer ist 17.", TEXT + "Bitte anrufen!"))
    assert mail.text == "Ihre Nummer ist 17.\nBitte anrufen!"


def test_alternatives_that_say_the_same_are_read_once():
    mail = read(
        multipart("alternative", TEXT + "Ihre  Nummer ist\r\n17.", TEXT + "Ihre Nummer ist 17.",
                  HTML + "<p>Ihre Nummer ist 17.")
    )  # fmt: skip
    assert mail.text == "Ihre  Nummer ist\n17."


@pytest.mark.parametrize(
    ("disposition", "shown"),
    [("", False), ("inline", True), ("attachment", False)],
)
def test_a_text_with_a_name_is_shown_only_where_it_says_so(disposition, shown):
    told = f"Content-Disposition: {disposition}\r\n" if disposition else ""
    file = f'Content-Type: text/plain; name="hinweis.txt"\r\n{told}\r\nHinweis'
    mail = read(multipart("mixed", TEXT + "Hallo", file))
    assert ("Hinweis" in mail.text, bool(mail.files)) == (shown, not shown)


def test_a_body_with_a_file_name_is_the_body():
    mail = read(multipart("mixed", 'Content-Type: text/plain; name="body.txt"\r\n\r\nHallo'))
    assert (mail.text, mail.files) == ("Hallo", ())


@pytest.mark.parametrize("encoding", ["7bit", "base64"])
def test_an_attached_mail_keeps_its_bytes_however_it_travels(encoding):
    inner = b"From: jan@example.net\r\nSubject:  zwei  Leerzeichen \r\n\r\nIn der Mail.\r\n\tTab"
    body = inner if encoding == "7bit" else base64.encodebytes(inner)
    raw = multipart("mixed", TEXT + "Siehe Anhang.", "X").encode()
    head = f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    mail = read(raw.replace(b"--b\r\nX", b"--b\r\n" + head + body))
    assert [(file.type, file.content) for file in mail.files] == [("message/rfc822", inner)]


def test_a_boundary_that_is_folded_is_one():
    mail = read(
        'Content-Type: multipart/mixed;\r\n boundary="one\r\n two"\r\n\r\n'
        "--one two\r\n\r\nHallo\r\n--one two\r\nContent-Type: image/png\r\n\r\nx\r\n--one two--\r\n"
    )
    assert (mail.text, len(mail.files), mail.flags) == ("Hallo", 1, ())


def test_a_strange_line_among_a_parts_headers_hides_none_of_them():
    part = (
        'Content-Type: application/zip;\r\nname="a.zip"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\nUEs="
    )
    [file] = read(multipart("mixed", TEXT + "Hallo", part)).files
    assert (file.name, file.type, file.content) == ("a.zip", "application/zip", b"PK")


def test_a_report_without_any_words_shows_itself():
    mail = read(multipart("report", "Content-Type: message/delivery-status\r\n\r\nAction: failed"))
    assert mail.text == "Action: failed"


def test_the_ids_it_bore_before_are_known():
    mail = read(
        "Message-ID: <new@outlook.com>\nX-Microsoft-Original-Message-ID: <old@example.org>\n"
        "X-Google-Original-Message-ID: <new@outlook.com>\n\nHallo"
    )
    assert (mail.message_id, mail.other_ids) == ("new@outlook.com", ("old@example.org",))


def test_all_references_lead_to_their_conversation():
    mail = read("References: <a@x>\nReferences: <b@x> <c@x>\nIn-Reply-To: <d@x>\n\nHallo")
    assert mail.mentions == ("d@x", "c@x", "b@x", "a@x")


@pytest.mark.parametrize("year", [1969, 2026, 3609])
def test_a_date_is_what_the_mail_says(year):
    assert read(f"Date: 1 Mar {year} 09:30 +0000\n\n").dated == datetime(
        year, 3, 1, 9, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "raw",
    [
        multipart("mixed", TEXT + "Hallo", "Content-Type: application/pdf\r\n\r\nPDF"),
        multipart("alternative", TEXT + "Hallo", HTML + "<p>Hallo"),
        "From: a@example.org\n\nHallo\rWelt\r\n",
        "From: a@example.org",
        "\n\nHallo",
    ],
)
def test_parts_are_where_the_standard_parser_finds_them(raw):
    standard = [part for part in message_from_bytes(raw.encode()).walk() if not part.is_multipart()]
    files = [part for part in standard if part.get_content_maintype() not in {"text"}]
    assert len(read_body(take_apart(raw.encode())).files) == len(files)


def test_a_page_is_read_in_the_charset_it_names_where_its_label_is_wrong():
    page = '<meta charset="koi8-r"><p>Да</p>'.encode("koi8-r")
    mail = read(b"Content-Type: text/html; charset=utf-8\n\n" + page)
    assert mail.text.strip() == "Да"


def test_an_inspection_tells_what_else_was_found():
    raw = (
        b"X-Spam-Flag: YES\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\n"
        b"BEGIN:VEVENT\nSUMMARY:Abnahme\nDTSTART:20260701T080000Z\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    seen = inspect_mail(raw, "a.eml")
    assert (seen["verdicts"], seen["invitation"]["summary"], seen["invitation"]["starts"]) == (
        {"spam": "yes"},
        "Abnahme",
        "2026-07-01T08:00:00Z",
    )
