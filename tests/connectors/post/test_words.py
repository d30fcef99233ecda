"""The text beside a scan, in whatever encoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.post.words import Words, read_words, words_beside

TEXT = "Grüße aus Köln, 5 € für Öl"


@pytest.mark.parametrize(
    ("encoding", "guessed"),
    [
        ("utf-8", False),
        ("utf-8-sig", False),
        ("utf-16", False),
        ("utf-16-le", True),
        ("utf-16-be", True),
        ("cp1252", True),
    ],
)
def test_a_text_is_decoded_and_says_when_its_encoding_was_guessed(encoding, guessed):
    words = read_words(TEXT.encode(encoding))
    assert (words.text, words.guessed) == (TEXT, guessed)


def test_a_file_that_is_no_text_gives_none():
    assert read_words(bytes(range(256)) * 8) == Words("", guessed=True)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_text_without_zeros(content):
    assert "\x00" not in read_words(content).text


@pytest.mark.parametrize("name", ["scan.txt", "SCAN.TXT", "Scan.PDF.txt"])
def test_the_text_of_a_scan_is_found_beside_it(tmp_path, name):
    (tmp_path / name).write_text("x")
    assert words_beside(tmp_path / "Scan.PDF") == tmp_path / name
