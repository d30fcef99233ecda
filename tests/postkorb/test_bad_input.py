"""Bad input through the true pull: stored or skipped for all to see, and everything else goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.conversations.message import Message
from postkorb import config
from postkorb.__main__ import main
from postkorb.wiring import open_desk
from tests.servers.web import Reply, Web, serving

GOOD_MAIL = b"From: anna@example.org\r\nSubject: Battery\r\n\r\nIt does not charge.\r\n"
HEAD = b"From: bert@example.org\r\nSubject: Odd\r\n"
DIVS = b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000 + b"deep" + b"</div>" * 20_000
CUT_OFF = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nThe beginning\r\n"
    b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLj"
)
HTML = b"<!DOCTYPE html><html><body><h1>We are being repaired</h1></body></html>"


@dataclass
class Office:
    """A configured installation with a channel of every family, and its sources at hand."""

    folder: Path
    web: Web

    def mail(self, raw: bytes) -> None:
        name = f"{time.time_ns()}.test"
        (self.folder / "mail" / "new" / name).write_bytes(raw)

    def scan(self, name: str, content: bytes, text: bytes = b"") -> None:
        """A scan that nobody has touched for an hour, with its text beside it."""
        scan = self.folder / "scans" / name
        for path, written in ((scan, content), (scan.with_suffix(".txt"), text)):
            path.write_bytes(written)
            os.utime(path, (time.time() - 3600,) * 2)

    def feed(self, reply: Reply) -> None:
        self.web.answers("/feed", reply)

    def posts(self, *numbers: int) -> None:
        self.web.answers_json("/posts.json", {"latest_posts": [a_post(n) for n in numbers]})
        self.web.answers_json(f"/posts.json?before={min(numbers, default=0)}", {"latest_posts": []})

    def type_(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["--config", str(self.folder / "config.toml"), *words])

    def stored(self) -> list[Message]:
        with self._session() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))

    def channel(self, name: str) -> Channel:
        with self._session() as session:
            return session.scalars(select(Channel).where(Channel.name == name)).one()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        settings = config.load(self.folder / "config.toml")
        with open_desk(settings) as wired, wired.desk.reading() as session:
            yield session


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    for name in ("mail/new", "mail/cur", "mail/tmp", "scans"):
        (tmp_path / name).mkdir(parents=True)
    with serving() as web:
        (tmp_path / "config.toml").write_text(
            f'[company]\nname = "Lindenrad"\n[database]\nurl = "{database_url}"\n'
            f'[channels.blog]\nkind = "feed"\nurl = "{web.url}/feed"\n'
            f'[channels.forum]\nkind = "discourse"\nurl = "{web.url}"\nuser = "us"\nkey = "k"\n'
            '[channels.letters]\nkind = "scan_folder"\nfolder = "scans"\n'
            '[channels.mail]\nkind = "maildir"\npath = "mail"\naddresses = ["us@example.com"]\n'
        )
        web.answers_json("/session/current.json", {"current_user": {"username": "us"}})
        office = Office(tmp_path, web)
        office.feed(Reply(body=a_feed("News"), type="application/rss+xml"))
        office.posts()
        assert office.type_("init", "--name", "M", "--email", "m@example.com").exit_code == 0
        yield office


def a_feed(*titles: str) -> bytes:
    items = (
        f"<item><title>{title}</title><guid>{title}</guid><description>{title}</description></item>"
        for title in titles
    )
    document = f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>'
    return f'<?xml version="1.0"?>{document}'.encode()


def a_post(number: int) -> dict[str, Any]:
    return {
        "id": number, "username": "erika", "topic_id": 1, "raw": f"Post {number}",
        "cooked": f"<p>Post {number}</p>", "created_at": "2099-11-02T09:00:00.000Z",
    }  # fmt: skip


def a_picture() -> bytes:
    target = BytesIO()
    Image.new("L", (62, 88), 255).save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize(
    ("raw", "flag", "text"),
    [
        (lambda: HEAD + CUT_OFF, "truncated", "The beginning"),
        (lambda: b"", "no_headers", ""),
        (lambda: HEAD + DIVS, "html_left_out", "deep"),
        (lambda: HEAD + b"\r\n" + b"x" * 60_000_000, "too_large", ""),
    ],
    ids=["cut off", "of nothing", "20,000 nested divs", "60 MB"],
)
def test_a_mail_that_cannot_be_read_is_stored_with_a_flag_and_the_next_one_comes(
    office: Office, raw: Callable[[], bytes], flag: str, text: str
) -> None:
    office.mail(raw())
    office.mail(GOOD_MAIL)
    assert office.type_("pull").exit_code == 0
    _, odd, good = sorted(office.stored(), key=lambda message: message.channel_id or 0)
    assert (odd.text.strip(), list(odd.flags)) == (text, [flag])
    assert good.text == "It does not charge."


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "is empty"), (b"Dear Sir,\nthis is no picture.", "neither PDF, TIFF")],
    ids=["empty", "a text"],
)
def test_a_scan_that_is_none_lies_in_failed_with_the_reason_and_the_next_one_comes(
    office: Office, content: bytes, why: str
) -> None:
    office.scan("a.pdf", content, b"some words")
    office.scan("b.png", a_picture(), b"Guten Tag,\nhallo.")
    office.mail(GOOD_MAIL)
    assert office.type_("pull").exit_code == 0
    assert [message.text for message in office.stored()][1:] == [
        "Guten Tag,\n\nhallo.",
        "It does not charge.",
    ]
    assert why in (office.folder / "scans/failed/a.pdf.reason.txt").read_text("utf-8")


def test_ocr_text_in_another_encoding_is_read_and_flagged(office: Office) -> None:
    office.scan("a.png", a_picture(), "Guten Tag,\nschöne Grüße".encode("cp1252"))
    assert office.type_("pull", "letters").exit_code == 0
    [letter] = office.stored()
    assert (letter.text, letter.flags) == ("Guten Tag,\n\nschöne Grüße", {"charset": True})


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(body=HTML), "The answer is no RSS or Atom feed."),
        (Reply(body=b"%PDF-1.7 no feed at all"), "The answer is no RSS or Atom feed."),
        (Reply(500, HTML), "The server answered with an error."),
        (Reply(body=b"<rss>", cut=500), "The server did not answer completely."),
    ],
    ids=["a page", "no XML", "500", "answer cut off"],
)
def test_a_feed_that_is_none_fails_alone_and_comes_once_it_is_mended(
    office: Office, reply: Reply, error: str
) -> None:
    office.feed(reply)
    office.mail(GOOD_MAIL)
    said = office.type_("pull")
    assert (said.exit_code, f"blog: {error}" in said.output) == (1, True)
    assert office.channel("blog").error == error
    assert [message.text for message in office.stored()] == ["It does not charge."]
    office.feed(Reply(body=a_feed("News")))
    assert office.type_("pull").exit_code == 0
    assert office.channel("blog").error == ""
    assert len(office.stored()) == 2


def test_what_is_whole_of_a_feed_that_is_cut_off_is_stored(office: Office) -> None:
    whole = a_feed("First", "Second")
    office.feed(Reply(body=whole[: whole.rindex(b"Second")]))
    assert office.type_("pull", "blog").exit_code == 1
    assert "First" in [message.subject for message in office.stored()]
    office.feed(Reply(body=whole))
    assert office.type_("pull", "blog").exit_code == 0
    assert sorted(message.subject for message in office.stored()) == ["First", "Second"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(body=b'{"latest_posts": [{"id": 1, "raw": "Po'), "The answer is not JSON."),
        (Reply(body=HTML), "The answer is not JSON."),
        (Reply(500, HTML), "The server answered with an error."),
        (Reply(body=b'{"latest_posts": 7}'), "The answer is no list of posts."),
    ],
    ids=["cut off", "a page", "500", "other JSON"],
)
def test_a_forum_that_answers_nonsense_fails_alone_and_loses_no_post(
    office: Office, reply: Reply, error: str
) -> None:
    office.posts(1)
    assert office.type_("pull").exit_code == 0
    office.web.answers("/posts.json", reply)
    office.mail(GOOD_MAIL)
    said = office.type_("pull")
    assert (said.exit_code, f"forum: {error}" in said.output) == (1, True)
    assert "repaired" not in said.output
    assert office.stored()[-1].text == "It does not charge."
    office.posts(1, 2)
    assert office.type_("pull").exit_code == 0
    posts = [message.text for message in office.stored() if message.text.startswith("Post")]
    assert posts == ["Post 1", "Post 2"]


def test_posts_that_are_none_are_passed_over(office: Office) -> None:
    odd = [None, 7, {}, {"id": "1"}, {"id": 1, "raw": None, "cooked": 5, "created_at": "soon"}]
    office.web.answers_json("/posts.json", {"latest_posts": [*odd, a_post(3)]})
    assert office.type_("pull", "forum").exit_code == 0
    assert "Post 3" in [message.text for message in office.stored()]


def test_a_post_that_was_deleted_is_withheld_and_the_others_stay(office: Office) -> None:
    office.posts(1, 2)
    office.type_("pull", "forum")
    office.posts(2)
    assert office.type_("pull", "forum").exit_code == 0
    one, other = office.stored()
    assert (one.withheld_at is not None, other.withheld_at) == (True, None)
