"""What is built, installed and started from anywhere is the whole house."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """What a fresh clone would hold: nothing that was built here."""
    folder = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (HOUSE / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(HOUSE / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, source)
    [wheel] = folder.glob("postkorb-*.whl")
    return wheel


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory) -> Path:
    """The programs of an environment with the wheel, and with the libraries of this one.

    Its own folder of packages comes first, so that what is started is the wheel.
    """
    folder = tmp_path_factory.mktemp("venv")
    _run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin/python"
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", wheel)
    [packages] = folder.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "bin"


def test_the_wheel_holds_what_is_no_python(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        "inbox/static/vendor/htmx.js",
        "inbox/static/vendor/icons.svg",
        "inbox/static/vendor/inter.css",
        "inbox/static/vendor/inter-latin-wght-normal.woff2",
        "connectors/post/fonts/Inter-Regular.ttf",
        "connectors/post/fonts/Inter-Italic.ttf",
        "inbox/templates/__init__.py",
    } | {_packed(path) for path in _files_of_the_house()}
    assert expected <= names


def test_the_wheel_holds_no_tests_and_no_second_templates(wheel):
    top = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {
        "postkorb",
        "connectors",
        "crm",
        "inbox",
    }


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["init", "--help"]])
def test_the_program_answers_from_any_folder(elsewhere, command):
    assert "postkorb" in _run(elsewhere / "postkorb", *command, cwd="/").lower()


def test_the_installed_house_finds_its_templates_files_and_migrations(elsewhere, wheel):
    code = (
        "from importlib.resources import files\n"
        "import crm, inbox.templates\n"
        "print(crm.__file__)\n"
        "for folder, name in (('inbox.templates', 'layout.html'), ('inbox', 'static/vendor/htmx.js'),"
        " ('crm', 'migrations/env.py'), ('connectors.post', 'fonts/Inter-Regular.ttf')):\n"
        "    assert files(folder).joinpath(name).is_file(), (folder, name)\n"
    )
    shown = _run(elsewhere / "python", "-c", code, cwd="/")
    assert shown.startswith(str(elsewhere.parent)), "another crm was imported than the wheel's"


def _files_of_the_house() -> list[Path]:
    """Templates, styles, scripts, translations, migrations, demo data: what runs but is no module."""
    patterns = (
        "templates/**/*.html",
        "templates/**/*.txt",
        "inbox/static/**/*.css",
        "inbox/static/**/*.js",
        "inbox/static/**/*.svg",
        "inbox/translations/**/*.po",
        "inbox/translations/**/*.mo",
        "crm/migrations/**/*.mako",
        "crm/migrations/**/*.py",
        "connectors/post/*.typ",
        "postkorb/demo/**/*",
    )
    return [
        path
        for pattern in patterns
        for path in HOUSE.glob(pattern)
        if path.is_file() and path.suffix != ".pyc"
    ]


def _packed(path: Path) -> str:
    name = str(path.relative_to(HOUSE))
    return f"inbox/{name}" if name.startswith("templates/") else name


def _run(*command, cwd=None) -> str:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
