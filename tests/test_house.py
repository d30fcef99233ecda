"""The house stands as docs/house.md says: who may import whom, and how rooms are named."""

from __future__ import annotations

import ast
import configparser
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from setuptools import find_packages

from postkorb.__main__ import main
from postkorb.commands import COMMANDS

HOUSE = Path(__file__).parents[1]
WINGS = ("postkorb", "connectors", "crm", "inbox")
MODULES = sorted(path for wing in WINGS for path in (HOUSE / wing).rglob("*.py"))
NAMES_THAT_SAY_NOTHING = {
    "base_classes", "common", "core", "helper", "helpers", "lib", "manager", "managers",
    "misc", "models", "service", "services", "shared", "util", "utils", "views",
}  # fmt: skip
COMES_WITH_FLASK = {"itsdangerous", "jinja2", "markupsafe", "werkzeug", "wtforms"}
COMES_WITH_REQUESTS = {"urllib3"}


@pytest.fixture(scope="module")
def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(HOUSE / "setup.cfg")
    return parser


def test_doors_open_the_right_way():
    """In a process of its own: the linter silences every logger that is there."""
    asked = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", asked, "--config", "pyproject.toml", "--no-cache"]
    linted = subprocess.run(command, capture_output=True, text=True, cwd=HOUSE)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_module_says_in_its_first_line_which_room_it_is():
    silent = [path for path in MODULES if not path.read_text("utf-8").startswith('"""')]
    assert not silent


def test_no_room_bears_a_name_that_says_nothing():
    named = {path: {path.stem, *path.relative_to(HOUSE).parent.parts} for path in MODULES}
    assert not [path for path, names in named.items() if names & NAMES_THAT_SAY_NOTHING]


def test_no_room_stands_empty():
    """A package holds more than its own docstring, or leads to rooms that do."""
    packages = {path.parent for path in MODULES if path.name == "__init__.py"}
    alone = {
        package.relative_to(HOUSE)
        for package in packages
        if len(_statements(package / "__init__.py")) < 2
        and not any(path.parent == package and path.stem != "__init__" for path in MODULES)
        and not any(other.parent == package for other in packages)
    }
    assert not alone


def test_every_folder_with_a_module_is_in_the_wheel():
    included = {HOUSE / name.replace(".", "/") for name in find_packages(str(HOUSE))}
    assert {path.parent for path in MODULES} <= included


def test_every_library_that_is_imported_is_asked_for(setup_cfg):
    wanted = (
        setup_cfg["options"]["install_requires"] + setup_cfg["options.extras_require"]["postgres"]
    )
    asked = {_plain(line) for line in wanted.split("\n") if line.strip()}
    belongs_to = packages_distributions()
    imported = {name for path in MODULES for name in _imported(path)}
    ours = {*WINGS, *sys.stdlib_module_names, *COMES_WITH_FLASK, *COMES_WITH_REQUESTS}
    assert not {
        name
        for name in imported - ours
        if not asked & {_plain(library) for library in belongs_to.get(name, [])}
    }


def test_every_library_that_is_asked_for_stands_in_the_docs_with_its_reason(setup_cfg):
    asked = "\n".join(
        [
            setup_cfg["options"]["install_requires"],
            *setup_cfg["options.extras_require"].values(),
        ]
    )
    told = (HOUSE / "docs/dependencies.md").read_text("utf-8").lower()
    assert not [line for line in asked.split("\n") if _plain(line) not in told]


def test_the_list_of_commands_says_what_each_command_says_of_itself():
    context = main.make_context("postkorb", ["pull"], resilient_parsing=True)
    commands = {name: main.get_command(context, name) for name in COMMANDS}
    said = {name: command.get_short_help_str(limit=100) for name, command in commands.items()}
    assert {name: words.rstrip(".") for name, words in said.items()} == {
        name: words.rstrip(".") for name, words in COMMANDS.items()
    }


def test_every_file_of_commands_is_in_the_list():
    files = {path.stem for path in (HOUSE / "postkorb/commands").glob("*.py")} - {"__init__"}
    assert files == set(COMMANDS)


def test_the_help_is_shown_without_flask_and_sqlalchemy():
    code = (
        "import sys; from click.testing import CliRunner; from postkorb.__main__ import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "print(*{'flask', 'sqlalchemy', 'pydantic', 'rich'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HOUSE)
    assert (shown.stdout.strip(), shown.stderr) == ("", "")


def _statements(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text("utf-8")).body


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name.partition(".")[0] for alias in aliases}
            case ast.ImportFrom(module=str(module), level=0):
                names.add(module.partition(".")[0])
    return names


def _plain(requirement: str) -> str:
    """The bare name of a distribution, in the one spelling all its spellings come to."""
    for mark in "[<>=!~ ;":
        requirement = requirement.partition(mark)[0]
    return requirement.strip().lower().replace("_", "-")
