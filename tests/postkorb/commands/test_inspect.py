"""`postkorb inspect PATH` as it is typed."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from postkorb.__main__ import main


@pytest.fixture
def folder(tmp_path):
    """A mail, what somebody noted about it beside it, and the page of a forum."""
    (tmp_path / "one.eml").write_bytes(b"From: anna@example.org\r\nSubject: One\r\n\r\nHello\r\n")
    (tmp_path / "one.expected.json").write_text('{"subject": "One"}')
    post = {
        "id": 1,
        "username": "anna",
        "cooked": "<p>Hello</p>",
        "topic_id": 1,
        "topic_title": "T",
    }
    (tmp_path / "posts.json").write_text(json.dumps({"latest_posts": [post]}))
    return tmp_path


def inspect(*words):
    said = CliRunner().invoke(main, ["inspect", *map(str, words), "--jsonl"])
    assert said.exit_code == 0, said.output
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_a_folder_is_read_whatever_lies_in_it(folder):
    assert [found["path"] for found in inspect(folder)] == ["one.eml", "posts.json"]


def test_a_file_that_was_asked_for_says_why_it_cannot_be_read(folder):
    [found] = inspect(folder / "one.expected.json")
    assert "error" in found
