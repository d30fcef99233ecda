"""The demo as a newcomer starts it, and a real browser that reports every broken policy."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
PATIENCE = 60_000
"""Milliseconds: the machine may be busy; nothing waits this long that works."""


@dataclass(frozen=True)
class Demo:
    """A running demo: where it is, how to sign in, and the folder with all that left it."""

    address: str
    link: str
    folder: Path

    def sign_in(self, tab: Page) -> None:
        """Mara signs in with her password; the link works only once."""
        tab.goto(f"{self.address}/sign-in")
        tab.locator("[name=email]").fill("mara@lindenrad.example")
        tab.locator("[name=password]").fill("lindenrad-mara")
        tab.locator("[name=password]").press("Enter")
        tab.wait_for_url(lambda url: "/sign-in" not in url)

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline:
            with socket.socket() as door:
                if door.connect_ex(("localhost", int(self.address.rpartition(":")[2]))) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"nobody answers at {self.address}")

    def wait_for(self, pattern: str, holding: str = "") -> Path:
        """The file in the demo's folder that matches, once there is one that holds the words."""
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline:
            for path in sorted(self.folder.glob(pattern)):
                if holding.encode() in path.read_bytes():
                    return path
            time.sleep(0.1)
        raise TimeoutError(f"no {pattern} holding {holding!r} in {self.folder}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "-m", "postkorb", "demo", "--folder", str(folder)]
    with subprocess.Popen(
        [*command, "--port", str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl+C" in line:
                break
        link = re.search(r"http://\S+/sign-in/once/\S+", said)
        assert link, said
        found = Demo(f"http://localhost:{port}", link[0], folder)
        found.wait_until_it_answers()
        yield found
        process.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab whose every error and broken policy fails the journey."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="de-DE")
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on(
        "console",
        lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None,
    )
    yield tab
    context.close()
    assert wrong == []
