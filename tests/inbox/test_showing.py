"""Showing: words of others become HTML that is safe, and limits become words."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crm.channels.contract import Limits, Visibility
from inbox.limits import in_short, in_words, objection
from inbox.showing.letter import marked, marks
from inbox.showing.linkify import linkify


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("see https://a.example/x?y=1&z=2.", ["https://a.example/x?y=1&z=2"]),
        ("www.example.org, a@example.org", ["http://www.example.org", "mailto:a@example.org"]),
        ("javascript:alert(1) data:text/html,x ftp://a.example/x", []),
        ("//a.example/x and 3.5 and no.links", []),
    ],
)
def test_web_and_mail_addresses_become_links(text: str, addresses: list[str]) -> None:
    links = LexborHTMLParser(str(linkify(text))).css("a")
    assert [link.attributes["href"] for link in links] == addresses


MIXED = st.lists(
    st.one_of(
        st.text(max_size=5),
        st.sampled_from(
            ["<b>", "</a>", '"', "&lt;", " https://a.example/x ", "www.b.example", "K-48"]
        ),
    )
).map("".join)


@given(MIXED)
def test_whatever_is_written_stays_text(text: str) -> None:
    html = str(linkify(text))
    without_links = re.sub(r"</?a( [^<>]*)?>", "", html)
    assert "<" not in without_links


@given(MIXED, st.one_of(MIXED, st.just("K-48")), st.floats(0, 1))
def test_whatever_was_read_from_a_letter_stays_text(text: str, value: str, sure: float) -> None:
    html = str(marked(text, marks([{"name": "x", "value": value, "confidence": sure}])))
    assert "<" not in re.sub(r"</?(a|span)( [^<>]*)?>", "", html)


def test_a_value_is_marked_across_line_breaks_and_nowhere_inside_a_word() -> None:
    html = str(marked("Am Alten\nDeich 7, Deich 77", marks(_field("Am Alten Deich 7"))))
    assert html == '<span class="found">Am Alten\nDeich 7</span>, Deich 77'


def _field(value: str) -> list[dict[str, object]]:
    return [{"name": "sender.street", "value": value, "confidence": 0.9}]


@pytest.mark.parametrize(
    ("limits", "words", "short"),
    [
        (
            Limits(True, 32_000, files=0, visibilities=(Visibility.PUBLIC,)),
            "public, no files, 32,000 characters",
            "public, no files",
        ),
        (
            Limits(True, 300, files=0),
            "public, no files, 300 characters",
            "public, no files, 300 characters",
        ),
        (Limits(True, 1, "pages", files=0), "public, no files, 1 page", "public, no files, 1 page"),
        (Limits(True, files=None, file_bytes=25_000_000), "public, files up to 25 MB", "public"),
    ],
)
def test_limits_are_told_in_words(app: Flask, limits: Limits, words: str, short: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert in_words(limits, "public") == words
        assert in_short(limits, "public") == short


@pytest.mark.parametrize(
    ("text", "files", "limits", "said"),
    [
        ("ok", 0, Limits(True), ""),
        ("", 0, Limits(True), "empty"),
        ("ok", 0, Limits(), "only receives"),
        ("äö", 0, Limits(True, 3, "bytes"), "too long by 1"),
        ("a long letter", 0, Limits(True, 8, "pages"), ""),
        ("ok", 1, Limits(True), "no files"),
        ("ok", 2, Limits(True, files=None, file_bytes=3), "The files have 4 B"),
    ],
)
def test_what_is_too_much_is_objected_to(
    app: Flask, text: str, files: int, limits: Limits, said: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        words = objection(text, [2] * files, limits)
    assert said in words
    assert bool(said) == bool(words)
