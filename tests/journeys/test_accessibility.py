"""Who sees or hears otherwise: no serious finding of axe on any page, in either theme and size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PATIENCE, Demo

GRAVE = {"serious", "critical"}
PAGES = (
    "/open",
    "/spam",
    "/conversations/11?view=open",
    "/conversations/25?view=open",
    "/conversations/32?view=open",
    "/conversations/11?view=open&mode=note",
    "/contacts",
    "/contacts/1",
    "/suggestions",
    "/search?q=akku",
    "/search?q=nirgends+zu+finden",
    "/channels",
    "/settings",
    "/keys",
    "/conversations/9999",
)
LOOKS = {
    "light desk": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark desk": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


@pytest.fixture(scope="module", params=LOOKS)
def looking(request: pytest.FixtureRequest, browser: Browser, demo: Demo) -> Iterator[Page]:
    context = browser.new_context(locale="de-DE", reduced_motion="reduce", **LOOKS[request.param])
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    demo.sign_in(tab)
    yield tab
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_serious_finding(looking: Page, demo: Demo, path: str) -> None:
    looking.goto(demo.address + path)
    assert grave(looking) == []


@pytest.mark.parametrize("width", [1280, 1100, 800, 640, 320])
def test_a_page_of_any_width_scrolls_only_downwards(page: Page, demo: Demo, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    demo.sign_in(page)
    wider = {}
    for path in PAGES[:-1]:
        page.goto(demo.address + path)
        wider[path] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert {path: over for path, over in wider.items() if over > 0} == {}


def test_the_sign_in_has_no_serious_finding(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/sign-in")
    assert grave(page) == []


def test_menus_have_no_serious_finding(looking: Page, demo: Demo) -> None:
    looking.goto(f"{demo.address}/conversations/11?view=open")
    looking.locator("#reply textarea").fill("Begun, so that a phone shows how to send it")
    for menu in looking.locator("#main details[data-menu] > summary").all():
        menu.click()
        assert grave(looking) == []
        looking.keyboard.press("Escape")


def test_the_sheet_of_keys_has_no_serious_finding(page: Page, demo: Demo) -> None:
    demo.sign_in(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert grave(page) == []


def grave(page: Page) -> list[str]:
    """What axe calls serious or critical: the rule, and the first places where it is broken."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in GRAVE
    ]
