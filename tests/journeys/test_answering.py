"""Answering several, passing on, sending later: with keys, with the mouse and without a script."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PATIENCE, Demo

_numbers = count(1)
TO_ALL = ["einkauf@ellernbruch.example", "y.tannhaeuser@kanzlei.example"]
PICTURE = """async (text) => {
  const canvas = document.createElement("canvas");
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const data = new DataTransfer();
  data.items.add(new File([blob], "akku licht.png", { type: "image/png" }));
  text.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def subject(demo: Demo) -> str:
    """That of a mail which just came: to us, to somebody else, and with a copy."""
    number = next(_numbers)
    subject = f"Drei Räder, Rechnung 240{number}"
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = "Bertram Kesselhut <b.kesselhut@example.org>"
    mail["To"] = "service@lindenrad.example, einkauf@ellernbruch.example"
    mail["Cc"] = "y.tannhaeuser@kanzlei.example"
    mail["Subject"], mail["Message-ID"] = subject, f"<three-{number}@example.org>"
    mail.set_content("Die Rechnung nennt drei Räder, geliefert wurden zwei.\n")
    half = demo.folder / f"mail/tmp/three-{number}"
    half.write_bytes(mail.as_bytes())
    half.rename(demo.folder / f"mail/new/three-{number}")
    return subject


@pytest.fixture
def desk(demo: Demo, page: Page, subject: str) -> Page:
    demo.sign_in(page)
    opened(page, demo, subject)
    return page


@pytest.fixture
def plain(browser: Browser, demo: Demo, subject: str) -> Iterator[Page]:
    """Mara's browser without JavaScript."""
    context = browser.new_context(locale="de-DE", java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    demo.sign_in(tab)
    opened(tab, demo, subject)
    yield tab
    context.close()


def test_capital_r_answers_all_and_a_click_leaves_one_out(desk: Page, demo: Demo) -> None:
    desk.keyboard.press("R")
    others = desk.locator(".composer-others:visible .chip-who")
    expect(others).to_have_text(TO_ALL)
    others.first.click()
    expect(others.first.locator("input")).not_to_be_checked()
    desk.locator("#reply textarea").fill("Guten Tag zusammen, zwei Räder.")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".message-out .message-way").last).to_contain_text("+1")
    mail = sent(demo, "zwei R=C3=A4der")
    assert "kanzlei" in str(mail["Cc"])
    assert "ellernbruch" not in f"{mail['To']} {mail['Cc']}"


def test_f_passes_on_with_the_original(desk: Page, demo: Demo) -> None:
    desk.keyboard.press("f")
    to = desk.locator("#to-forward")
    expect(to).to_be_focused()
    to.fill("Kette <teile@kette.example>")
    desk.locator("#forward textarea").fill("Wie viele gingen hinaus?")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_text("Weitergeleitet an teile@kette.example")).to_be_visible()
    mail = sent(demo, "Wie viele gingen hinaus")
    [original] = mail.iter_attachments()
    assert str(original.get_filename()).endswith(".eml")


def test_enter_among_the_recipients_makes_a_chip_and_sends_nothing(desk: Page) -> None:
    count = desk.locator(".message-out").count()
    desk.locator("#reply textarea").fill("Noch nicht fertig")
    desk.locator(".composer-more:visible summary").first.click()
    field = desk.get_by_role("textbox", name="Bcc")
    field.fill("dora@example.org")
    field.press("Enter")
    expect(desk.locator(".composer-added .chip-who")).to_have_text("dora@example.org")
    expect(desk.locator("#reply textarea")).to_have_value("Noch nicht fertig")
    assert desk.locator(".message-out").count() == count
    desk.get_by_role("button", name="Verwerfen").click()
    expect(desk.locator(".composer-added")).to_have_count(0)


def test_a_picture_that_is_dropped_stands_where_the_cursor_was(desk: Page) -> None:
    text = desk.locator("#reply textarea")
    text.fill("So blinkt es: ")
    text.evaluate(PICTURE)
    expect(text).to_have_value("So blinkt es: [image: akku-licht.png]")
    expect(desk.locator("#reply .chip-file")).to_contain_text("akku-licht.png")
    text.evaluate(PICTURE)
    expect(desk.locator("#reply .chip-file")).to_have_count(2)
    desk.reload()
    expect(desk.locator("#reply .chip-file").last).to_contain_text("akku-licht-2.png")
    desk.get_by_role("button", name="Verwerfen").click()


def test_without_a_script_all_are_answered_and_later(plain: Page) -> None:
    plain.locator(".composer-all input:visible").check()
    plain.locator("#reply textarea").fill("Bis morgen.")
    plain.locator("#reply .split summary").click()
    plain.locator("#reply").get_by_role("button", name="Morgen").click()
    card = plain.locator(".message-out").last
    expect(card.locator(".message-way")).to_contain_text("+2")
    expect(card.get_by_role("button", name="Jetzt senden")).to_be_visible()
    card.get_by_role("button", name="Zurücknehmen").click()
    expect(plain.locator(".composer-others .chip-who")).to_have_text(TO_ALL)
    plain.get_by_role("button", name="Verwerfen").click()


def test_without_a_script_a_message_is_passed_on_out_of_its_menu(plain: Page) -> None:
    plain.locator(".item-incoming .menu-holder summary").first.click()
    plain.locator(".item-incoming").get_by_role("button", name="Weiterleiten").first.click()
    plain.get_by_role("textbox", name="An", exact=True).fill("lager@kette.example")
    plain.locator("#forward").get_by_role("button", name="Weiterleiten").click()
    expect(plain.get_by_text("Weitergeleitet an lager@kette.example")).to_be_visible()


def opened(tab: Page, demo: Demo, subject: str) -> None:
    """Look for the mail until it is there, and open it."""
    deadline = time.monotonic() + PATIENCE / 1000
    link = tab.get_by_text(subject, exact=True)
    while not link.count() and time.monotonic() < deadline:
        tab.goto(f"{demo.address}/search?q={subject.rpartition(' ')[2]}")
    link.first.click()
    expect(tab.locator("#thread-head h1")).to_have_text(subject)


def sent(demo: Demo, words: str) -> EmailMessage:
    """The mail with these words, as it left."""
    found: Path = demo.wait_for("sent/**/*.eml", words)
    mail = message_from_bytes(found.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail
