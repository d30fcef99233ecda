"""Tables of header values as real programs write them, and what they say."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.addresses import is_address, mailboxes
from connectors.email.headers import Headers


def headers(raw):
    return Headers(message_from_bytes(raw if isinstance(raw, bytes) else raw.encode()))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Plain", "Plain"),
        (b"folded\r\n\t here", "folded here"),
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        (b"=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?q?a?=\r\n =?iso-8859-1?q?=FC?=", "aü"),
        (b"a =?utf-8?q?b?= c", "a b c"),
        (b"=?utf-8?q?mit Leerzeichen?=", "mit Leerzeichen"),
        (b"=?iso-8859-1*de?q?=FC?=", "ü"),
        (b"=?utf-8?q?Wie geht es??=", "Wie geht es?"),
        (b"=?gb2312?b?xOO6ww==?=", "你好"),
        (b"=?nonsense?q?=FC?=", "ü"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße aus Köln".encode("cp1252"), "Grüße aus Köln"),
        (b"=?utf-8?q?a=00b?=", "ab"),
        (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
    ],
)
def test_a_subject_reads_as_a_person_wrote_it(raw, text):
    assert headers(b"Subject: " + raw + b"\r\n\r\n").text("Subject") == text


def test_a_raw_header_is_read_in_the_charset_of_the_body():
    raw = "Subject: Привет\nContent-Type: text/plain; charset=koi8-r\n\n".encode("koi8-r")
    assert headers(raw).text("Subject") == "Привет"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("a@b.example", [("", "a@b.example")]),
        ("Anna <a@b.example>", [("Anna", "a@b.example")]),
        (
            '"Bauer, Jan" <j@b.example>, a@b.example',
            [("Bauer, Jan", "j@b.example"), ("", "a@b.example")],
        ),
        ("a@b.example (Anna (privat))", [("Anna privat", "a@b.example")]),
        ("=?utf-8?q?M=C3=BCller=2C_Hans?= <h@b.example>", [("Müller, Hans", "h@b.example")]),
        ('"=?utf-8?q?M=C3=BCller?=" <h@b.example>', [("Müller", "h@b.example")]),
        ("=?utf-8?q?evil@bank.example?= <h@b.example>", [("evil@bank.example", "h@b.example")]),
        ("Dr. A. Bauer <a@b.example>", [("Dr. A. Bauer", "a@b.example")]),
        ("undisclosed-recipients:;", []),
        ("Team: a@b.example, c@b.example;", [("", "a@b.example"), ("", "c@b.example")]),
        ("a@b.example; c@b.example", [("", "a@b.example"), ("", "c@b.example")]),
        ("a@b.example,", [("", "a@b.example")]),
        ("<@relay.example:a@b.example>", [("", "a@b.example")]),
        ('"John Doe"@b.example', [("", '"John Doe"@b.example')]),
        ("'Anna' <a@b.example>", [("Anna", "a@b.example")]),
        ('Anna "Nan <a@b.example>', [("Anna Nan", "a@b.example")]),
        ("An\x00na <a\x00@b.example>", [("Anna", "a@b.example")]),
        ("MAILER-DAEMON", [("MAILER-DAEMON", "")]),
        ("", []),
    ],
)
def test_addresses_as_programs_write_them(raw, found):
    assert mailboxes(raw) == found


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("a@b.example", True),
        ("pelé@müller.example", True),
        ("", False),
        ("Anna", False),
        ("a@", False),
        ("a b@c.example", False),
        ("a@b..example", False),
        ("a@b@c.example", False),
        ("a\x00@b.example", False),
    ],
)
def test_only_what_mail_could_reach_is_an_address(value, right):
    assert is_address(value) is right


@pytest.mark.parametrize(
    ("raw", "ids"),
    [
        ("<a@x> <b@x>", ["a@x", "b@x"]),
        ("<a@x><b@x>", ["a@x", "b@x"]),
        ("<a@x>,\r\n <b@x>", ["a@x", "b@x"]),
        ('Message from Anna of "Sunday" <a@x>', ["a@x"]),
        ("a@x", ["a@x"]),
        ("12223", ["12223"]),
        ("<a@x> <a@x>", ["a@x"]),
        ("", []),
        ("<>", []),
    ],
)
def test_message_ids_as_programs_write_them(raw, ids):
    assert headers(f"References: {raw}\r\n\r\n").ids("References") == ids


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Sun, 1 Mar 2026 09:30:00 +0100", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("1 Mar 2026 09:30 GMT (Sunday)", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("2026-03-01T09:30:00Z", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("Sun, 1 Mar 1826 09:30:00 +0000", None),
        ("Sun, 1 Mar 99999 09:30:00 +0000", None),
        ("Sun, 45 Mar 2026 99:99:99 +9999", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_utc_or_none(raw, moment):
    assert headers(f"Date: {raw}\r\n\r\n").date() == moment


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ('filename="plain.pdf"', "plain.pdf"),
        ("filename=zwei Worte.pdf", "zwei Worte.pdf"),
        ("filename*=utf-8''R%C3%BCck.png", "Rück.png"),
        ("filename*1*=ck.png; filename*0*=utf-8''R%C3%BC", "Rück.png"),
        ("filename*0*=utf-8''%C3; filename*1*=%BC.png", "ü.png"),
        ('filename*0="lang"; filename*1=".pdf"', "lang.pdf"),
        ('filename="=?utf-8?q?R=C3=BCck?="', "Rück"),
        ("filename=plain.png; filename*=iso-8859-1''%FC.png", "ü.png"),
        ("size=3", ""),
    ],
)
def test_file_names_in_every_form(raw, name):
    found = headers(f"Content-Disposition: attachment; {raw}\r\n\r\n")
    assert found.parameter("Content-Disposition", "filename") == name


@given(st.text(max_size=200))
def test_no_address_header_raises(value):
    assert all(isinstance(box.address, str) for box in mailboxes(value))


@given(st.binary(max_size=200))
def test_no_header_raises(value):
    found = headers(b"X: " + value.replace(b"\n", b"") + b"\r\n\r\n")
    assert isinstance(
        (found.text("X"), found.ids("X"), found.date("X"), found.parameter("X", "a")), tuple
    )
