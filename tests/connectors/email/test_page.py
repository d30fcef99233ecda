"""The HTML of an answer: how plain text is shown, and that nothing in it runs or loads."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from connectors.email.history import Quotation
from connectors.email.page import DEEPEST, Image, write_page
from connectors.email.plain import words_of

STYLE = re.compile(r' style="[^"]*"')


def shown(text, **changes):
    """What stands in the body, without its styles."""
    page = STYLE.sub("", write_page(text, **changes))
    return page.partition('dir="auto">')[2].removesuffix("</div></body></html>")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Guten Tag,\n\ngern.", "<p>Guten Tag,</p><p>gern.</p>"),
        ("a\nb", "<p>a<br>b</p>"),
        ("a\r\nb\rc", "<p>a<br>b<br>c</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("Bitte:\n* a\n* b\nDanke", "<p>Bitte:</p><ul><li>a</li><li>b</li></ul><p>Danke</p>"),
        ("Gruß\n- Mara", "<p>Gruß<br>- Mara</p>"),
        ("-5 °C\n-7 °C", "<p>-5 °C<br>-7 °C</p>"),
        ("- a\n* b", "<p>- a<br>* b</p>"),
        ("> ja\n>nein\ngut", '<blockquote type="cite"><p>ja<br>nein</p></blockquote><p>gut</p>'),
        (
            "> > a\n> b",
            '<blockquote type="cite"><blockquote type="cite"><p>a</p></blockquote>'
            "<p>b</p></blockquote>",
        ),
        ("a   b\n  c", "<p>a&nbsp;&nbsp; b<br>&nbsp;&nbsp;c</p>"),
        ("<b>&amp;\"'", "<p>&lt;b&gt;&amp;amp;\"'</p>"),
        ("\x00\x1b[1mx\x0b", "<p>[1mx</p>"),
    ],
)
def test_plain_text_is_shown_as_it_was_meant(text, html):
    assert shown(text) == html


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("siehe https://a.example/b?c=1&d=2.", ["https://a.example/b?c=1&d=2"]),
        ("www.kaffee.de und kaffee.de/ventil", ["http://www.kaffee.de", "http://kaffee.de/ventil"]),
        ("(service@kaffee.de)", ["mailto:service@kaffee.de"]),
        ("Bis morgen.Am Abend", []),
        ("README.md", []),
        ("javascript:alert(1) data:text/html,x file:///etc ftp://a.de", []),
        ('https://a.de/"onmouseover="x', ['https://a.de/"onmouseover="x']),
        (f"http://a.de/{'x' * 3000}", []),
    ],
)
def test_addresses_become_links(text, links):
    found = LexborHTMLParser(write_page(text)).css("a")
    assert [link.attributes for link in found] == [{"href": link} for link in links]


def test_a_picture_stands_where_the_text_mentions_it():
    images = {"Ventil [1].png": Image("1.x@example.org"), "b.png": Image("2.x@example.org", 640)}
    assert shown("Hier: [image: Ventil [1].png]\n[image: b.png] [image: c.png]", images=images) == (
        '<p>Hier: <img src="cid:1.x@example.org" alt="Ventil [1].png"><br>'
        '<img src="cid:2.x@example.org" alt="b.png" width="640"> [image: c.png]</p>'
    )


def test_a_picture_is_not_shown_again_where_it_is_only_quoted():
    quotation = Quotation("On Monday, Anna wrote:", "[image: b.png]")
    page = write_page("x", quotations=[quotation], images={"b.png": Image("2.x@example.org")})
    assert "<img" not in page


def test_the_signature_stands_apart():
    assert shown("Hallo", signature="Mara\n+49 30 1\n") == (
        '<p>Hallo</p><div class="signature">-- <br>Mara<br>+49 30 1<br></div>'
    )


@pytest.mark.parametrize(
    ("language", "lang"),
    [("de", "de"), ("de_AT", "de-AT"), ("", "en"), ('x" onload="y', "en")],
)
def test_the_page_says_its_language(language, lang):
    assert f'<html lang="{lang}">' in write_page("x", language=language)


def test_quotations_within_each_other_are_nested_only_so_far():
    page = write_page("\n".join(">" * depth + " x" for depth in range(1, 200)))
    assert LexborHTMLParser(page).css(" ".join(["blockquote"] * DEEPEST))
    assert not LexborHTMLParser(page).css(" ".join(["blockquote"] * (DEEPEST + 1)))


def test_the_style_is_written_into_the_elements_and_names_no_colour_of_text_or_paper():
    page = write_page("- a\n- b\n\n> c", signature="d")
    styles = " ".join(STYLE.findall(page))
    assert "<style" not in page and "margin" in styles
    assert not re.search(r"[\"; ](?:color|background)", styles)


HOSTILE = st.lists(
    st.sampled_from([
        "<script>x</script>", "<img src=http://x.example/p>", '"', "'", ">", "<", "&#106;", "\n",
        "javascript:x", "style=x", "url(http://x)", "http://x.example/", "[image: a]", "[image: ",
        "<!--", "-->", "]]>", "</style>", "</title>", "cid:", "//x.example", "\x00", "- ", "> ",
    ])
).map("".join)  # fmt: skip
ALLOWED = {
    "html", "head", "meta", "title", "body", "div", "p", "br", "ul", "li", "a", "img", "blockquote",
    "-doctype",
}  # fmt: skip


@given(st.one_of(st.text(), HOSTILE), st.one_of(st.text(), HOSTILE), st.text())
def test_nothing_runs_and_nothing_is_loaded_whatever_is_written(text, other, name):
    page = LexborHTMLParser(
        write_page(
            text, other, [Quotation(other, text)], other, {"a": Image("1@x"), name: Image("2@x")}
        )
    )
    for node in page.root.traverse(include_text=False):
        assert node.tag in ALLOWED
        assert not [one for one in node.attributes if one.startswith("on")]
        assert "url" not in (node.attributes.get("style") or "")
    assert all(one.attributes["src"].startswith("cid:") for one in page.css("img"))
    assert all(
        one.attributes["href"].startswith(("http://", "https://", "mailto:"))
        for one in page.css("a")
    )


@given(st.one_of(st.text(), HOSTILE))
def test_no_word_is_lost(text):
    kept = "".join(one for one in text if one.isalnum())
    assert kept in "".join(one for one in words_of(write_page(text)) if one.isalnum())
