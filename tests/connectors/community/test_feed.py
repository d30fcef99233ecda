"""What a feed brings, and what it does not."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.community.feed import CUT_OFF, Feed, FeedSettings
from connectors.community.feed_document import NotAFeed, read_feed
from crm.channels.contract import (
    Address,
    Change,
    Connector,
    IdentityKind,
    Misconfigured,
    Outgoing,
    Rejected,
    Site,
    Temporary,
    Visibility,
)
from tests.servers.web import Reply, serving

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def item(title="Question", guid="", link="", text="Hello", date="Mon, 02 Nov 2026 10:00:00 +0100"):
    return (
        f"<item><title>{title}</title><pubDate>{date}</pubDate><description>{text}</description>"
        + (f'<guid isPermaLink="false">{guid}</guid>' if guid else "")
        + (f"<link>{link}</link>" if link else "")
        + "</item>"
    )


def rss(*items):
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>Blog</title>{''.join(items)}</channel></rss>"
    ).encode("utf-8", "replace")


class Source:
    """A feed and how far it has been read."""

    def __init__(self, web):
        self.web, self.cursor, self.url = web, None, web.url + "/feed"

    def shows(self, document, type="application/rss+xml", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.web.answers("/feed", Reply(body=document, type=type, headers=named))

    def pull(self, since=LONG_AGO):
        messages = []
        for batch in Feed(FeedSettings(url=self.url), Site("Us")).pull(self.cursor, since):
            messages += batch.messages
            self.cursor = json.loads(json.dumps(batch.cursor))
        return messages


@pytest.fixture
def source():
    with serving() as web:
        yield Source(web)


def test_a_feed_keeps_the_contract():
    assert isinstance(Feed(FeedSettings(url="https://blog.example/feed"), Site("Us")), Connector)


@pytest.mark.parametrize(
    "url", ["blog.example/feed", "ftp://blog.example/", "https://", "http://a b/"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValidationError, match="https://"):
        FeedSettings(url=url)


def test_an_entry_is_a_public_message_with_its_author_and_address(source):
    source.shows(
        b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Forum</title><entry>
        <id>tag:1</id><title>Delivery late</title><link href="https://blog.example/1"/>
        <author><name>Erika Muster</name></author><published>2026-11-02T09:00:00Z</published>
        <content type="html">&lt;p&gt;Where is &lt;b&gt;it&lt;/b&gt;?&lt;/p&gt;&lt;p&gt;Erika&lt;/p&gt;
        </content></entry></feed>"""
    )
    [message] = source.pull()
    assert message.remote_id == message.remote_thread == "tag:1"
    assert message.sender.name == "Erika Muster"
    assert message.sender.address == Address(IdentityKind.HANDLE, "Erika Muster", "127.0.0.1")
    assert message.visibility is Visibility.PUBLIC
    assert message.permalink == "https://blog.example/1"
    assert message.subject == "Delivery late"
    assert message.text == "Where is it?\n\nErika"
    assert "<b>it</b>" in message.html
    assert message.at == message.dated == datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_an_entry_without_an_author_has_no_sender(source):
    source.shows(rss(item(guid="1")))
    [message] = source.pull()
    assert message.sender.address is None


def test_a_second_pull_brings_nothing(source):
    source.shows(rss(item(guid="1"), item(link="https://blog.example/2"), item("Neither")))
    assert len(source.pull()) == 3
    assert source.pull() == []


def test_the_server_is_told_what_we_already_have(source):
    source.shows(rss(item(guid="1")), ETag='"v1"', Last_Modified="Mon, 02 Nov 2026 09:00:00 GMT")
    source.pull()
    source.web.answers("/feed", Reply(304))
    assert source.pull() == []
    assert source.web.requests[-1].headers["if-none-match"] == '"v1"'


def test_marks_are_kept_only_when_everything_is_stored(source):
    source.shows(rss(*(item(guid=str(n)) for n in range(150))), ETag='"v1"')
    batches = list(Feed(FeedSettings(url=source.url), Site("Us")).pull(None, LONG_AGO))
    assert [len(batch.messages) for batch in batches] == [100, 50, 0]
    assert ["etag" in batch.cursor for batch in batches] == [False, False, True]


def test_a_pull_that_died_between_batches_brings_the_rest(source):
    source.shows(rss(*(item(guid=str(n)) for n in range(150))), ETag='"v1"')
    pull = Feed(FeedSettings(url=source.url), Site("Us")).pull(None, LONG_AGO)
    first = next(pull)
    source.cursor = first.cursor
    rest = source.pull()
    assert {m.remote_id for m in first.messages} | {m.remote_id for m in rest} == {
        str(n) for n in range(150)
    }
    assert len(rest) == 50


def test_entries_older_than_the_first_connection_asked_for_never_come(source):
    old = item(guid="old", date="Mon, 05 Jan 2026 10:00:00 +0000")
    source.shows(rss(old, item(guid="new")))
    assert [m.remote_id for m in source.pull(datetime(2026, 10, 1, tzinfo=UTC))] == ["new"]
    source.shows(rss(old.replace("Hello", "Edited"), item(guid="new")))
    assert source.pull(datetime(2026, 10, 1, tzinfo=UTC)) == []


def test_a_late_entry_between_known_ones_is_new(source):
    source.shows(rss(item(guid="1"), item(guid="3")))
    source.pull()
    source.shows(rss(item(guid="1"), item(guid="2"), item(guid="3")))
    assert [m.remote_id for m in source.pull()] == ["2"]


def test_one_guid_on_many_entries_loses_none(source):
    source.shows(rss(*(item(f"{n}", "same", f"https://blog.example/{n}") for n in range(10))))
    assert len({m.remote_id for m in source.pull()}) == 10
    assert source.pull() == []


