"""What a forum brings and takes, over real HTTP against a forum that speaks Discourse's JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter, ValidationError

from connectors.community.discourse import Discourse
from connectors.community.discourse.post import Forum, marked, read_post
from connectors.http import Uncertain
from crm.channels.contract import (
    Address,
    Change,
    Connector,
    IdentityKind,
    Misconfigured,
    NotThere,
    Outgoing,
    Receipt,
    Rejected,
    Role,
    Site,
    Temporary,
    Visibility,
)
from postkorb.demo.forum import DemoForum
from tests.servers.web import Reply, serving

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
KEY = "reply-1--x@postkorb.example"


class Reader:
    """A forum as a channel, and how far it has been read."""

    def __init__(self, url, user="service", key="demo-key", **settings):
        self.forum = Discourse(
            Discourse.Settings(url=url, user=user, key=SecretStr(key), **settings), Site("Us")
        )
        self.cursor = None

    def pull(self, since=LONG_AGO):
        messages = []
        for batch in self.forum.pull(self.cursor, since):
            messages += batch.messages
            self.cursor = json.loads(json.dumps(batch.cursor))
        return messages

    def ids(self, since=LONG_AGO):
        return [message.remote_id for message in self.pull(since)]


@pytest.fixture
def demo(tmp_path):
    demo = DemoForum(tmp_path / "forum.json", staff={"service": "Kundendienst"})
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture
def reader(demo):
    return Reader(demo.url)


@pytest.fixture
def web():
    with serving() as web:
        yield web


def ask(demo, raw="Where is my parcel?", topic="Delivery late", at=MONDAY, user="erika"):
    return demo.add_post(user, "Erika Muster", topic, raw, at)


def ask_often(demo, count):
    topic = ask(demo, "Question number 0")["topic_id"]
    for n in range(1, count):
        ask(demo, f"Question number {n}", topic, MONDAY + timedelta(minutes=n))


def reply(demo_post, text="It is on its way.", key=KEY, **more):
    topic, answers = str(demo_post["topic_id"]), str(demo_post["id"])
    fields = {"thread": topic, "answers": answers, **more}
    return Outgoing(key, MONDAY, (), "Delivery late", text, "Anna", "[PK-1-AA]", **fields)


def listed(*ids, at="2026-11-02T09:00:00.000Z", **more):
    post = {"username": "erika", "topic_id": 1, "created_at": at, "cooked": "<p>x</p>", **more}
    return {"latest_posts": [{"id": n, "raw": f"Post {n}", **post} for n in ids]}


def test_a_forum_keeps_the_contract(reader):
    assert isinstance(reader.forum, Connector)


def test_categories_are_a_list_in_the_configuration():
    told = b'{"url": "https://f.example", "user": "us", "key": "k", "categories": ["help"]}'
    read = TypeAdapter(Discourse.Settings).validate_json
    assert read(told).categories == ("help",)
    with pytest.raises(ValidationError):
        read(told.replace(b"categories", b"category"))


def test_a_post_is_a_public_message_of_its_topic(demo, reader):
    ask(demo, "Where is **it**?\n\nErika")
    [message] = reader.pull()
    assert (message.remote_id, message.remote_thread) == ("1", "1")
    assert message.subject == "Delivery late"
    assert message.sender.name == "Erika Muster"
    assert message.sender.address == Address(IdentityKind.HANDLE, "erika", "127.0.0.1")
    assert message.text == "Where is **it**?\n\nErika"
    assert message.html.startswith("<p>Where is")
    assert message.at == message.dated == MONDAY
    assert message.visibility is Visibility.PUBLIC
    assert message.permalink == f"{demo.url}/t/delivery-late/1/1"
    assert json.loads(message.raw)["username"] == "erika"


def test_an_empty_forum_brings_nothing(reader):
    assert reader.pull() == []
    assert reader.cursor is None


def test_a_second_pull_brings_nothing_with_one_request(web):
    web.answers_json("/posts.json", listed(2, 1))
    reader = Reader(web.url)
    assert reader.ids() == ["1", "2"]
    asked, told = len(web.requests), reader.cursor
    assert (reader.ids(), reader.cursor) == ([], told)
    assert len(web.requests) == asked + 1


def test_posts_of_many_pages_come_in_their_order_and_once(demo, reader):
    ask_often(demo, 130)
    assert reader.ids() == [str(n) for n in range(1, 131)]
    ask(demo, "One more question", 1)
    assert reader.ids() == ["131"]


def test_the_first_pull_goes_no_further_back_than_asked(demo, reader):
    ask(demo, "Long ago and far away", at=MONDAY - timedelta(days=90))
    ask(demo, "Only yesterday", 1)
    assert reader.ids(MONDAY - timedelta(days=30)) == ["2"]
    assert reader.ids(MONDAY - timedelta(days=30)) == []


@pytest.mark.parametrize("stop", range(1, 4))
def test_a_pull_that_died_between_batches_loses_and_repeats_nothing(demo, reader, stop):
    ask_often(demo, 120)
    pull = reader.forum.pull(None, LONG_AGO)
    stored = []
    for batch, _ in zip(pull, range(stop), strict=False):
        stored += [message.remote_id for message in batch.messages]
        reader.cursor = json.loads(json.dumps(batch.cursor))
    ask(demo, "Written in between", 1)
    assert stored + reader.ids() == [str(n) for n in range(1, 122)]
    assert "marks" not in reader.cursor


def test_a_long_way_back_that_a_limit_interrupts_goes_on_where_it_was(web):
    web.answers_json("/posts.json", listed(30))
    for before in range(2, 31):
        web.answers_json(f"/posts.json?before={before}", listed(before - 1))
    limited = "/posts.json?before=12"
    page, web.replies[limited] = web.replies[limited], [Reply(429, headers={"Retry-After": "60"})]
    reader = Reader(web.url)
    with pytest.raises(Temporary) as raised:
        reader.pull()
    assert raised.value.retry_after == 60
    web.replies[limited] = page
    asked = len(web.requests)
    assert reader.ids() == [str(n) for n in range(1, 31)]
    assert web.requests[asked].path == "/posts.json?before=21"


def test_a_post_that_moves_into_another_page_on_the_way_comes_once(web):
    web.answers_json("/posts.json", listed(30))
    for before in range(2, 31):
        web.answers_json(f"/posts.json?before={before}", listed(before - 1))
    web.answers_json("/posts.json?before=31", listed(29))
    assert Reader(web.url).ids() == [str(n) for n in range(1, 30)]


def test_posts_that_come_in_while_reading_are_left_for_the_next_pull(demo, reader):
    ask_often(demo, 120)
    pull = reader.forum.pull(None, LONG_AGO)
    first = next(pull)
    ask(demo, "Written while you read", 1)
    seen = [*first.messages, *(message for batch in pull for message in batch.messages)]
    assert [message.remote_id for message in seen] == [str(n) for n in range(1, 121)]


@pytest.mark.parametrize("page", [listed(9, 8), listed(9)])
def test_a_page_without_progress_ends_with_an_error(web, page):
    web.answers_json("/posts.json", page)
    with pytest.raises(Temporary, match="same page"):
        Reader(web.url).pull()
    assert len(web.requests) == 2


def test_an_edit_is_told_once(demo, reader):
    ask(demo)
    reader.pull()
    demo.edit_post(1, "Where is my other parcel?")
    [message] = reader.pull()
    assert (message.change, message.remote_id) == (Change.EDITED, "1")
    assert message.text == "Where is my other parcel?"
    assert reader.pull() == []


def test_a_deletion_is_told_once_and_so_is_its_return(demo, reader):
    ask(demo)
    ask(demo, "And my other parcel?", 1)
    reader.pull()
    demo.delete_post(1)
    [message] = reader.pull()
    assert (message.change, message.remote_id) == (Change.DELETED, "1")
    assert reader.pull() == []
    demo._data["posts"][0]["deleted_at"] = None
    assert [m.change for m in reader.pull()] == [Change.EDITED]


def test_a_post_deleted_by_its_author_is_deleted_though_still_listed(web):
    web.answers_json("/posts.json", listed(1), listed(1, user_deleted=True))
    reader = Reader(web.url)
    reader.pull()
    assert [message.change for message in reader.pull()] == [Change.DELETED]
    assert reader.pull() == []


def test_a_post_that_is_only_unlisted_is_not_deleted(web):
    web.answers_json("/posts.json", listed(2, 1), listed(2), listed(2), listed(2, 1))
    web.answers_json("/posts/1.json", listed(1)["latest_posts"][0])
    web.answers_json("/posts.json?before=2", listed())
    reader = Reader(web.url)
    assert reader.ids() == ["1", "2"]
    assert [reader.ids() for _ in range(3)] == [[], [], []]
    assert [request.path for request in web.requests].count("/posts/1.json") == 1


def test_a_post_held_for_approval_comes_although_its_id_is_old(web):
    web.answers_json("/posts.json", listed(3, 1), listed(3, 2, 1))
    reader = Reader(web.url)
    assert reader.ids() == ["1", "3"]
    assert reader.ids() == ["2"]


def test_a_notice_page_deletes_nothing(web):
    web.answers_json("/posts.json", listed(1))
    reader = Reader(web.url)
    reader.pull()
    told = reader.cursor
    web.answers("/posts.json", Reply(body=b"<h1>Maintenance</h1>"))
    with pytest.raises(Temporary):
        reader.pull()
    assert reader.cursor == told


@pytest.mark.parametrize(
    "answer",
    [
        b'{"latest_posts": [{"id": 1, "raw": "cut o',
        b'{"errors": ["slow down"], "error_type": "rate_limit"}',
        b'{"latest_posts": null}',
        b"[]",
        b"7",
    ],
)
def test_json_that_is_not_what_was_expected_is_a_passing_error(web, answer):
    web.answers("/posts.json", Reply(body=answer, type="application/json"))
    with pytest.raises(Temporary):
        Reader(web.url).pull()


def test_a_limit_told_inside_a_good_answer_is_obeyed(web):
    told = {"errors": ["slow down"], "extras": {"wait_seconds": 17}}
    web.answers_json("/posts.json", told)
    with pytest.raises(Temporary) as raised:
        Reader(web.url).pull()
    assert raised.value.retry_after == 17


@pytest.mark.parametrize(
    "odd",
    [
        {"created_at": None},
        {"created_at": "yesterday"},
        {"username": None, "name": 7},
        {"raw": [{"type": "paragraph"}]},
        {"raw": "half \ud83d a face, \0", "topic_title": "\ud83d"},
        {"topic_slug": "\ud83d", "topic_id": "\ud83d"},
        {"cooked": None, "topic_id": None, "staff": "perhaps"},
    ],
)
def test_an_odd_post_is_still_stored(web, odd):
    web.answers_json("/posts.json", listed(1) | {"latest_posts": [{"id": 1, "raw": "x", **odd}]})
    [message] = Reader(web.url).pull()
    f"{message.text}{message.subject}{message.sender}".encode()


def test_only_the_categories_asked_for_come(web):
    categories = [{"id": 5, "slug": "help"}, {"id": 6, "slug": "off", "subcategory_list": None}]
    web.answers_json("/categories.json", {"category_list": {"categories": categories}})
    posts = [listed(n, category_id=5 + n % 2)["latest_posts"][0] for n in (4, 3, 2, 1)]
    web.answers_json("/posts.json", {"latest_posts": posts})
    reader = Reader(web.url, categories=("help",))
    assert reader.ids() == ["2", "4"]
    assert reader.ids() == []


def test_a_category_that_is_not_there_is_named(demo):
    with pytest.raises(Misconfigured, match="halp"):
        Reader(demo.url, categories=("general", "halp")).pull()
    with pytest.raises(Misconfigured, match="halp"):
        Reader(demo.url, categories=("general", "halp")).forum.check()


def test_categories_that_are_no_categories_are_passed_over(web):
    odd = [None, "help", {"slug": "help"}, {"id": "5", "slug": "help"}, {"id": 5, "slug": "help"}]
    web.answers_json("/categories.json", {"category_list": {"categories": odd}})
    web.answers_json("/posts.json", {"latest_posts": listed(1, category_id=5)["latest_posts"]})
    assert Reader(web.url, categories=("help",)).ids() == ["1"]


def test_roles_tell_customers_staff_and_ourselves_apart(demo, reader):
    ask(demo)
    demo.add_post("boss", "The Boss", 1, "We look into it.", MONDAY, staff=True)
    demo.add_post("Service", "Kundendienst", 1, "It is found.", MONDAY)
    assert [message.role for message in reader.pull()] == [Role.CUSTOMER, Role.STAFF, Role.US]


def test_a_reply_stands_under_the_post_it_answers(demo, reader):
    post = ask(demo)
    receipt = reader.forum.send(reply(post))
    written = demo.post(2)
    assert (receipt.remote_id, receipt.permalink) == ("2", f"{demo.url}/t/delivery-late/1/2")
    assert written["reply_to_post_number"] == 1
    assert written["username"] == "service"


def test_readers_never_see_the_mark_of_a_reply(demo, reader):
    reader.forum.send(reply(ask(demo)))
    assert demo.post(2)["cooked"] == "<p>It is on its way.</p>"


def test_a_mark_is_a_comment_in_every_dialect_of_html():
    comment = marked("Hello", KEY).split("<!--")[1].removesuffix("-->")
    assert not {"--", ">"} & {comment[n : n + k] for n in range(len(comment)) for k in (1, 2)}


def test_the_echo_of_a_reply_is_known_by_its_key(demo, reader):
    reader.forum.send(reply(ask(demo)))
    [_, echo] = reader.pull()
    assert (echo.role, echo.key, echo.text) == (Role.US, KEY, "It is on its way.")


def test_a_mark_that_somebody_else_copied_means_nothing(demo, reader):
    reader.forum.send(reply(ask(demo)))
    ask(demo, demo.post(2)["raw"], 1)
    [_, _, copy] = reader.pull()
    assert (copy.key, copy.text) == ("", "It is on its way.")


def test_a_reply_is_found_again_by_its_key_alone(demo, reader):
    post = ask(demo)
    assert reader.forum.find_sent(KEY, MONDAY) == NotThere()
    reader.forum.send(reply(post))
    ask_often(demo, 60)
    found = reader.forum.find_sent(KEY, MONDAY)
    assert isinstance(found, Receipt)
    assert found.remote_id == "2"
    assert reader.forum.find_sent("another", MONDAY) == NotThere()


def test_a_reply_sent_twice_stands_once(demo, reader):
    outgoing = reply(ask(demo))
    first = reader.forum.send(outgoing)
    assert reader.forum.send(outgoing).remote_id == first.remote_id
    assert len(demo.posts_of(1)) == 2


def test_a_reply_to_a_deleted_post_stands_in_the_topic(demo, reader):
    ask(demo)
    post = ask(demo, "Never mind, found it", 1)
    demo.delete_post(post["id"])
    reader.forum.send(reply(post))
    assert demo.post(3)["reply_to_post_number"] is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": "Hi"}, "too short"),
        ({"thread": "99"}, "does not exist"),
        ({"thread": ""}, "no topic"),
    ],
)
def test_a_reply_that_the_forum_refuses_tells_why(demo, reader, change, words):
    with pytest.raises(Rejected, match=words):
        reader.forum.send(reply(ask(demo), **change))
    assert len(demo.posts_of(1)) == 1


@pytest.mark.parametrize(
    "answer", [Reply(500), Reply(200, b"<h1>Bad gateway</h1>"), Reply(200, b'{"id', cut=9)]
)
def test_a_reply_without_a_clear_answer_may_have_gone(web, answer):
    web.answers("/posts.json", answer)
    with pytest.raises(Uncertain):
        Reader(web.url).forum.send(reply({"topic_id": 1, "id": ""}))


def test_a_reply_that_waits_for_a_moderator_says_so(web):
    told = {"action": "enqueued", "success": True, "pending_post": {"id": 5}}
    web.answers_json("/posts.json", told)
    receipt = Reader(web.url).forum.send(reply({"topic_id": 1, "id": ""}))
    assert (receipt.remote_id, "moderator" in receipt.words) == ("", True)


def test_the_account_is_the_user_on_that_host(reader):
    assert reader.forum.who_am_i() == "service@127.0.0.1"


@pytest.mark.parametrize("wrong", [{"key": "wr0ng-key"}, {"user": "nobody"}])
def test_a_wrong_key_is_a_matter_of_configuration(demo, wrong):
    reader = Reader(demo.url, **wrong)
    for act in (reader.forum.who_am_i, reader.pull):
        with pytest.raises(Misconfigured) as raised:
            act()
        assert "wr0ng-key" not in str(raised.value)


def test_a_key_of_another_user_is_named(web):
    web.answers_json("/session/current.json", {"current_user": {"username": "intern"}})
    with pytest.raises(Misconfigured, match="intern"):
        Reader(web.url).forum.who_am_i()


def test_a_length_leaves_room_for_the_mark(reader):
    assert reader.forum.limits().length == 31_800


FIELDS = ["id", "username", "name", "raw", "cooked", "created_at", "topic_id", "topic_slug",
          "topic_title", "post_number", "deleted_at", "user_deleted", "post_type", "staff"]  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters() | st.sampled_from("\ud83d\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES))
def test_whatever_stands_in_a_post_it_is_read(post):
    message = read_post(post, Forum("https://f.example", "f.example", "us"), MONDAY)
    f"{message.text}{message.subject}{message.sender}{message.permalink}".encode()
    assert message.at <= MONDAY
