"""Transfer encodings are undone, and what cannot be undone is kept as it came and marked."""

from __future__ import annotations

import base64
import quopri
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.read import read_mail
from connectors.email.transfer import Undone, undone

AT = datetime(2026, 3, 1, tzinfo=UTC)
PICTURE = bytes(range(256))


@pytest.mark.parametrize(
    ("raw", "encoding", "content"),
    [
        (b"SGFsbG8=\r\n", "base64", b"Hallo"),
        (b"SGFsbG8", "base64", b"Hallo"),
        (b"SGFs\nbG8=\n\n-- \nA list's footer\n", "BASE64", b"Hallo"),
        (b"SGFsbG8gV2VsdA==\n____________\nFooter", "base64", b"Hallo Welt"),
        (b"SGFsbG8=\nV2VsdA==\n", "base64", b"HalloWelt"),
        (b"SGFsbG8g\n!V2VsdA==\n", "base64", b"Hallo Welt"),
        (b"SGFsbG8=", '"base64" (a comment)', b"Hallo"),
        (b"SGFsbG8=", "base-64", b"Hallo"),
        (b"Dear Anna,\n\nnever encoded", "base64", b"Dear Anna,\n\nnever encoded"),
        (b"Hello\n\nnever encoded, too", "base64", b"Hello\n\nnever encoded, too"),
        (b"Never encoded at all", "base64", b"Never encoded at all"),
        (b"a=3Db =\nc", "Quoted-Printable", b"a=b c"),
        (b"a=3Db", "quoted_printable", b"a=b"),
        (b"50 =% off", "quoted-printable", b"50 =% off"),
        (b"begin 644 a\n%2&%L;&\\\n \nend\n", "x-uuencode", b"Hallo"),
        (b"plain", "8bits", b"plain"),
        (b"plain", "utf-8", b"plain"),
        (b"plain", "7bit; charset=us-ascii", b"plain"),
        (b"plain", "x-foo", b"plain"),
        (b"", "base64", b""),
    ],
)
def test_a_text_is_read_whatever_its_encoding_is_called(raw, encoding, content):
    assert undone(raw, encoding, is_text=True) == Undone(content)


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (b"%PDF-1.7 \x00\x01 never encoded at all \xff", "base64"),
        (PICTURE, "base64"),
        (PICTURE, "x-foo"),
        (b"a=b&c=d&e=f=", "quoted-printable"),
        (b"no lines of it", "x-uuencode"),
    ],
)
def test_a_file_that_cannot_be_decoded_is_what_came(raw, encoding):
    assert undone(raw, encoding, is_text=False) == Undone(raw, damaged=True)


def part(kind, encoding, body):
    head = b"From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    text = b"--b\r\nContent-Type: text/plain\r\n\r\nAnbei.\r\n"
    last = f"--b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    return head + text + last + body + b"\r\n--b--\r\n"


@pytest.mark.parametrize("encoding", ["base64", "x-foo"])
def test_a_damaged_part_is_a_marked_file_and_the_mail_still_counts(encoding):
    mail = read_mail(part('image/png; name="a.png"', encoding, b"\x89PNG not \x00 base64"), "1", AT)
    assert (mail.text, mail.flags) == ("Anbei.", ("damaged_part",))
    assert [(file.name, file.damaged, file.content) for file in mail.files] == [
        ("a.png", True, b"\x89PNG not \x00 base64")
    ]


def test_a_text_that_nobody_can_read_is_a_marked_file():
    mail = read_mail(part("text/plain", "x-foo", PICTURE * 4), "1", AT)
    assert (mail.text, mail.flags) == ("Anbei.", ("damaged_part",))
    assert mail.files[0].damaged


def test_a_readable_text_in_an_unknown_encoding_is_shown():
    mail = read_mail(part("text/plain", "x-foo", b"Bitte melden."), "1", AT)
    assert (mail.text, mail.files, mail.flags) == ("Anbei.\nBitte melden.", (), ())


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "uue", "x", ""]))
def test_nothing_raises_and_what_is_damaged_is_untouched(raw, encoding):
    found = undone(raw, encoding, is_text=False)
    assert not found.damaged or found.content == raw


@given(st.binary(min_size=1, max_size=300))
def test_what_was_encoded_comes_back(content):
    assert undone(base64.encodebytes(content), "base64", False) == Undone(content)
    assert undone(quopri.encodestring(content), "quoted-printable", False) == Undone(content)
