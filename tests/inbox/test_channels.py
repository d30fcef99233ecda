"""Channels: how each one fares, in words."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.inbox.conftest import hours_ago, read, texts

Channel = Callable[..., int]


def test_a_channel_that_runs_says_when_it_pulled_and_what_it_can_carry(
    client: FlaskClient, channel: Channel
) -> None:
    channel("service@lindenrad.example", pulled_at=hours_ago(0), pulled_count=3)
    page = client.get("/channels")
    assert texts(page, ".chip-good") == ["running"]
    facts = texts(page, ".channel-facts dd")
    assert facts[0].endswith(", 3 new")
    assert facts[1].endswith("32,000 characters")


def test_a_failing_channel_stands_first_with_the_servers_words_and_the_remedy(
    client: FlaskClient, channel: Channel
) -> None:
    channel("well")
    channel(
        "broken",
        failing_since=hours_ago(4),
        failures=7,
        next_pull_at=hours_ago(-0.3),
        error="The mail server refused the sign-in.",
        error_words="AUTHENTICATIONFAILED 100%",
        remedy="Check user and password of this channel.",
    )
    page = client.get("/channels")
    assert texts(page, ".channel h2") == ["broken", "well"]
    [trouble] = texts(page, ".notice-danger")
    assert "The mail server refused the sign-in." in trouble
    assert "“AUTHENTICATIONFAILED 100%”" in trouble
    assert "Check user and password of this channel." in trouble
    assert "1 failing" in texts(page, ".rail-row .chip")


def test_a_channel_without_a_way_out_says_that_it_only_reads(
    client: FlaskClient, channel: Channel
) -> None:
    channel("first")
    channel("news", "feed", "community")
    assert "none, read only" in texts(client.get("/channels"), ".channel-facts dd")


def test_no_channel_yet_names_the_next_step(client: FlaskClient) -> None:
    page = client.get("/channels")
    assert texts(page, ".empty h2") == ["No channel yet"]
    assert "postkorb doctor" in read(page).css_first(".empty").text()
