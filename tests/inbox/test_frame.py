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


def test_pictures_from_outside_are_held_back_and_it_is_said(
    desk: Desk, client: FlaskClient
) -> None:
    [number] = arrive(desk, mail(html=f'<img src="https://tracker.example/p.gif">{TABLE}'))
    page = client.get(f"/conversations/{conversation_of(desk, number)}")
    assert "Pictures from outside are held back" in texts(page, ".message-foot")[0]
    assert "tracker.example" not in client.get(f"/messages/{number}/html").text


def test_a_message_without_html_has_no_frame(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail())
    assert client.get(f"/messages/{number}/html").status_code == 404
    assert client.get("/messages/4711/html").status_code == 404