def test_changed_content_is_an_edit(source):
    source.shows(rss(item(guid="1", text="First")))
    source.pull()
    source.shows(rss(item(guid="1", text="Second")))
    [message] = source.pull()
    assert (message.change, message.remote_id, message.text) == (Change.EDITED, "1", "Second")


def test_a_guid_that_follows_the_headline_is_an_edit_of_the_same_entry(source):
    source.shows(rss(item("Old", "old-title", "https://blog.example/1")))
    source.pull()
    source.shows(rss(item("New", "new-title", "https://blog.example/1")))
    [message] = source.pull()
    assert (message.change, message.remote_id) == (Change.EDITED, "old-title")
    assert source.pull() == []


def test_a_moved_date_is_no_edit(source):
    source.shows(rss(item(guid="1")))
    source.pull()
    source.shows(rss(item(guid="1", date="Tue, 03 Nov 2026 10:00:00 +0100")))
    assert source.pull() == []


def test_what_is_gone_from_the_feed_is_not_deleted(source):
    source.shows(rss(item(guid="1"), item(guid="2")))
    source.pull()
    source.shows(rss(item(guid="2")))
    assert source.pull() == []
    assert list(source.cursor["entries"]) == ["2"]


@pytest.mark.parametrize("date", ["", "gestern", "Fri, 00 Jan 0000 00:00:00 GMT", "future"])
def test_a_date_that_cannot_be_is_the_time_of_the_pull(source, date):
    if date == "future":
        date = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    source.shows(rss(item(guid="1", date=date)))
    before = datetime.now(UTC)
    [message] = source.pull()
    assert before <= message.at <= datetime.now(UTC)
    assert message.flags == ("date",)


def test_a_feed_cut_off_gives_what_is_whole_and_says_so(source):
    whole = rss(item(guid="1"), item(guid="2"), item(guid="3", text="It was a dark and"))
    source.shows(whole[: whole.index(b"dark")], ETag='"cut"')
    with pytest.raises(Temporary, match=CUT_OFF):
        source.pull()
    assert list(source.cursor["entries"]) == ["1", "2"]
    source.shows(whole)
    assert [m.remote_id for m in source.pull()] == ["3"]
    assert "if-none-match" not in source.web.requests[-1].headers


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty answer"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "JSON"),
        (b"<html><body>Back soon</body></html>", "a page of HTML"),
        (b'<!doctype html><link type="application/rss+xml" href="/feed.xml">', "/feed.xml"),
        (b"\x00\xff\xfe rubbish", "neither RSS nor Atom"),
    ],
)
def test_what_is_no_feed_is_named_and_stores_nothing(source, body, words):
    source.shows(body, "text/html")
    with pytest.raises(Temporary, match=words):
        source.pull()
    assert source.cursor is None


@pytest.mark.parametrize(
    "title", ["Bad &#1114112; and &#55296; and &#x110000;", "&nbsp;&euro;", "Q & A", "\x07"]
)
def test_characters_that_xml_does_not_know_stop_nothing(source, title):
    source.shows(rss(item(title, guid="1")))
    [message] = source.pull()
    message.subject.encode()


def test_an_external_entity_is_never_read(source, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    source.shows(doctype.encode() + rss(item("&x;", guid="1"))[38:])
    assert "s3cret" not in repr(source.pull())


def test_an_answer_that_is_a_path_opens_no_file(source, tmp_path):
    document = tmp_path / "feed.xml"
    document.write_bytes(rss(item(guid="1")))
    source.shows(str(document).encode())
    with pytest.raises(Temporary, match="neither RSS nor Atom"):
        source.pull()


def test_scripts_say_nothing_in_the_text_and_stay_in_the_html_as_received(source):
    source.shows(rss(item(guid="1", text="<![CDATA[<p>Hi</p><script>alert(1)</script>]]>")))
    [message] = source.pull()
    assert message.text == "Hi"
    assert "<script>" in message.html


def test_the_charset_of_the_header_wins(source):
    document = rss(item("Größe", guid="1")).replace(b"utf-8", b"iso-8859-1")
    source.shows(document, "application/rss+xml; charset=utf-8")
    [message] = source.pull()
    assert message.subject == "Größe"


def test_nothing_can_be_sent_to_a_feed():
    feed = Feed(FeedSettings(url="https://blog.example/feed"), Site("Us"))
    with pytest.raises(Rejected):
        feed.send(Outgoing("k", LONG_AGO, (), "", "Hello", "Anna", ""))
    assert not feed.limits().can_send


def test_the_account_is_the_address_without_its_secrets():
    url = "https://anna:pa55@blog.example/feed?topic=7&access_token=abc"
    account = Feed(FeedSettings(url=url), Site("Us")).who_am_i()
    assert account == "https://blog.example/feed?topic=7&access_token=***"


def test_a_feed_that_is_not_there_is_a_matter_of_configuration(source):
    with pytest.raises(Misconfigured):
        source.pull()


TAGS = ["title", "guid", "link", "pubDate", "author", "description", "category", "content:encoded"]


@given(st.lists(st.tuples(st.sampled_from(TAGS), st.text())), st.integers(0, 400), st.binary())
def test_a_damaged_feed_is_read_or_refused_and_raises_nothing_else(fields, at, rubbish):
    told = rss("<item>", *(f"<{tag}>{text}</{tag}>" for tag, text in fields), "</item>" * 2)
    with suppress(NotAFeed):
        for entry in read_feed(told[:at] + rubbish + told[at:], "host", LONG_AGO).entries:
            json.dumps(entry.message.text, ensure_ascii=False).encode()
