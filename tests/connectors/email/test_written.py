"""Headers as they go out: encoded and folded so that every program reads them."""

from __future__ import annotations

from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.written import file_names, mailbox, one_line, text


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "a@b.example"),
        ("Anna Berg", "Anna Berg <a@b.example>"),
        ("Berg, Anna", '"Berg, Anna" <a@b.example>'),
        ('A "B" \\', '"A \\"B\\" \\\\" <a@b.example>'),
        ("Anna Müller", "=?utf-8?q?Anna_M=C3=BCller?=\r\n <a@b.example>"),
        ("山田", "=?utf-8?b?5bGx55Sw?=\r\n <a@b.example>"),
        ("x" * 70, f"{'x' * 70}\r\n <a@b.example>"),
    ],
)
def test_a_mailbox_is_written_as_programs_read_it(name, written):
    assert mailbox(name, "a@b.example") == written


def test_a_local_part_in_quotation_marks_keeps_them():
    assert mailbox("", '"anna berg"@b.example') == '"anna berg"@b.example'


@pytest.mark.parametrize(
    ("name", "beside_type", "beside_disposition"),
    [
        ("", [], []),
        ("a b.pdf", ['name="a b.pdf"'], ['filename="a b.pdf"']),
        ("ü.pdf", ['name="=?utf-8?b?w7wucGRm?="'], ["filename*=utf-8''%C3%BC.pdf"]),
        (
            "ü" * 10,
            ['name="=?utf-8?b?w7zDvMO8w7zDvMO8w7zDvMO8w7w=?="'],
            ["filename*0*=utf-8''" + "%C3%BC" * 8, "filename*1*=" + "%C3%BC" * 2],
        ),
    ],
)
def test_a_file_is_named_for_old_and_for_new_programs(name, beside_type, beside_disposition):
    assert file_names(name) == (beside_type, beside_disposition)


@given(st.text())
def test_any_text_is_ascii_on_short_lines_and_reads_as_itself(value):
    value = one_line(value)
    written = text(value)
    lines = written.split("\r\n")
    assert written.isascii() and max(map(len, lines)) <= 900
    assert all(line.startswith(" ") for line in lines[1:])
    unfolded = written.replace("\r\n", "")
    assert str(make_header(decode_header(unfolded))).split() == value.split()
