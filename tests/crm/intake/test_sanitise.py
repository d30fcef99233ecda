"""HTML of others: nothing of it runs, loads or takes long, and what it says stays readable."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crm.intake.sanitise import LONGEST, is_rich, sanitise
from tests.crm.conftest import Mailbox, mail

SECONDS = 2.0
"""What an input of up to 1 MB may take of the processor."""
LOADED = {"src", "href", "style"}
"""The attributes that may stay and could name something to load."""


@pytest.mark.parametrize(
    ("attack", "left"),
    [
        ("<script>alert(1)</script>a", "a"),
        ("<scr<script>x</script>ipt>alert(1)</script>a", "xipt&gt;alert(1)a"),
        ("<p onclick=x() onmouseover='x()'>a", "<p>a</p>"),
        ("<p/onclick='x()'/style=color:red>a", '<p style="color:red">a</p>'),
        ("<style>@import 'http://t'</style>a", "a"),
        ("<link rel=stylesheet href=http://t>a", "a"),
        ("<meta http-equiv=refresh content='0;url=http://t'>a", "a"),
        ("<base href=http://t>a", "a"),
        ("<title>http://t</title>a", "a"),
        ("<form action=http://t><input name=p><button>Go</button></form>a", "Goa"),
        ("<input type=image src=http://t>a", "a"),
        ("<image src=http://t>a", "a"),
        ("<iframe src=http://t srcdoc='<p>'>x</iframe>a", "a"),
        ("<frameset><frame src=http://t></frameset>a", "a"),
        ("<object data=http://t><embed src=http://t>x</object>a", "xa"),
        ("<svg><image href=http://t /><use href=http://t /></svg>a", "a"),
        ("<svg><style>p{background:url(http://t)}</style></svg>a", "a"),
        ("<math><mtext><img src=x onerror=x()></mtext></math>a", "<img>a"),
        ("<math href=javascript:x()>a", "a"),
        ("<video src=http://t poster=http://t><source src=http://t></video>a", "a"),
        ("<audio src=http://t autoplay></audio>a", "a"),
        ("<img srcset='http://t 2x' src='https://a/b.png' sizes=1>", '<img src="https://a/b.png">'),
        ("<picture><source srcset=http://t></picture>a", "a"),
        ("<table background=http://t><tr><td background=http://t>a", None),
        ("<body background=http://t bgcolor=red onload=x()>a", "a"),
        ("<img src=data:image/svg+xml,x>", "<img>"),
        ("<img src='javascript:x()' lowsrc=http://t dynsrc=http://t>", "<img>"),
        ("<img src=/attachments/1>", "<img>"),
        ("<img src='\\\\host\\x'>", "<img>"),
        ("<img src=//host/x>", '<img src="https://host/x">'),
        ("<img src=' HTTPS://host/x'>", '<img src="https://host/x">'),
        ("<img usemap=#m src=cid:a@b><map name=m><area href=http://t></map>", None),
        ("<p id=a class=b name=c>a", "<p>a</p>"),
        ("<p style='position:fixed;top:0;z-index:9;color:red'>a", '<p style="color:red">a</p>'),
        ("<p style='background:url(http://t)'>a", '<p style="">a</p>'),
        ("<p style='background:\\75\\72\\6C(http://t)'>a", '<p style="">a</p>'),
        (
            "<p style='background:#c00;color:#fff'>a",
            '<p style="background-color:#c00;color:#fff">a</p>',
        ),
        ("<p style='BACKGROUND: Navy !important'>a", '<p style="background-color:Navy">a</p>'),
        (
            "<p style='background:rgb(1, 2, 3) url(http://t) no-repeat'>a",
            '<p style="background-color:rgb(1, 2, 3)">a</p>',
        ),
        (
            "<p style='background:url(http://t#fff) #c00'>a",
            '<p style="background-color:#c00">a</p>',
        ),
        ("<p style='color:u\\72l(http://t);width:1px'>a", '<p style="width:1px">a</p>'),
        ("<p style='background-image:url(&quot;a;b&quot;)'>a", '<p style="">a</p>'),
        ("<p style='list-style:url(http://t);cursor:url(http://t),auto'>a", '<p style="">a</p>'),
        ("<p style='content:url(http://t);filter:url(http://t)'>a", '<p style="">a</p>'),
        ("<p style='border-image:url(http://t) 1;mask:url(http://t)'>a", '<p style="">a</p>'),
        ("<p style='border:image-set(\"http://t\" 1x);color:red'>a", '<p style="color:red">a</p>'),
        ("<p style='color:u/**/rl(http://t)'>a", '<p style="">a</p>'),
        ("<p style='width:expression(x());behavior:url(x)'>a", '<p style="">a</p>'),
        ("<p style='-moz-binding:url(http://t);--x:url(http://t)'>a", '<p style="">a</p>'),
        ("<p style='color:red!important'>a", '<p style="color:red ! important">a</p>'),
        ("<!--[if mso]><img src=http://t><![endif]-->a", "a"),
        ("<!--><script>x()</script>-->a", "--&gt;a"),
        ("<![CDATA[<script>x()</script>]]>a", "x()]]&gt;a"),
        ("<noscript><p title='</noscript><img src=x onerror=x()>'>a", None),
        ("<xmp><p title='</xmp><img src=x onerror=x()>'></xmp>a", None),
        ("<template><script>x()</script><p>a</template>", "<p>a</p>"),
        ("<select><option>a</select><textarea><b>c</textarea>", "a<b>c</b>"),
        ("<plaintext>a<b>c", "a<b>c</b>"),
    ],
)
def test_an_attack_comes_to_nothing(attack: str, left: str | None) -> None:
    clean = sanitise(attack)
    _is_harmless(clean)
    assert left is None or clean == left


@pytest.mark.parametrize(
    "address",
    [
        "javascript:x()",
        " jAvAsCrIpT:x()",
        "java\nscript:x()",
        "&#106;avascript:x()",
        "\x01javascript:x()",
        "vbscript:x()",
        "data:text/html,<script>x()</script>",
        "file:///etc/passwd",
        "blob:x",
        "/settings",
        "settings",
        "#a",
        "?x",
        "",
    ],
)
def test_a_link_that_is_none_to_the_outside_leads_nowhere(address: str) -> None:
    link = LexborHTMLParser(sanitise(f'<a href="{address}">a</a>')).css_first("a")
    assert "href" not in link.attributes


def test_a_link_to_the_outside_stays_and_tells_nothing_of_us() -> None:
    clean = sanitise('<a href="HTTPS://a.example/?b=1&amp;c" target=x ping=http://t>a</a>')
    rel = 'rel="noopener noreferrer nofollow"'
    assert clean == f'<a href="https://a.example/?b=1&amp;c" {rel}>a</a>'


@pytest.mark.parametrize(
    ("written", "ordered"),
    [
        ("<p>a<div>b</div>c", "<p>a</p><div>b</div>c"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", None),
        ("<table><tr><td>1<td>2<tr><td>3</table>", None),
        ("<table>a<tr><td>1</table>", None),
        ("<td>cell", "cell"),
        ("<b><i>a</b>c</i>", "<b><i>a</i></b>c"),
        ("a < b & c &nbsp d &euro; &nothing;", "a &lt; b &amp; c &nbsp; d € &amp;nothing;"),
        ("<details open><summary>On Monday</summary><blockquote>a</blockquote></details>", None),
        ("<pre>\n\n a</pre>", "<pre>\n\n a</pre>"),
    ],
)
def test_sloppy_html_keeps_its_words_and_comes_out_in_order(
    written: str, ordered: str | None
) -> None:
    clean = sanitise(written)
    assert ordered is None or clean == ordered
    assert _words(clean) == _words(written.replace("&nothing;", "&amp;nothing;"))


def test_quotes_folded_away_stay_foldable() -> None:
    folded = "<details><summary>History</summary><blockquote>a</blockquote></details>"
    assert sanitise(folded) == folded


@pytest.mark.parametrize(
    ("html", "rich"),
    [
        ("<p>a <b>b</b></p>", False),
        ("<table><tr><td>a</table>", True),
        ("<img src=cid:a>", True),
        ('<a href="https://a.example/x">here</a>', True),
        ('<a href="https://evil.example">https://bank.example</a>', True),
        ('<a href="https://a.example/">www.a.example</a>', False),
        ('<a title=x href="https://www.a.example/"><b>a.example</b></a>', False),
        ('<a href="mailto:info@a.example?subject=x">info@A.example</a>', False),
        ('a<details><summary>b</summary><a href="https://a.example">c</a></details>', False),
    ],
)
def test_a_form_that_says_more_than_the_words_is_shown(html: str, rich: bool) -> None:
    assert is_rich(sanitise(html)) is rich


MEGABYTE = 1_000_000


def _filled(piece: str, before: str = "") -> str:
    return before + piece * ((MEGABYTE - len(before)) // len(piece))


_FONTS = "".join(f"<font color=#{number:06x}>" for number in range(190))
_DIVS = "<div>" * 195

BOMBS = {
    "nested blocks": _filled("<div>"),
    "20,000 nested blocks": "<div>" * 20_000,
    "nested bold": _filled("<b>"),
    "nested fonts": "".join(f"<font color=#{number:06x}>" for number in range(50_000)),
    "nested tables": _filled("<table><tr><td>"),
    "nested lists": _filled("<ul><li>"),
    "open links": _filled("<a href=x>"),
    "open paragraphs": _filled("<p>"),
    "open entries, deep": _filled("<li>", _DIVS),
    "open cells": _filled("<td>", "<table>" + _DIVS),
    "open fonts before paragraphs": _filled("<p>x", _FONTS),
    "open fonts in paragraphs": _filled("</p><p>x", "<p>" + _FONTS),
    "closed crosswise": _filled("<b><i></b></i>"),
    "closed and never open": _filled("</b>", "<b><table><td>" + _DIVS[:900]),
    "closed in comments": _filled("<div><!--</div>-->"),
    "text in tables": _filled("x<b></b>", "<table>"),
    "100,000 attributes": "<p " + " ".join(f"a{n}" for n in range(100_000)) + ">x",
    "many attributes often": _filled("<p " + " ".join(f"a{n}=1" for n in range(120)) + ">x"),
    "signs of tags": "<" * MEGABYTE,
    "2,000 links": '<a href="https://a.example/">https://b.example/</a> ' * 2_000,
    "a style without an end": '<p style="' + "color:red;" * 99_000 + '">x',
    "brackets in styles": _filled('<p style="' + "(" * 500 + '">x'),
    "ampersands": "&" * MEGABYTE,
    "escaped ampersands": _filled("&amp;"),
    "blanks that do not break": "x" + "\N{NO-BREAK SPACE}" * (MEGABYTE - 1),
    "names of no character": _filled("&a;"),
    "names without an end": _filled("&nbsp"),
    "ampersands in attributes": _filled('<p title="' + "&" * 900 + '">x'),
    "quotes without an end": _filled("<a b='"),
    "signs of equality": _filled("= ", "<a "),
    "comments without an end": _filled("<!--"),
    "scripts without an end": _filled("<script>"),
    "drawings": _filled("<svg><g>"),
    "choices": _filled("<select><option>"),
    "flat elements": _filled("<i>x</i>"),
    "white space": " " * (MEGABYTE - 1) + "x",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_no_megabyte_takes_longer_than_two_seconds_of_the_processor(bomb: str) -> None:
    begun = time.process_time()
    clean = sanitise(bomb)
    assert time.process_time() - begun < SECONDS
    assert len(clean) <= LONGEST


def test_what_is_too_deep_or_too_long_falls_back_to_its_words(mailbox: Mailbox) -> None:
    deep = mail(text="deep", html="<div>" * 20_000 + "deep")
    long = mail(text="long", html="<p>x</p>" * 200_000)
    mailbox.receives(deep, long)
    shown = [(m.text, m.html, m.flags.get("html_left_out")) for m in mailbox.messages()]
    assert shown == [("deep", "", True), ("long", "", True)]


_WRITTEN = """
    <p> </p> <b> </b> <table> </table> <tr> <td> </td> <th> <caption> <col> <colgroup> <tbody>
    <pre> &amp; &lt; &#13; &nbsp &x; <a¬href="https://a.example/?a=1&b=2"> </a> <ul> <li> </ul> <dl>
    <dd> <h1> <h2> <!-- --> <svg> </svg> <style> </style> <script> </script> <details> <summary>
    <img¬src=//t> <img¬src=x¬onerror=y> <br> </br> <div¬style="background:url(http://t);color:red">
    <div¬style='color:\\75rl(x);width:1px'> </div> < > " ' = / <ruby> <rt> <select> <option> <math>
    <mi> <font¬color=red> <body> <head> <title> <form> <input¬type=image¬src=//t> <textarea>
    <noscript> <template> <plaintext> <image¬src=//t> <![CDATA[ ]]> <? <x:y> <tfoot> \\ ¬"""
