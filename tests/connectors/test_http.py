"""How requests behave when the other side does not."""

from __future__ import annotations

import gzip
import socket
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.http import (
    BROKEN,
    NO_ANSWER,
    NOT_FOUND,
    NOT_JSON,
    REFUSED,
    TOO_LARGE,
    TOO_MANY,
    Answer,
    Session,
    Uncertain,
    wait_seconds,
)
from crm.channels.contract import ChannelError, Misconfigured, Temporary
from tests.servers.web import Reply, serving

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def web():
    with serving() as web:
        yield web


@pytest.fixture
def session():
    return Session("Postkorb/test", {"Api-Key": "s3cret-key"}, read_seconds=5, max_bytes=100_000)


def test_it_says_who_it_is_and_shows_its_key(web, session):
    session.get(web.answers("/posts.json", Reply(body=b"hello")))
    [request] = web.requests
    assert request.headers["user-agent"] == "Postkorb/test"
    assert request.headers["api-key"] == "s3cret-key"


def test_what_has_not_changed_is_not_fetched_again(web, session):
    url = web.answers("/feed", Reply(304))
    answer = session.get(url, etag='"abc"', modified="Tue, 24 Nov 2026 10:00:00 GMT")
    [request] = web.requests
    assert answer.status == 304
    assert request.headers["if-none-match"] == '"abc"'
    assert request.headers["if-modified-since"] == "Tue, 24 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "error", "summary"),
    [
        (401, Misconfigured, REFUSED),
        (403, Misconfigured, REFUSED),
        (404, Misconfigured, NOT_FOUND),
        (410, Misconfigured, NOT_FOUND),
        (429, Temporary, TOO_MANY),
        (500, Temporary, BROKEN),
        (502, Temporary, BROKEN),
    ],
)
def test_each_refusal_is_one_of_the_errors_of_the_contract(web, session, status, error, summary):
    url = web.answers("/", Reply(status, b"<h1>Sorry</h1>"))
    with pytest.raises(error) as raised:
        session.get(url)
    assert raised.value.summary == summary
    assert str(status) in raised.value.words


@pytest.mark.parametrize(
    ("said", "body", "seconds"),
    [
        ("30", b"", 30),
        ("1.5", b"", 1.5),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), b"", 120),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), b"", 0),
        ("-5", b"", 0),
        ("99999999999", b"", 86_400),
        ("soon", b"", None),
        ("nan", b"", None),
        ("", b"", None),
        ("", b'{"errors": ["slow down"], "extras": {"wait_seconds": 17}}', 17),
        ("", b'{"extras": []}', None),
        ("", b"[" * 100_000, None),
    ],
)
def test_every_way_to_say_when_to_come_back_is_understood(said, body, seconds):
    assert wait_seconds(Answer(429, {"retry-after": said}, body, "http://x/"), NOW) == seconds


def test_the_wait_asked_for_reaches_the_schedule(web, session):
    url = web.answers("/", Reply(429, headers={"Retry-After": "42"}))
    with pytest.raises(Temporary) as raised:
        session.get(url)
    assert raised.value.retry_after == 42


def test_an_answer_cut_off_is_not_taken_for_the_whole(web, session):
    url = web.answers("/", Reply(body=b"<rss>", cut=100))
    with pytest.raises(Temporary, match=NO_ANSWER):
        session.get(url)


def test_an_answer_that_drips_for_ever_is_given_up(web):
    url = web.answers("/", Reply(pieces=web.drip()))
    with pytest.raises(Temporary, match="not finished after"):
        Session("Postkorb/test", total_seconds=0.2).get(url)


def test_a_server_that_says_nothing_is_given_up(web):
    url = web.answers("/", Reply(pieces=web.silence()))
    with pytest.raises(Temporary, match=NO_ANSWER):
        Session("Postkorb/test", read_seconds=0.2).get(url)


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_without_end_is_not_read_to_its_end(web, session, packed):
    body = b"x" * 10_000_000
    headers = {"Content-Encoding": "gzip"} if packed else {}
    url = web.answers("/", Reply(body=gzip.compress(body) if packed else body, headers=headers))
    with pytest.raises(Misconfigured, match=TOO_LARGE):
        session.get(url)


def test_a_closed_port_is_a_matter_of_time(session):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(Temporary, match="cannot be reached"):
        session.get(url)


def test_a_redirect_is_followed_on_the_same_host_with_the_key(web, session):
    web.answers("/new", Reply(body=b"here"))
    answer = session.get(web.answers("/old", Reply(301, headers={"Location": "/new"})))
    assert (answer.body, answer.url) == (b"here", web.url + "/new")
    assert web.requests[1].headers["api-key"] == "s3cret-key"


