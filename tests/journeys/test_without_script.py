"""A browser without JavaScript: the same pages, the same acts, less live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PATIENCE, Demo

REPLY = "#reply textarea"


@pytest.fixture
def plain(browser: Browser, demo: Demo) -> Iterator[Page]:
    """Mara's browser; she signs in with her password."""
    context = browser.new_context(locale="de-DE", java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    tab.goto(f"{demo.address}/open")
    tab.get_by_label("E-Mail-Adresse").fill("mara@lindenrad.example")
    tab.get_by_label("Passwort").fill("lindenrad-mara")
    tab.get_by_role("button", name="Anmelden").click()
    yield tab
    context.close()


def test_signing_in_leads_to_the_page_that_was_asked_for(plain: Page, demo: Demo) -> None:
    expect(plain).to_have_url(f"{demo.address}/open")
    expect(plain.get_by_role("heading", name="Alle offenen")).to_be_visible()


def test_a_reply_goes_out_and_can_be_taken_back(plain: Page) -> None:
    open_conversation(plain, "Ersatzschlüssel zum Rahmenschloss")
    plain.locator(REPLY).fill("Der Schlüssel liegt bereit.")
    plain.get_by_role("button", name="Senden", exact=True).click()
    expect(plain.locator(".delivery-waiting")).to_be_visible()
    plain.locator(".delivery-waiting").get_by_role("button", name="Zurücknehmen").click()
    expect(plain.locator(REPLY)).to_have_value("Der Schlüssel liegt bereit.")


def test_a_note_stays_inside(plain: Page) -> None:
    open_conversation(plain, "Probefahrt am Samstag")
    plain.get_by_role("radio", name="Notiz").check()
    expect(plain.get_by_role("button", name="Senden", exact=True)).to_be_hidden()
    plain.get_by_role("textbox", name="Notiz").fill("Größe M, bitte vorbereiten.")
    plain.get_by_role("button", name="Notiz ablegen").click()
    expect(plain.locator(".message-note").last).to_contain_text("Größe M, bitte vorbereiten.")


def test_closing_goes_on_to_the_next_and_is_undone(plain: Page) -> None:
    open_conversation(plain, "Licht flackert seit dem Update")
    plain.get_by_role("button", name="Schließen").first.click()
    expect(plain.get_by_role("heading", name="Licht flackert seit dem Update")).to_be_hidden()
    plain.locator("#toasts").get_by_role("button", name="Zurücknehmen").click()
    expect(plain.get_by_role("heading", name="Licht flackert seit dem Update")).to_be_visible()
    expect(plain.locator(".thread-state")).to_contain_text("Offen")


def test_assigning_and_snoozing_are_menus_that_open_by_themselves(plain: Page) -> None:
    open_conversation(plain, "Ein Lob für Frau Kaya")
    plain.locator(".thread-assignee").click()
    plain.get_by_role("button", name="Selin Kaya").click()
    expect(plain.locator(".thread-assignee")).to_contain_text("Selin Kaya")
    plain.get_by_title("Zurückstellen (h)").click()
    plain.get_by_role("button", name="In einer Woche").click()
    expect(plain.locator("#toasts")).to_contain_text("Zurückgestellt bis")


def test_two_contacts_become_one_and_two_again(plain: Page, demo: Demo) -> None:
    plain.goto(f"{demo.address}/suggestions")
    plain.get_by_role("button", name="Dieselbe Person").click()
    expect(plain.locator("#toasts")).to_contain_text("Jetzt ein Kontakt")
    plain.locator("#toasts").get_by_role("button", name="Zurücknehmen").click()
    expect(plain.locator("#toasts")).to_contain_text("Getrennt")


def open_conversation(plain: Page, subject: str) -> None:
    plain.get_by_role("link", name=subject).click()
    expect(plain.get_by_role("heading", name=subject)).to_be_visible()
