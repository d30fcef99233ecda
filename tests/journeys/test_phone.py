"""A phone in the hand: one pane, a bar of five, and nothing that moves from under the finger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PATIENCE, Demo


@pytest.fixture
def phone(browser: Browser, demo: Demo) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="de-DE")
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    demo.sign_in(tab)
    yield tab
    context.close()


def test_a_conversation_opens_and_the_list_comes_back(phone: Page, demo: Demo) -> None:
    phone.goto(f"{demo.address}/open")
    phone.get_by_text("Lastenräder: 3 von 12 mit Bremsproblem").click()
    expect(phone.locator("#thread-head h1")).to_be_visible()
    expect(phone.locator("#list")).to_be_hidden()
    phone.get_by_role("link", name="Zurück zur Liste").click()
    expect(phone.locator("#list")).to_be_visible()


def test_a_tap_chooses_another_way(phone: Page, demo: Demo) -> None:
    phone.goto(f"{demo.address}/conversations/14?view=open")
    phone.locator(".tab").filter(has_text="Brief").click()
    expect(phone.get_by_role("radio", name="Brief")).to_be_checked()
    expect(phone.get_by_role("textbox", name="Antwort")).to_be_focused()
    expect(phone.locator(".composer-to:visible")).to_contain_text("Ellern")


def test_the_name_leads_to_the_contact_and_back(phone: Page, demo: Demo) -> None:
    phone.goto(f"{demo.address}/conversations/14?view=open")
    phone.locator(".thread-who").click()
    expect(phone.get_by_role("complementary", name="Kontakt")).to_be_visible()
    phone.get_by_role("link", name="Zurück", exact=True).click()
    expect(phone.get_by_role("complementary", name="Kontakt")).to_be_hidden()