def test_a_redirect_to_another_host_carries_no_credentials(web, session):
    with serving() as other:
        target = other.answers("/", Reply(body=b"thanks"))
        web.answers("/old", Reply(302, headers={"Location": target}))
        session.get(web.url.replace("//", "//user:pass@") + "/old")
        [request] = other.requests
    assert "authorization" in web.requests[0].headers
    assert not {"api-key", "authorization"} & set(request.headers)


def test_the_passwords_of_the_operators_own_account_are_never_used(
    web, session, tmp_path, monkeypatch
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login root password toor\n")
    monkeypatch.setenv("NETRC", str(netrc))
    session.get(web.answers("/", Reply()))
    assert "authorization" not in web.requests[0].headers


@pytest.mark.parametrize("target", ["/", "", "file:///etc/passwd", "http://[", "http://x:y/"])
def test_a_redirect_to_nowhere_ends_with_an_error(web, session, target):
    url = web.answers("/", Reply(302, headers={"Location": target}))
    with pytest.raises(Misconfigured):
        session.get(url)
    assert len(web.requests) <= 6


def test_a_notice_page_is_no_json(web, session):
    answer = session.get(web.answers("/posts.json", Reply(body=b"<h1>Back soon</h1>")))
    with pytest.raises(Temporary, match=NOT_JSON):
        answer.json()


@pytest.mark.parametrize("status", [200, 403, 404, 429, 500])
def test_no_error_shows_a_secret(web, session, status):
    told = b'{"errors": ["s3cret-key is no good"]}'
    web.answers("/feed", Reply(status, told, cut=200 if status == 200 else 0))
    url = web.url.replace("//", "//anna:pa55@") + "/feed?token=t0ken"
    with pytest.raises(ChannelError) as raised:
        session.get(url)
    shown = "".join(traceback.format_exception(raised.value))
    assert "/feed" in shown
    assert not [secret for secret in ("s3cret-key", "pa55", "t0ken") if secret in shown]


def test_an_error_shows_the_whole_address_whatever_our_user_is_called(web):
    session = Session("Postkorb/test", {"Api-Key": "s3cret-key", "Api-Username": "o"})
    with pytest.raises(Misconfigured, match=r"404 Not Found, http.*/forum"):
        session.get(web.url + "/forum")


@pytest.mark.parametrize(
    "reply",
    [Reply(500), Reply(502, b"<h1>Bad gateway</h1>"), Reply(body=b"{", cut=9)],
    ids=["error", "gateway", "cut off"],
)
def test_what_may_have_been_taken_is_uncertain(web, session, reply):
    url = web.answers("/posts.json", reply)
    with pytest.raises(Uncertain):
        session.post(url, {"raw": "Hello"})


@pytest.mark.parametrize("status", [429, 503])
def test_what_surely_was_not_taken_may_be_sent_again(web, session, status):
    url = web.answers("/posts.json", Reply(status))
    with pytest.raises(Temporary):
        session.post(url, {"raw": "Hello"})


def test_what_is_written_follows_no_redirect(web, session):
    url = web.answers("/posts.json", Reply(307, headers={"Location": "/elsewhere"}))
    with pytest.raises(Misconfigured):
        session.post(url, {"raw": "Hello"})
    assert len(web.requests) == 1


def test_a_form_arrives_as_one_and_only_at_the_address_it_is_meant_for(web, session):
    elsewhere = web.answers("/elsewhere", Reply())
    web.answers("/token", Reply(307, headers={"Location": elsewhere}))
    with pytest.raises(Misconfigured):
        session.submit(f"{web.url}/token", {"refresh_token": "a b&c"})
    [request] = web.requests
    assert request.body == b"refresh_token=a+b%26c"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_refusal_that_is_expected_is_the_callers_business(web, session):
    url = web.answers("/token", Reply(400, b'{"error": "invalid_grant"}'), Reply(503), Reply(401))
    answers = [session.submit(url, {}, expect=range(400, 600)) for _ in range(3)]
    assert [answer.status for answer in answers] == [400, 503, 401]


def test_a_form_that_was_not_answered_stands_in_no_error(web, session):
    url = web.answers("/token", Reply(200, b"{", cut=100))
    with pytest.raises(Uncertain) as caught:
        session.submit(url, {"refresh_token": "r3fresh"})
    assert "r3fresh" not in str(caught.value)
