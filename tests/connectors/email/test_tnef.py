"""What Outlook wraps into winmail.dat is taken out again, or kept as it came."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.read import read_mail
from connectors.email.tnef import unwrap

BODY, BEGINS, TITLE, DATA = 0x0002800C, 0x00069002, 0x00018010, 0x0006800F
PROPERTIES, RECIPIENTS, ATTACHMENT = 0x00069003, 0x00069004, 0x00069005
EMBEDDED = bytes.fromhex("0703020000000000c000000000000046")
MANY = struct.pack("<I", 0xFFFFFFFF)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def tnef(*files: tuple[str, bytes], body: str = "") -> bytes:
    """A winmail.dat as Outlook would write it ([MS-OXTNEF], 2.1.3)."""
    parts = [struct.pack("<IH", 0x223E9F78, 1)]
    if body:
        parts.append(attribute(1, BODY, body.encode() + b"\0"))
    for name, content in files:
        parts.append(attribute(2, BEGINS, bytes(14)))
        parts.append(attribute(2, TITLE, name.encode() + b"\0"))
        parts.append(attribute(2, DATA, content))
    return b"".join(parts)


def attribute(level: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, kind, len(data)) + data + struct.pack("<H", sum(data) % 65536)


def wrapped(content: bytes, text: str = "") -> bytes:
    mail = EmailMessage()
    mail["From"] = "anna@example.org"
    if text:
        mail.set_content(text)
    mail.add_attachment(content, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return mail.as_bytes()


def test_the_files_inside_are_the_mails_files() -> None:
    raw = wrapped(tnef(("Rechnung.pdf", b"%PDF"), ("bild.png", b"PNG")), "See inside.")
    mail = read_mail(raw, "1", AT)
    assert [(file.name, file.type, file.content) for file in mail.files] == [
        ("Rechnung.pdf", "application/pdf", b"%PDF"),
        ("bild.png", "image/png", b"PNG"),
    ]
    assert mail.text == "See inside."


def test_a_body_inside_is_read_where_there_is_no_other() -> None:
    assert read_mail(wrapped(tnef(body="Only in here.")), "1", AT).text == "Only in here."


def test_a_body_inside_is_not_shown_twice() -> None:
    raw = wrapped(tnef(body="The same."), "The same.")
    assert read_mail(raw, "1", AT).text == "The same."


@pytest.mark.parametrize("content", [b"", b"no TNEF", tnef(("a.txt", b"x" * 50))[:40]])
def test_what_cannot_be_opened_stays_the_file_it_was(content: bytes) -> None:
    mail = read_mail(wrapped(content, "Hello"), "1", AT)
    assert mail.text == "Hello"
    if "tnef" in mail.flags:
        assert [(file.name, file.content) for file in mail.files] == [("winmail.dat", content)]


def within(inner: bytes) -> bytes:
    """A winmail.dat with another one as the mail that is attached to it."""
    value = EMBEDDED + inner + b"\1" * (-len(inner) % 4)
    held = struct.pack("<IHHII", 1, 0x000D, 0x3701, 1, len(value)) + value
    return tnef() + attribute(2, BEGINS, b"") + attribute(2, ATTACHMENT, held) + bytes(13)


def test_a_mail_attached_inside_is_a_file() -> None:
    found = unwrap(within(tnef(body="Inner")))
    assert found is not None
    assert [b"Inner" in file.content for file in found.files] == [True]


@pytest.mark.parametrize(
    "content",
    [
        tnef() + attribute(1, PROPERTIES, MANY) + bytes(13),
        tnef() + attribute(1, PROPERTIES, struct.pack("<IHH", 1, 0x1002, 1) + MANY) + bytes(13),
        tnef() + attribute(1, RECIPIENTS, MANY + bytes(40)) + bytes(13),
        tnef() + attribute(1, BODY, b"") * 5_000,
        within(within(within(within(tnef(body="Deep"))))),
    ],
    ids=["properties", "values", "recipients", "objects", "mails within each other"],
)
def test_counts_that_no_mail_has_are_not_believed(content: bytes) -> None:
    """The library would count to four thousand million."""
    assert unwrap(content) is None


@given(st.binary(max_size=400))
def test_no_bytes_break_it(tail: bytes) -> None:
    unwrap(tail)
    unwrap(tnef(("a.txt", b"text"), body="Hi")[: len(tail)] + tail)
