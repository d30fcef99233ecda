"""How posts in a file would be read."""

from __future__ import annotations

import json

import pytest

from connectors.community.inspect import inspect_posts

POST = {
    "id": 14,
    "username": "johndoe",
    "name": "John",
    "created_at": "2026-01-25T00:58:35.475Z",
    "cooked": "<p>hi there</p>",
    "raw": "hi there",
    "topic_id": 11,
    "topic_title": "Greeting",
    "topic_slug": "greeting",
    "post_number": 1,
}


@pytest.mark.parametrize(
    "told", [{"latest_posts": [POST]}, {"post_stream": {"posts": [POST]}}, [POST], POST]
)
def test_a_forums_posts_are_read_from_any_of_its_answers(tmp_path, told):
    path = tmp_path / "posts.json"
    path.write_text(json.dumps(told))
    [read] = inspect_posts(path)
    assert (read["remote_id"], read["remote_thread"], read["handle"]) == ("14", "11", "johndoe")
    assert (read["subject"], read["text"]) == ("Greeting", "hi there")
    json.dumps(read)


def test_a_feeds_entries_are_read(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_text("<rss version='2.0'><channel><item><title>T</title></item></channel></rss>")
    [read] = inspect_posts(path)
    assert (read["subject"], read["flags"]) == ("T", ["date"])


@pytest.mark.parametrize("body", ["", "words", '{"latest_posts": [{"id"', "{}", "<html></html>"])
def test_what_holds_no_posts_gives_an_error(tmp_path, body):
    path = tmp_path / "file"
    path.write_text(body)
    [read] = inspect_posts(path)
    assert set(read) == {"path", "error"}
