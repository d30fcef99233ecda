"""What is built, installed and started from anywhere is the whole house."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.servers.ports import free_ports, wait_for_port

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


def test_the_wheel_holds_what_is_no_python(wheel, source):
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        "inbox/static/vendor/htmx.js",
        "inbox/static/vendor/icons.svg",
        "inbox/static/vendor/inter.css",
        "inbox/static/vendor/inter-latin-wght-normal.woff2",
        "connectors/post/fonts/Inter-Regular.ttf",
        "connectors/post/fonts/Inter-Italic.ttf",
        "inbox/templates/__init__.py",
    } | {_packed(path) for path in _files_beside_the_modules(source)}
    assert expected <= names


def test_the_wheel_holds_no_tests_and_no_second_templates(wheel):
    top = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {
        "postkorb",
        "connectors",
        "crm",
        "inbox",
    }


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["serve", "--help"]])
def test_the_program_answers_from_any_folder(elsewhere, command):
    assert "postkorb" in _run(elsewhere / "postkorb", *command, cwd="/").lower()


@pytest.fixture(scope="module")
def served(elsewhere, tmp_path_factory) -> Iterator[str]:
    """The address of an inbox that the wheel set up and serves."""
    config = tmp_path_factory.mktemp("etc") / "config.toml"
    postkorb = [elsewhere / "postkorb", "--config", config]
    told = {"--company": "Muster GmbH", "--name": "Anna Berg", "--email": "anna@muster.example"}
    _run(*postkorb, "init", *(word for pair in told.items() for word in pair), cwd="/")
    [port] = free_ports(1)
    config.write_text(config.read_text("utf-8").replace("# port = 8025 ", f"port = {port} "))
    with subprocess.Popen([*postkorb, "serve"], cwd="/", stderr=subprocess.PIPE) as server:
        try:
            wait_for_port(port, seconds=30)
            yield f"http://localhost:{port}"
        finally:
            server.terminate()


def test_init_makes_an_inbox_whose_pages_and_files_are_served(served):
    with urlopen(served) as page:
        assert "sign-in" in page.url, "who is not signed in is asked to"
        assert b"htmx.js" in page.read()
    for name in ("htmx.js", "inter.css", "icons.svg"):
        with urlopen(f"{served}/static/vendor/{name}") as file:
            assert file.status == 200


def test_what_was_started_is_the_wheel(elsewhere):
    shown = _run(elsewhere / "python", "-c", "import crm; print(crm.__file__)", cwd="/")
    assert shown.startswith(str(elsewhere.parent))


def _files_beside_the_modules(source: Path) -> list[Path]:
    """Templates, styles, scripts, translations, migrations, the demo's data."""
    patterns = (
        "templates/**/*.html",
        "templates/**/*.txt",
        "inbox/static/**/[!.]*.*",
        "inbox/translations/**/*.po",
        "crm/migrations/**/*.*",
        "connectors/post/*.typ",
        "postkorb/demo/**/*.*",
    )
    found = [path.relative_to(source) for pattern in patterns for path in source.glob(pattern)]
    return found + [path.with_suffix(".mo") for path in found if path.suffix == ".po"]


def _packed(path: Path) -> str:
    return f"inbox/{path}" if path.parts[0] == "templates" else str(path)


def _run(*command, cwd=None) -> str:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
