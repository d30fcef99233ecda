"""A morning without the mouse, on the German page: every key of the core does what the sheet says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Demo


@pytest.fixture
def desk(demo: Demo, page: Page) -> Page:
    demo.sign_in(page)
    page.goto(f"{demo.address}/open")
    return page


def test_j_and_k_walk_the_list_and_enter_opens(desk: Page) -> None:
    rows = desk.locator("[data-row]")
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    desk.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    subject = rows.nth(0).locator(".row-subject .one-line").inner_text()
    desk.keyboard.press("Enter")
    expect(title(desk)).to_have_text(subject)
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")


def test_r_writes_n_notes_and_escape_gives_the_keys_back(desk: Page) -> None:
    opened(desk)
    desk.keyboard.press("r")
    expect(desk.get_by_role("textbox", name="Antwort")).to_be_focused()
    desk.keyboard.type("j k e u")
    expect(desk.get_by_role("textbox", name="Antwort")).to_have_value("j k e u")
    desk.keyboard.press("Escape")
    desk.keyboard.press("n")
    expect(desk.get_by_role("textbox", name="Notiz")).to_be_focused()
    expect(desk.get_by_role("button", name="Senden")).to_be_hidden()
    expect(desk.get_by_text("Das liest nur das Team. Nichts wird gesendet.")).to_be_visible()


def test_a_and_h_open_their_menus_and_i_takes_over(desk: Page) -> None:
    opened(desk)
    desk.keyboard.press("h")
    expect(desk.get_by_role("button", name="Morgen")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("button", name="Morgen")).to_be_hidden()
    desk.keyboard.press("a")
    expect(desk.get_by_role("button", name="Jonas Thiel")).to_be_visible()
    desk.keyboard.press("Escape")
    assignee = desk.locator(".thread-assignee")
    desk.keyboard.press("a")
    desk.get_by_role("button", name="Jonas Thiel").click()
    expect(assignee).to_have_text("JT Jonas Thiel")
    desk.keyboard.press("i")
    expect(assignee).to_have_text("MF Mara Feldkamp")


def test_e_closes_and_goes_on_and_z_brings_it_back(desk: Page) -> None:
    opened(desk)
    subject = title(desk).inner_text()
    desk.keyboard.press("e")
    expect(title(desk)).not_to_have_text(subject)
    expect(desk.locator("#toasts").get_by_text("Geschlossen")).to_be_visible()
    desk.keyboard.press("z")
    expect(title(desk)).to_have_text(subject)
    expect(desk.locator(".thread-state .chip-open")).to_have_text("Offen")


def test_u_goes_back_slash_searches_and_the_sheet_tells_the_rest(demo: Demo, desk: Page) -> None:
    opened(desk)
    desk.keyboard.press("u")
    expect(desk).to_have_url(re.compile("/open$"))
    desk.keyboard.press("/")
    expect(desk.get_by_role("searchbox", name="Suchen")).to_be_focused()
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Tasten")).to_be_visible()
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Tasten")).to_be_hidden()
    desk.keyboard.press("g")
    desk.keyboard.press("d")
    expect(desk).to_have_url(f"{demo.address}/suggestions")


def opened(desk: Page) -> None:
    """The first conversation of the list."""
    desk.locator("[data-row]").first.click()
    expect(title(desk)).to_be_visible()


def title(desk: Page) -> Locator:
    return desk.locator("#thread-head h1")
