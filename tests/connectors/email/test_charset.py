"""Bytes become text whatever their label says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.charset import decode

GERMAN = "Schöne Grüße aus Köln für 5 €"


@pytest.mark.parametrize(
    ("raw", "label", "text", "certain"),
    [
        (GERMAN.encode(), "utf-8", GERMAN, True),
        (GERMAN.encode(), "iso-8859-1", GERMAN, True),
        (GERMAN.encode(), "", GERMAN, True),
        (GERMAN.encode("cp1252"), "iso-8859-1", GERMAN, True),
        (GERMAN.encode("cp1252"), '"Windows-1252"', GERMAN, True),
        (GERMAN.encode("cp1252"), "us-ascii", GERMAN, False),
        (GERMAN.encode("cp1252"), "x-unknown", GERMAN, False),
        (GERMAN.encode("utf-16"), "utf-8", GERMAN, True),
        ("Größe".encode("utf-7"), "utf-7", "Größe", True),
        ("①".encode("cp932"), "shift_jis", "①", True),
        ("日本語".encode("iso2022_jp"), "iso-2022-jp", "日本語", True),
        ("镕".encode("gbk"), "gb2312", "镕", True),
        ("똠".encode("cp949"), "ks_c_5601-1987", "똠", True),
        (b"a\x00b", "utf-8", "ab", True),
        (b"abc", "rot13", "abc", True),
        (b"abc", "utf\udce4\x00", "abc", True),
        (b"", "", "", True),
    ],
)
def test_the_text_is_found_behind_its_label(raw, label, text, certain):
    assert decode(raw, label) == (text, certain)


@given(st.binary(max_size=100), st.text(max_size=20))
def test_nothing_raises_and_everything_can_be_stored(raw, label):
    text = decode(raw, label).text
    assert "\x00" not in text
    assert text.encode().decode() == text
