"""Files of an answer: their names, types and bytes arrive as they are, in every program."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from selectolax.lexbor import LexborHTMLParser

from connectors.email.attaching import WIDEST
from connectors.email.read import read_mail
from connectors.email.write import write_mail
from connectors.email.written import LONGEST_NAME, one_line
from crm.channels.contract import Address, File, FileUse, IdentityKind, Outgoing, Recipient

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OURS = "support@example.org"


def picture(width=10, kind="PNG"):
    file = BytesIO()
    Image.new("RGB", (width, 10)).save(file, kind)
    return file.getvalue()


def mail_with(*files, text="Anbei."):
    outgoing = Outgoing(
        key="17.abc@example.org",
        at=AT,
        recipients=(Recipient(Address(IdentityKind.EMAIL, "anna@example.com")),),
        subject="x",
        text=text,
        sender_name="K",
        reference="",
        files=files,
    )
    return write_mail(outgoing, OURS)


def read_back(*files, text="Anbei."):
    return read_mail(mail_with(*files, text=text), "1:1", AT).files


def parsed(*files, text="Anbei."):
    return message_from_bytes(mail_with(*files, text=text), policy=policy.default)


NAMES = [
    "a.pdf",
    "Rechnung für März.pdf",
    'Angebot "neu"; v1.pdf',
    "back\\slash.pdf",
    "100%.pdf",
    "=?utf-8?q?x?=.pdf",
    "'apostrophe'.pdf",
    "請求書.pdf",
    "счёт за ноябрь 2026 года, исправленный вариант.pdf",
    "🙂" * 40 + ".pdf",
    "x" * 170 + ".pdf",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_arrives_both_by_our_own_reader_and_by_the_standard_library(name):
    file = File(name, "application/pdf", b"%PDF\x00")
    [ours] = read_back(file)
    [theirs] = parsed(file).iter_attachments()
    assert (ours.name, ours.type, ours.content) == (one_line(name), "application/pdf", b"%PDF\x00")
    assert (theirs.get_filename(), theirs.get_content()) == (one_line(name), b"%PDF\x00")


@pytest.mark.parametrize("name", NAMES)
def test_a_program_that_knows_no_rfc_2231_finds_the_name_beside_the_type(name):
    raw = mail_with(File(name, "application/pdf", b"x"))
    without = b"\r\n".join(line for line in raw.split(b"\r\n") if not line.startswith(b" filename"))
    [file] = read_mail(without, "1:1", AT).files
    assert file.name == one_line(name)


def test_a_name_beyond_all_measure_keeps_its_ending():
    [file] = read_back(File("ü" * 5000 + ".pdf", "application/pdf", b"x"))
    assert len(file.name) == LONGEST_NAME and file.name.endswith("ü.pdf")


@given(st.text(max_size=LONGEST_NAME - 4), st.binary(max_size=2000))
def test_any_name_and_any_bytes_arrive(name, content):
    file = File(f"{name}.bin", "application/octet-stream", content)
    [ours] = read_back(file)
    [theirs] = parsed(file).iter_attachments()
    assert (ours.content, theirs.get_content()) == (content, content)
    assert ours.name == theirs.get_filename() == one_line(file.name)


def test_no_line_is_longer_than_the_wire_allows():
    raw = mail_with(
        *(File(name, "application/pdf", b"x" * 5000) for name in NAMES), text="ü" * 9000
    )
    assert max(map(len, raw.split(b"\r\n"))) <= 200


@pytest.mark.parametrize(
    ("kind", "content", "written"),
    [
        ("text/csv", "a;ü".encode(), 'text/csv; charset="utf-8"'),
        ("text/csv", "a;ü".encode("cp1252"), "application/octet-stream"),
        ("text/html", b"<p>", 'text/html; charset="utf-8"'),
        ("image/svg+xml", b"<svg/>", "image/svg+xml"),
        ("multipart/mixed", b"x", "application/octet-stream"),
        ("message/partial", b"x", "application/octet-stream"),
        ("", b"x", "application/octet-stream"),
        ("text/plain\r\nBcc: x@y.z", b"x", "application/octet-stream"),
    ],
)
def test_a_type_is_one_that_can_travel_and_a_text_names_its_charset(kind, content, written):
    [part] = parsed(File("a", kind, content)).iter_attachments()
    del part["Content-Disposition"]
    shown = {name: value for name, value in part["Content-Type"].params.items() if name != "name"}
    told = "".join(f'; {name}="{value}"' for name, value in shown.items())
    assert part.get_content_type() + told == written
    assert part.get_payload(decode=True) == content


PLAIN = b"From: a@example.com\r\nSubject: x\r\n\r\n.y\r\n--\r\n"


@pytest.mark.parametrize(
    ("original", "arrives"),
    [
        (PLAIN, PLAIN),
        (PLAIN.rstrip(), PLAIN.rstrip()),
        (PLAIN.replace(b"\r\n", b"\n"), PLAIN),
        (b"--=\r\n\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x--", None),
    ],
)
def test_a_mail_in_ascii_is_enclosed_as_itself(original, arrives):
    file = File("Alt", "message/rfc822", original)
    [ours] = read_back(file)
    [part] = parsed(file).iter_attachments()
    assert (ours.name, ours.type, ours.content) == (
        "Alt.eml",
        "message/rfc822",
        arrives or original,
    )
    assert part["Content-Transfer-Encoding"] == "7bit"
    assert part.get_content_type() == "message/rfc822"


@pytest.mark.parametrize(
    "original",
    [
        "Subject: ü\r\n\r\nx".encode(),
        b"Subject: x\r\n\r\n" + b"y" * 999,
        b"Subject: x\r\n\r\na\rb",
        b"Subject: x\r\n\r\na\0b",
        b"",
    ],
)
def test_a_mail_that_would_have_to_be_encoded_goes_as_bytes_under_its_ending(original):
    [ours] = read_back(File("Alt.EML", "message/rfc822", original))
    assert (ours.name, ours.type, ours.content) == (
        "Alt.EML",
        "application/octet-stream",
        original,
    )


def test_a_picture_that_the_text_shows_stands_beside_the_page():
    file = File("Ventil ü.png", "image/png", picture(), FileUse.INLINE)
    text = "Hier: [image: Ventil ü.png]"
    mail = parsed(file, text=text)
    assert mail.get_content_type() == "multipart/alternative"
    [plain, related] = mail.iter_parts()
    [page, shown] = related.iter_parts()
    assert plain.get_content() == f"{text}\r\n"
    assert related.get_param("type") == "text/html"
    assert f'src="cid:{shown["Content-ID"].strip("<>")}"' in page.get_content()
    [ours] = read_back(file, text=text)
    assert (ours.name, ours.use, ours.content) == ("Ventil ü.png", FileUse.INLINE, file.content)


@pytest.mark.parametrize(
    "file",
    [
        File("b.png", "image/png", picture(), FileUse.INLINE),
        File("a.png", "image/png", picture()),
        File("a.png", "image/svg+xml", b"<svg/>", FileUse.INLINE),
        File("a.png", "text/html", b"<p>", FileUse.INLINE),
    ],
)
def test_what_the_text_does_not_show_is_attached(file):
    [ours] = read_back(file, text="Hier: [image: a.png]")
    assert (ours.use, ours.content) == (FileUse.ATTACHED, file.content)


def test_of_two_pictures_of_one_name_the_first_is_shown_and_the_other_attached():
    files = [File("a.png", "image/png", picture(width), FileUse.INLINE) for width in (1, 2)]
    shown, attached = read_back(*files, text="[image: a.png] [image: a.png]")
    assert (shown.content, shown.use) == (files[0].content, FileUse.INLINE)
    assert (attached.content, attached.use) == (files[1].content, FileUse.ATTACHED)


@pytest.mark.parametrize(
    ("content", "width"),
    [(picture(WIDEST + 1), str(WIDEST)), (picture(WIDEST), None), (b"GIF89a", None)],
    ids=["wide", "narrow", "broken"],
)
def test_a_picture_is_shown_no_wider_than_a_mail(content, width):
    mail = parsed(File("a.png", "image/png", content, FileUse.INLINE), text="[image: a.png]")
    [image] = LexborHTMLParser(mail.get_body(["html"]).get_content()).css("img")
    assert image.attributes.get("width") == width
