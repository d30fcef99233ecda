"""The example configuration and the types it is printed from."""

from pathlib import Path

from postkorb import config

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_the_example_in_the_repository_is_what_the_types_print():
    assert EXAMPLE.read_text("utf-8") == config.example(), "write it anew: make example"


def test_the_example_in_the_repository_is_a_configuration():
    assert config.load(EXAMPLE).channels == {}
