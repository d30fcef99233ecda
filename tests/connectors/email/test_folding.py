"""History inside HTML mail is folded where it stands; what is new, or passed on, stays visible."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from connectors.email.folding import fold
from connectors.email.plain import words_of
from connectors.email.quotes import separate
from connectors.email.read import read_mail
from crm.intake.sanitise import sanitise

NEW = "Das Netzteil fehlt."
OLD = "Ihre Sendung ist unterwegs."
HEADERS = (
    "<b>Von:</b> Support &lt;support@example.org&gt;<br><b>Gesendet:</b> Montag, 3. Februar 2025 14:05"
    "<br><b>An:</b> Anna<br><b>Betreff:</b> AW: x"
)
WROTE = "Am 03.02.2025 um 14:05 schrieb Support &lt;support@example.org&gt;:"

PROGRAMS = {
    "gmail": f'<div dir="ltr">{NEW}</div><br><div class="gmail_quote gmail_quote_container">'
    f'<div dir="ltr" class="gmail_attr">Am Mo., 3. Feb. 2025 um 14:05 Uhr schrieb Support &lt;<a '
    f'href="mailto:s@example.org">s@example.org</a>&gt;:<br></div><blockquote class="gmail_quote" '
    f'style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)">{OLD}</blockquote></div>',
    "gmail in a language unknown": f'<div dir="ltr">{NEW}</div><div class="gmail_quote"><div '
    f'class="gmail_attr">Xyz abc</div><blockquote class="gmail_quote">{OLD}</blockquote></div>',
    "apple mail": f'<html><body>{NEW}<br><div><br><blockquote type="cite"><div>{WROTE}</div><br>'
    f"<div>{OLD}</div></blockquote></div></body></html>",
    "thunderbird": f'<p>{NEW}</p><div class="moz-cite-prefix">Am 03.02.25 um 14:05 schrieb Support:'
    f'<br></div><blockquote type="cite" cite="mid:a@b"><p>{OLD}</p></blockquote>',
    "outlook": f'<div class="WordSection1"><p class="MsoNormal">{NEW}</p><div><div style="border:none;'
    f'border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{HEADERS}</p>'
    f'</div></div><p class="MsoNormal">{OLD}</p></div>',
    "outlook on the web": f'<div class="elementToProof">{NEW}</div><div id="appendonsend"></div><hr '
    f'style="width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font>{HEADERS}</font></div>'
    f"<div>{OLD}</div>",
    "outlook on a telephone": f'<div>{NEW}</div><hr><div id="mail-editor-reference-message-container">'
    f"<div>{HEADERS}</div><div>{OLD}</div></div>",
    "yahoo": f'<div>{NEW}</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>Am Montag, 3. Februar '
    f"2025 um 14:05:12 MEZ hat Support &lt;s@example.org&gt; Folgendes geschrieben:</div><div>{OLD}"
    f"</div></div>",
    "yahoo in a language unknown": f'<div>{NEW}</div><div class="yahoo_quoted"><div>Xyz abc 3</div>'
    f"<div>{OLD}</div></div>",
    "proton": f'<div>{NEW}</div><div class="protonmail_quote">On Monday, February 3rd, 2025 at 14:05, '
    f'Support &lt;s@example.org&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">{OLD}'
    f"</blockquote></div>",
    "gmx, web.de": f'<div>{NEW}<div name="quote" style="margin:10px 5px 5px 10px;border-left:2px solid '
    f'#C3D9E5"><div><b>Gesendet:</b> Montag, 03. Februar 2025 um 14:05 Uhr<br><b>Von:</b> Support<br>'
    f'<b>An:</b> anna@example.com<br><b>Betreff:</b> x</div><div name="quoted-content">{OLD}</div></div>'
    f"</div>",
    "zimbra": f'<div>{NEW}</div><hr id="zwchr"><div><b>Von: </b>"Support" &lt;s@example.org&gt;<br><b>An: '
    f"</b>anna<br><b>Gesendet: </b>Montag<br><b>Betreff: </b>x<br></div><div>{OLD}</div>",
    "samsung": f"<p>{NEW}</p><div>-------- Ursprüngliche Nachricht --------</div><div>Von: Support</div>"
    f"<div>Datum: 03.02.25 14:05 (GMT+01:00)</div><div>An: anna</div><div>Betreff: x</div><p>{OLD}</p>",
    "yandex": f'<div>{NEW}</div><div>03.02.2025, 14:05, "Support" &lt;s@example.org&gt;:</div>'
    f"<blockquote><p>{OLD}</p></blockquote>",
    "zendesk": f"<p>{NEW}</p><div>##- Bitte geben Sie Ihre Antwort über dieser Zeile ein. -##</div>"
    f"<table><tr><td><p>{OLD}</p></td></tr></table>",
    "freshdesk": f'<div>{NEW}</div><div class="freshdesk_quote"><blockquote class="freshdesk_quote">On '
    f"Mon, 3 Feb at 2:05 PM , Support &lt;s@example.org&gt; wrote:<div>{OLD}</div></blockquote></div>",
    "front": f'<p>{NEW}</p><blockquote type="cite" class="front-blockquote">{WROTE}<br>{OLD}</blockquote>',
    "history in rows of a table": f"<table><tr><td>{NEW}</td></tr><tr><td>{WROTE}</td></tr><tr><td>{OLD}"
    f"</td></tr></table>",
}


def visible(html: str) -> str:
    """The words outside the folds."""
    page = LexborHTMLParser(html)
    for node in page.css("details"):
        node.decompose()
    return " ".join(page.body.text(separator=" ").split())


@pytest.mark.parametrize("html", PROGRAMS.values(), ids=PROGRAMS)
def test_the_history_of_each_program_is_folded(html):
    shown = visible(sanitise(fold(html, is_likely=True)))
    assert NEW in shown
    assert OLD not in shown


@pytest.mark.parametrize("html", PROGRAMS.values(), ids=PROGRAMS)
def test_the_words_of_an_html_mail_are_told_apart_like_those_of_a_text(html):
    parts = separate(words_of(html))
    assert (parts.text.split("\n")[0], OLD in parts.quoted) == (NEW, True)


@pytest.mark.parametrize("html", PROGRAMS.values(), ids=PROGRAMS)
def test_folding_takes_nothing_out_and_happens_once(html):
    folded = fold(html, is_likely=True)
    unfolded = re.sub(r"<details><summary>···</summary>|</details>", "", folded)
    assert unfolded == LexborHTMLParser(html).html
    assert fold(html, is_likely=True) == folded


@pytest.mark.parametrize("html", [h for name, h in PROGRAMS.items() if "quote" in h], ids=str)
def test_the_mark_of_a_program_is_reason_enough_to_look(html):
    assert "<details>" in fold(html)


def test_answers_between_the_quotations_stay_visible():
    html = (
        f'{WROTE}<blockquote type="cite">Was fehlt?</blockquote><div>{NEW}</div>'
        '<blockquote type="cite">Seit wann?</blockquote><div>Seit gestern.</div>'
    )
    assert visible(fold(html)) == f"{NEW} Seit gestern."


def test_answers_between_the_quotations_of_gmail_stay_visible():
    html = (
        f'<div class="gmail_quote"><div class="gmail_attr">{WROTE}</div>'
        f'<blockquote class="gmail_quote">Was fehlt?</blockquote><div>{NEW}</div>'
        '<blockquote class="gmail_quote">Seit wann?</blockquote><div>Seit gestern.</div></div>'
    )
    assert visible(fold(html)) == f"{NEW} Seit gestern."


def test_answers_stay_visible_below_an_attribution_nobody_knows():
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">Xyz abc</div>'
        f'<blockquote class="gmail_quote">Was fehlt?</blockquote><div>{NEW}</div></div>'
    )
    assert visible(fold(html)) == f"Xyz abc {NEW}"


def test_a_picture_between_the_quotations_is_an_answer():
    html = (
        f'<p>{NEW}</p><blockquote type="cite">Welches?</blockquote><img src="cid:a">'
        '<blockquote type="cite">Und sonst?</blockquote><p>Nichts.</p>'
    )
    assert "cid:a" in re.sub(r"(?s)<details>.*?</details>", "", fold(html))


def test_an_answer_below_the_history_stays_visible():
    html = f'<p>{WROTE}</p><blockquote type="cite">{OLD}</blockquote><p>{NEW}</p>'
    assert visible(fold(html)) == NEW


@pytest.mark.parametrize(
    "html",
    [
        f'<blockquote type="cite">{OLD}</blockquote>',
        f'<p>{WROTE}</p><blockquote type="cite">{OLD}</blockquote><div>Von meinem iPhone gesendet</div>',
        f'<img src="cid:photo"><p>{WROTE}</p><blockquote type="cite">{OLD}</blockquote>',
    ],
)
def test_where_nothing_new_remains_the_mail_is_left_as_it_came(html):
    assert fold(html, is_likely=True) == html


@pytest.mark.parametrize(
    "html",
    [
        f'<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
        f"Von: Anna<br></div>{OLD}</div>",
        f'<p>Zur Info</p><div class="moz-forward-container">-------- Weitergeleitete Nachricht --------'
        f'<blockquote type="cite">{OLD}</blockquote></div>',
        f'<p>FYI</p><div>Begin forwarded message:</div><blockquote type="cite">{OLD}</blockquote>',
        f'<p>FYI</p><div class="yahoo_quoted">----- Forwarded Message -----<br>From: Anna<br>{OLD}</div>',
    ],
)
def test_a_mail_that_is_passed_on_stays_visible(html):
    assert fold(html, is_likely=True) == html


def test_what_outlook_passes_on_is_known_by_the_subject():
    html = f"<p>Zur Info</p><div>{HEADERS}</div><p>{OLD}</p>"
    assert fold(html, "WG: Lieferung", is_likely=True) == html
    assert fold(html, "AW: Lieferung", is_likely=True) != html


@pytest.mark.parametrize(
    "html",
    [
        f'<p>{NEW}</p><blockquote style="margin:0 0 0 40px;border:none;padding:0px">{OLD}</blockquote>',
        f"<p>{NEW}</p><hr><p>{OLD}</p>",
        "<p>Guten Tag</p><table><tr><td>Von:</td><td>Köln</td></tr></table>",
        f"<p>{NEW}</p>",
        "",
        "<blockquote>",
    ],
)
def test_what_is_only_indented_or_ruled_off_is_no_history(html):
    assert fold(html, is_likely=True) == html


def test_pictures_of_the_writer_stay_and_those_of_the_history_fold():
    html = (
        f'<p>{NEW}</p><img src="cid:new"><div class="gmail_quote"><div>{WROTE}</div>'
        f'<blockquote class="gmail_quote">{OLD}<img src="cid:old"></blockquote></div>'
    )
    outside, inside = fold(html).split("<details>")
    assert ("cid:new" in outside, "cid:old" in inside) == (True, True)


def test_preformatted_history_is_folded():
    html = f'<p>{NEW}</p><blockquote type="cite"><pre>{OLD}\n\nund <a href="https://x.de">hier</a>\n</pre></blockquote>'
    assert visible(fold(html)) == NEW


def test_a_preformatted_text_that_is_partly_new_stays_visible():
    html = f"<pre>{NEW}\n\n&gt; {OLD}\n</pre>"
    assert fold(html, is_likely=True) == html


def test_a_mail_is_read_with_its_history_folded():
    mail = f"Subject: AW: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{PROGRAMS['outlook']}"
    read = read_mail(mail.encode(), "1", datetime(2025, 2, 3, tzinfo=UTC))
    assert (read.text, OLD in read.quoted, visible(read.html)) == (NEW, True, NEW)


def test_a_marked_signature_is_folded():
    html = f'<p>{NEW}</p><div class="moz-signature">-- <br>Anna Bauer<br>Tel. 0541 123456</div>'
    assert visible(fold(html, is_likely=True)) == NEW


PIECES = [
    "<p>", "</p>", "<div>", "</div>", "<blockquote type=cite>", "</blockquote>", "<br>", "<hr>", NEW,
    OLD, f"<div>{WROTE}</div>", HEADERS, "<div class=gmail_quote>", "<div class=yahoo_quoted>",
    "<table><tr><td>", "</td></tr></table>", "<ul><li>", "<pre>> a\nb\n", "</pre>", "<b>", "</b>",
    "<img src=cid:a>", "-- <br>Anna", "<!-- x -->", "<", "&gt; a<br>", "<template>", "<svg>", "<a",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=20).map("".join))
def test_whatever_comes_nothing_is_lost(html):
    folded = fold(html, is_likely=True)
    if folded != html:
        unfolded = re.sub(r"<details><summary>···</summary>|</details>", "", folded)
        assert unfolded == LexborHTMLParser(html).html


TRAPS = {
    "quotations": "a<blockquote>b</blockquote>" * 37_000,
    "deep quotations": "<blockquote type=cite>" * 150 + "x" * 900_000,
    "containers in containers": "<div class=yahoo_quoted>" * 180 + "<p>a</p>" * 120_000,
    "cells": "<table><tr>" + "<td>a<blockquote>b</blockquote></td>" * 27_000,
    "unclosed paragraphs": "<p>" * 333_000,
    "formats nobody closed": "<p>"
    + "".join(f"<font color={n}>" for n in range(150))
    + "<p>x" * 60_000,
    "open brackets": "<" * 1_000_000,
    "one attribute after the other": "<div " + 'a="b" ' * 160_000 + ">",
}


@pytest.mark.parametrize("html", TRAPS.values(), ids=TRAPS)
def test_a_megabyte_of_html_takes_less_than_two_seconds(html):
    begun = process_time()
    fold(html, is_likely=True)
    words_of(html)
    assert process_time() - begun < 2