_PIECES = st.sampled_from(_WRITTEN.split()).map(lambda piece: piece.replace("¬", " "))
_HTML = st.lists(st.one_of(_PIECES, st.text(max_size=4)), max_size=30).map("".join)


@settings(max_examples=400, deadline=None)
@given(_HTML)
def test_whatever_comes_nothing_of_it_runs_or_loads(html: str) -> None:
    _is_harmless(sanitise(html))


@settings(max_examples=400, deadline=None)
@given(_HTML)
def test_sanitising_twice_changes_nothing(html: str) -> None:
    clean = sanitise(html)
    assert sanitise(clean) == clean


@settings(max_examples=30, deadline=None)
@given(st.lists(_PIECES, min_size=1, max_size=6).map("".join), st.sampled_from(["", _FONTS, _DIVS]))
def test_whatever_is_repeated_takes_its_time_and_no_more(piece: str, before: str) -> None:
    begun = time.process_time()
    sanitise(_filled(piece, before))
    assert time.process_time() - begun < SECONDS


def _is_harmless(clean: str) -> None:
    """Nothing that runs, and no address but of links and of pictures that the frame holds back."""
    for node in LexborHTMLParser(clean).css("body *"):
        assert node.tag not in {"script", "style", "svg", "math", "iframe", "form", "input", "link"}
        for name, value in node.attributes.items():
            assert not name.startswith("on")
            assert name not in {"id", "class", "name", "srcset", "background", "poster"}
            if name in LOADED:
                _leads_well(node.tag, name, value or "")


def _leads_well(tag: str, name: str, value: str) -> None:
    if name == "style":
        assert "url(" not in value.lower()
        assert "\\" not in value
        assert "position" not in value
    elif name == "src":
        assert tag == "img"
        assert value.startswith(("http://", "https://", "http:", "https:", "cid:"))
    else:
        assert tag == "a"
        assert value.startswith(("http:", "https:", "mailto:"))


def _words(html: str) -> list[str]:
    body = LexborHTMLParser(f"<body>{html}").body
    return body.text(separator=" ").split() if body else []
