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
        ("abcä".encode("latin-1"), "idna", "abcä", False),
        (b"abc-\xe4", "punycode", "abc-ä", False),
        (b"C:\\new", "unicode_escape", "C:\\new", True),
        (b"abc", "utf\udce4\x00", "abc", True),
        (b"", "", "", True),
    ],
)
def test_the_text_is_found_behind_its_label(raw, label, text, certain):
    assert decode(raw, label) == (text, certain)


JAPANESE = "日本語のテスト"
RUSSIAN = "Привет, как дела, друзья"


@pytest.mark.parametrize(
    ("raw", "label", "text"),
    [
        (JAPANESE.encode("iso2022_jp"), "utf-8", JAPANESE),
        (JAPANESE.encode("iso2022_jp"), "us-ascii", JAPANESE),
        (JAPANESE.encode("iso2022_jp")[:-3], "iso-2022-jp", JAPANESE),
        (JAPANESE.encode("cp932"), "iso-2022-jp", JAPANESE),
        (JAPANESE.encode("euc-jp"), "iso-2022-jp", JAPANESE),
        (b"\x1b$B$3$l\nabc", "iso-2022-jp", "これ\nabc"),
        (b"\x1b$B-!\x1b(B", "iso-2022-jp", "①"),
        (b"\x1b$B|b\x1b(B", "iso-2022-jp", "髙"),
        (b"\x1b(I1234\x1b(B", "iso-2022-jp-ext", "ｱｲｳｴ"),
        (b"\x0e1234\x0fabc", "iso-2022-jp", "ｱｲｳｴabc"),
        (b"\x1b$(D0!\x1b(B", "iso-2022-jp", "丂"),
        ("안녕하세요".encode("iso2022_kr"), "iso-2022-kr", "안녕하세요"),
        ("안녕하세요".encode("iso2022_kr")[4:], "iso-2022-kr", "안녕하세요"),
        ("你好世界".encode("hz"), "hz-gb-2312", "你好世界"),
        ("你好€".encode("gb18030"), "gb2312", "你好€"),
        ("你好".encode("gbk") + b"\xff" + "世界".encode("gbk"), "gb2312", "你好\ufffd世界"),
        ("㗎".encode("big5hkscs"), "big5", "㗎"),
        (b"Ti\xea\xecng Vi\xea\xf2t", "windows-1258", "Tiếng Việt"),
        ("Größe".encode("utf-7") + b" \xfc", "utf-7", "Größe \ufffd"),
        (GERMAN.encode("utf-16-be"), "utf-16", GERMAN),
        (GERMAN.encode("utf-16-be"), "utf-16le", GERMAN),
        (GERMAN.encode(), "utf-16", GERMAN),
        (b"only ASCII", "utf-16le", "only ASCII"),
        (GERMAN.encode("cp1252"), "utf-8", GERMAN),
        (RUSSIAN.encode("koi8-r"), "utf-8", RUSSIAN),
        (RUSSIAN.encode("cp1251"), "iso-8859-1", RUSSIAN),
        (RUSSIAN.encode("cp1251"), "windows-cp1251", RUSSIAN),
        (GERMAN.encode() + b"\xe2", "utf-8", GERMAN + "\ufffd"),
        (GERMAN.encode() + b"\n" + GERMAN.encode("cp1252"), "utf-8", f"{GERMAN}\n{GERMAN}"),
        (b"\xed\xa0\xbd\xed\xb8\x80", "utf-8", "😀"),
        (b"\x80 5 \x93x\x94", "iso-8859-1", "€ 5 “x”"),
        ("Zażółć gęślą jaźń".encode("iso8859-2"), "iso-8859-2", "Zażółć gęślą jaźń"),
    ],
)
def test_the_text_is_found_against_its_label(raw, label, text):
    assert decode(raw, label).text == text


@given(st.text(st.characters(max_codepoint=0xFF, exclude_categories=["Cc", "Cs"]), max_size=40))
def test_latin_text_survives_any_western_label(text):
    assert decode(text.encode(), "iso-8859-1").text == text


@pytest.mark.parametrize("codec", ["iso2022_jp", "cp932", "euc-jp", "utf-8"])
@given(st.text(st.sampled_from("日本語のテスト漢字カナかな。、"), min_size=1, max_size=40))
def test_japanese_survives_each_of_its_charsets(codec, text):
    assert decode(text.encode(codec), codec).text == text


LABELS = [
    "utf-8",
    "utf-7",
    "utf-16",
    "iso-2022-jp",
    "iso-2022-kr",
    "hz",
    "gb2312",
    "big5",
    "latin1",
]


@given(st.binary(max_size=100), st.text(max_size=20) | st.sampled_from(LABELS))
def test_nothing_raises_and_everything_can_be_stored(raw, label):
    text = decode(raw, label).text
    assert "\x00" not in text
    assert text.encode().decode() == text
