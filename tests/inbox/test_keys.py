"""Keys: one table for the script, the help sheet and the hints."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from inbox.commands import COMMANDS, key_of
from tests.inbox.conftest import read, texts


def test_the_script_reads_the_table_the_help_sheet_shows(client: FlaskClient) -> None:
    page = client.get("/mine")
    table = json.loads(read(page).css_first("#commands").text())
    assert [row["name"] for row in table] == [command.name for command in COMMANDS]
    assert len(texts(page, "#keys dt")) == len(COMMANDS)


def test_the_sheet_is_a_page_for_those_without_scripts(client: FlaskClient) -> None:
    assert "Next conversation" in texts(client.get("/keys"), "main dt")


@pytest.mark.parametrize("key", ["j", "k", "Enter", "u", "r", "n", "e", "a", "h", "/", "?"])
def test_the_keys_of_the_core_are_there(key: str) -> None:
    assert key in {command.key for command in COMMANDS}


def test_no_key_means_two_things_on_one_page() -> None:
    places = [(command.key, command.where) for command in COMMANDS]
    assert len(places) == len(set(places))


def test_no_key_hides_the_first_stroke_of_another() -> None:
    firsts = {command.key.split()[0] for command in COMMANDS if " " in command.key}
    assert firsts.isdisjoint({command.key for command in COMMANDS})


def test_every_address_a_key_goes_to_is_there(client: FlaskClient) -> None:
    for command in COMMANDS:
        if command.url:
            assert client.get(command.url).status_code == 200, command.url


def test_a_key_that_is_no_command_stands_for_itself() -> None:
    assert (key_of("close"), key_of("Ctrl")) == ("e", "Ctrl")
