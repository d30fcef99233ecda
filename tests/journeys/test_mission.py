"""The mission, as an agent lives it: three senders, one person, one thread, every way out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pypdfium2
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PATIENCE, Demo

MAIL = "Akku T7 lädt nicht mehr"
LETTER = "Akku meiner T7, Rechnung und Rahmennummer"
POST = "Akku T7 lädt nur bis 40 %"


def test_from_three_senders_to_one_answered_person_and_back(
    demo: Demo, page: Page, tmp_path: Path
) -> None:
    expect.set_options(timeout=PATIENCE)
    page.goto(demo.link)
    open_conversation(page, demo, MAIL)

    merge_suggested(page, "Annegret Brandt")
    merge_suggested(page, "Annegret H.-Brandt")
    context = page.get_by_role("complementary")
    expect(context.get_by_role("link", name=LETTER)).to_be_visible()
    expect(context.get_by_role("link", name=POST)).to_be_visible()
    expect(context.get_by_text("Am Alten Deich 7")).to_be_visible()

    heard = page.locator("article.item-incoming").count()
    answer(page, "Der neue Akku geht heute an Sie ab.")
    sent = demo.wait_for("sent/*.eml", "Der neue Akku geht heute")
    assert b"a.holthausen@nordmail.example" in sent.read_bytes()
    expect(page.locator("article.item-incoming")).to_have_count(heard + 1)

    open_conversation(page, demo, POST)
    answer(page, "Bitte schicken Sie uns die Rahmennummer per Nachricht.")
    open_conversation(page, demo, LETTER)
    answer(page, "Ihre Rechnung ist angekommen.")

    forum = demo.wait_for("forum.json", "Rahmennummer per Nachricht")
    assert "postkorb" in json.dumps(json.loads(forum.read_text("utf-8")))
    letter = demo.wait_for("letters/*.pdf")
    text = pypdfium2.PdfDocument(letter)[0].get_textpage().get_text_range()
    assert "Ihre Rechnung ist angekommen." in text
    assert "Am Alten Deich 7" in text

    page.get_by_role("link", name="Kontakt öffnen").click()
    expect(page.get_by_role("button", name="Trennen")).to_have_count(2)
    exported = export(page, demo, tmp_path)
    assert [row["name"] for row in exported if "Annegret" in row["name"]] == [
        "Annegret Holthausen-Brandt"
    ]
    page.get_by_role("button", name="Trennen").first.click()
    expect(page.get_by_role("button", name="Trennen")).to_have_count(1)
    assert len([row for row in export(page, demo, tmp_path) if "Annegret" in row["name"]]) == 2


def open_conversation(page: Page, demo: Demo, subject: str) -> None:
    page.goto(f"{demo.address}/open")
    page.get_by_text(subject, exact=True).first.click()
    expect(page.get_by_role("heading", name=subject)).to_be_visible()


def merge_suggested(page: Page, name: str) -> None:
    suggestion = page.locator(".suggestion").filter(has_text=name)
    suggestion.get_by_role("button", name="Dieselbe").click()
    expect(page.locator(".suggestion").filter(has_text=name)).to_have_count(0)


def answer(page: Page, text: str) -> None:
    """Write and send; comes back when the thread shows the reply, which leaves a little later."""
    page.locator("#reply textarea").fill(text)
    page.locator("#reply [data-send]").click()
    expect(page.locator("article.item-outgoing").last).to_contain_text(text)


def export(page: Page, demo: Demo, folder: Path) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.evaluate(f"location.href = '{demo.address}/export/contacts.csv'")
    path = folder / "contacts.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
