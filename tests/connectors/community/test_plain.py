"""The plain words of a post."""

from __future__ import annotations

from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.community.plain import plain_text, readable


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("just words", "just words"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One</p>after", "One\n\nafter"),
        ("One<br>Two<div>Three</div>", "One\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<p>spaced \n out</p>", "spaced out"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ('Hi <img src="x.png" alt=":smile:">', "Hi :smile:"),
        ("a<script>alert(1)</script><style>p{}</style><!-- no -->b", "ab"),
        ("Fish &amp; chips &lt;3", "Fish & chips <3"),
    ],
)
def test_html_says(html, text):
    assert plain_text(html) == text


def test_nesting_without_reason_costs_no_time():
    began = monotonic()
    assert plain_text("<div>" * 500_000 + "words") == "words"
    assert monotonic() - began < 5


@given(st.text(st.characters()))
def test_any_text_gives_words_that_can_be_stored(html):
    text = plain_text(html)
    assert "\0" not in text
    text.encode()


def test_halves_of_characters_are_replaced():
    assert readable("a\ud800b\0") == "a\N{REPLACEMENT CHARACTER}b"
