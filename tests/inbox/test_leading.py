"""Links: whoever reads one sees where it leads, whatever its words say."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.intake.sanitise import sanitise
from inbox.showing.leading import elsewhere, host_of, with_addresses
from inbox.showing.linkify import linkify


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://shop.example/x?y=//bank.example", "shop.example"),
        ("HTTPS://SHOP.example:8443/", "shop.example"),
        ("https://bank.example@evil.example/", "evil.example"),
        ("https://bank.example:secret@evil.example/", "evil.example"),
        ("https://evil.example\\@bank.example/", "evil.example"),
        ("https:evil.example", "evil.example"),
        ("https:///evil.example", "evil.example"),
        ("https:\\\\evil.example\\bank.example", "evil.example"),
        ("https://ev\til.example", "evil.example"),
        ("https://%65vil.example", "evil.example"),
        ("https://evil.example?@bank.example", "evil.example"),
        ("https://evil.example#@bank.example", "evil.example"),
        ("https://m\N{LATIN SMALL LETTER U WITH DIAERESIS}ller.example", "xn--mller-kva.example"),
        ("https://xn--mller-kva.example", "xn--mller-kva.example"),
        ("https://[::1]:80/", "[::1]"),
        ("https://192.0.2.7/bank.example", "192.0.2.7"),
        ("mailto:Anna%20B%40x@evil.example?cc=a@bank.example", "evil.example"),
        ("https://", ""),
        ("", ""),
    ],
)
def test_a_host_is_the_one_a_browser_asks(url: str, host: str) -> None:
    assert host_of(url) == host


BANK = "https://www.bank.example/login"


@pytest.mark.parametrize(
    ("words", "url", "shown"),
    [
        ("click here", "https://evil.example/", ""),
        ("https://www.bank.example/login", BANK, ""),
        ("bank.example", BANK, ""),
        ("www.bank.example", "https://login.bank.example", ""),
        ("Bank.Example", BANK, ""),
        ("info@bank.example", "mailto:info@bank.example?subject=x", ""),
        ("Dear sir, e.g. this", BANK, ""),
        ("http://bank.example:8080/", "http://bank.example:8080/", ""),
        ("https://bank.example", "https://evil.example", "evil.example"),
        ("bank\u200b.exa\u00admple", "https://evil.example", "evil.example"),
        ("bank\u2024example", "https://evil.example", "evil.example"),
        ("bank\u3002example", "https://evil.example", "evil.example"),
        ("\u202eelpmaxe.knab\u202c", "https://evil.example", "evil.example"),
        ("\u201ebank.example\u201c", "https://evil.example", "evil.example"),
        ("\u2192bank.example", "https://evil.example", "evil.example"),
        ("bank.example/login", "https://bank.example.evil.example", "bank.example.evil.example"),
        ("bank.example", "https://bank.example@evil.example/", "evil.example"),
        (
            "https://bank.example@evil.example/",
            "https://bank.example@evil.example/",
            "evil.example",
        ),
        ("bank.example", "https://notbank.example", "notbank.example"),
        ("Visit www.bank.example now.", "https://evil.example/?bank.example", "evil.example"),
        ("(https://bank.example)", "https://evil.example", "evil.example"),
        ("info@bank.example", "mailto:info@evil.example", "evil.example"),
        ("info@bank.example", "https://evil.example", "evil.example"),
        ("\N{CYRILLIC SMALL LETTER A}pple.com", "https://xn--pple-43d.com", "xn--pple-43d.com"),
        (
            "\N{CYRILLIC SMALL LETTER A}pple.com",
            "https://\N{CYRILLIC SMALL LETTER A}pple.com",
            "xn--pple-43d.com",
        ),
        ("bank.example", "https://192.0.2.7", "192.0.2.7"),
    ],
)
def test_words_that_name_another_host_are_corrected(words: str, url: str, shown: str) -> None:
    assert elsewhere(words, url) == shown


def test_the_correction_stands_after_the_link_also_where_its_words_are_split() -> None:
    html = '<a href="https://evil.example/?a=1&amp;b=%22"><b>https://bank</b>.example</a>'
    shown = with_addresses(sanitise(html))
    assert shown.endswith('</a><span class="leads">→ evil.example</span>')
    assert 'title="https://evil.example/?a=1&amp;b=%22"' in shown


@pytest.mark.parametrize(
    ("style", "is_told"),
    [
        ("display:none", True),
        ("visibility: hidden", True),
        ("font-size:0", True),
        ("font-size:0.5px;color:red", True),
        ("font-size:10px", False),
        ("font-size:0.9em", False),
        ("color:red", False),
    ],
)
def test_words_of_a_link_that_nobody_sees_vouch_for_nothing(style: str, is_told: bool) -> None:
    words = f'bank.<span style="{style}">evil.</span>example'
    html = f'<a href="https://bank.evil.example/">{words}</a>'
    assert ("→ bank.evil.example" in with_addresses(sanitise(html))) is is_told


def test_a_link_cannot_choose_its_own_title() -> None:
    html = '<a title="https://bank.example" href="https://evil.example/">a</a>'
    shown = with_addresses(sanitise(html))
    assert re.findall(r'title="([^"]*)"', shown) == ["https://evil.example/"]


def test_only_links_to_the_web_open_beside() -> None:
    shown = with_addresses(sanitise('<a href="mailto:a@b.example">a</a><a>b</a>'))
    assert "target" not in shown


def test_an_address_in_plain_text_that_deceives_is_corrected_too() -> None:
    assert "→ evil.example" in linkify("see https://bank.example@evil.example/login")
    assert "→" not in linkify("see https://bank.example/login and www.bank.example")


@given(st.text(), st.text(max_size=40))
def test_whatever_a_link_says_stays_text(words: str, url: str) -> None:
    html = sanitise(f'<a href="https://{url}">{words}</a>')
    shown = re.sub(r"</?(a|span)( [^<>]*)?>", "", with_addresses(html))
    assert shown.count("<") == re.sub(r"</?a( [^<>]*)?>", "", html).count("<")


@pytest.mark.parametrize(
    "piece", ["https://a.b/", "http://a/(((((", "a.de ", "www.", "a@", '<a href="x">']
)
def test_a_long_text_is_searched_for_links_in_no_time(piece: str) -> None:
    begun = time.process_time()
    linkify(piece * (200_000 // len(piece)))
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("words", ["https://b.example/ ", "a.b", "@", "//", "x.y@"])
def test_two_thousand_links_are_shown_in_no_time(words: str) -> None:
    html = f'<a href="https://a.example/">{words * (400 // len(words))}</a>' * 2_000
    begun = time.process_time()
    with_addresses(html)
    assert time.process_time() - begun < 2
