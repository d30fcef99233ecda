"""Foreign HTML: in a frame that runs nothing, asks nobody and belongs to nobody."""

from __future__ import annotations

from base64 import b64encode

from flask.testing import FlaskClient

from crm.channels.contract import File, FileUse
from crm.desk import Desk
from tests.inbox.arriving import arrive, conversation_of, mail, picture
from tests.inbox.conftest import read, texts

TABLE = "<table><tr><td>Brake pads</td><td>24</td></tr></table>"


def test_a_rich_mail_stands_in_a_frame_without_scripts(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail("Brake pads 24", html=TABLE))
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    frame = read(page).css_first("iframe")
    assert frame.attributes["src"] == f"/messages/{number}/html"
    assert "allow-scripts" not in frame.attributes["sandbox"]
    assert "allow-same-origin" not in frame.attributes["sandbox"]


def test_a_plain_mail_needs_no_frame(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail("Hello", html="<p>Hello</p>"))
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    assert read(page).css("iframe") == []
    assert texts(page, ".message-text") == ["Hello"]


def test_the_frame_has_a_policy_of_its_own(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail(html=TABLE))
    headers = client.get(f"/messages/{number}/html").headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "img-src data:" in policy
    assert any(part.startswith("sandbox") for part in policy)
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


def test_scripts_and_styles_of_others_do_not_reach_it(desk: Desk, client: FlaskClient) -> None:
    html = (
        f"<script>alert(1)</script><p onclick='x()' style='background:url(http://t)'>a</p>{TABLE}"
    )
    [number] = arrive(desk, mail(html=html))
    frame = client.get(f"/messages/{number}/html").text
    assert "alert" not in frame
    assert "onclick" not in frame
    assert "http://t" not in frame


def test_pictures_that_came_along_are_shown(desk: Desk, client: FlaskClient) -> None:
    logo = File("logo.png", "image/png", picture(), FileUse.INLINE, "logo@x")
    [number] = arrive(desk, mail(html=f'<img src="cid:logo@x" alt="logo">{TABLE}', files=(logo,)))
    frame = client.get(f"/messages/{number}/html").text
    assert f"data:image/png;base64,{b64encode(picture()).decode()}" in frame


def test_a_picture_that_did_not_come_along_is_left_empty(desk: Desk, client: FlaskClient) -> None:
    script = File("x.svg", "image/svg+xml", b"<svg/>", FileUse.INLINE, "x@x")
    html = f'<img src="cid:gone@x"><img src="cid:x@x">{TABLE}'
    [number] = arrive(desk, mail(html=html, files=(script,)))
    assert "data:" not in read(client.get(f"/messages/{number}/html")).css_first("body").html


def test_a_link_says_where_it_leads_and_opens_beside(desk: Desk, client: FlaskClient) -> None:
    html = f'<a href="https://evil.example/login" title="x">https://bank.example</a>{TABLE}'
    [number] = arrive(desk, mail(html=html))
    frame = read(client.get(f"/messages/{number}/html"))
    link = frame.css_first("a")
    assert link.attributes["title"] == "https://evil.example/login"
    assert link.attributes["target"] == "_blank"
    assert link.attributes["rel"] == "noopener noreferrer nofollow"
    assert frame.css_first(".leads").text() == "→ evil.example"


def test_folded_history_adds_nothing_to_the_height(desk: Desk, client: FlaskClient) -> None:
    rows = "<p>line</p>" * 40
    folded = f"<details><summary>History</summary>{rows}</details>"
    open_, closed = arrive(desk, mail("a", html=TABLE + rows), mail("a", html=TABLE + folded))
    page = read(client.get(f"/conversations/{conversation_of(desk, open_)}"))
    heights = [int(node.attributes["height"]) for node in page.css("iframe")]
    assert max(heights) > 500
    page = read(client.get(f"/conversations/{conversation_of(desk, closed)}"))
    assert min(int(node.attributes["height"]) for node in page.css("iframe")) < 200


def test_a_message_without_html_has_no_frame(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail())
    assert client.get(f"/messages/{number}/html").status_code == 404
    assert client.get("/messages/4711/html").status_code == 404
