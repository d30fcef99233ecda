"""Whose telephone number stands in a mail: only the sender's own, labelled and at its end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.phones import phones_below
from connectors.email.quotes import separate
from connectors.email.read import read_mail
from crm.channels.contract import Address, IdentityKind

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def phones(text, ours=""):
    return list(phones_below(separate(text), ours))


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("Telefon 0555 3142207", ["0555 3142207"]),
        ("Tel.: +49 (0)541 / 12 34-56", ["+49 (0)541 / 12 34-56"]),
        ("Phone: +1 (212) 555-0100", ["+1 (212) 555-0100"]),
        ("*Fon:* 0541 123456", ["0541 123456"]),
        ("Mobiltelefon: 0171 1234567", ["0171 1234567"]),
        ("Tel.-Nr. 0541/123456", ["0541/123456"]),
        ("Tel. 0541 123456 | Fax 0541 123457", ["0541 123456"]),
        ("Tel: 0541 123456, Mobil: 0171 1234567", ["0541 123456", "0171 1234567"]),
        ("Anna Berg · Mobile +44 7700 900123 · London", ["+44 7700 900123"]),
        ("Musterweg 3, 49074 Osnabrück, Tel. 0541 123456", ["0541 123456"]),
        ("Fax: 0541 123457", []),
        ("Telefax 0541 123457", []),
        ("Tel./Fax: 0541 123457", []),
        ("0541 123456", []),
        ("Kundennummer 12345678", []),
        ("IBAN DE02 1203 0000 0000 2020 51", []),
        ("Tel. 123", []),
        ("Hotel: 12345678", []),
        ("Telefon 0800 1234567 war gestern besetzt.", []),
    ],
)
def test_a_number_is_known_by_its_label(line, numbers):
    assert phones(f"Guten Tag,\n\nwo bleibt es?\n\n-- \nAnna Berg\n{line}\n") == numbers


def test_a_signature_nobody_marked_is_the_end_of_the_text():
    assert phones("Guten Tag,\n\nwo bleibt es?\n\nAnna Berg\nTel. 0541 123456") == ["0541 123456"]


def test_a_number_further_up_belongs_to_the_story():
    story = "Beim Hersteller:\nTel. 0541 999999\n" + "Niemand wusste etwas.\n" * 6
    assert phones(f"{story}Anna Berg") == []


def test_history_is_nobodys_signature():
    text = "Danke!\n\nAm 1.3.2026 schrieb Mara <support@example.org>:\n> Gern.\n> Tel. 0541 999999"
    assert phones(text) == []
    assert phones(text.partition("\n\n")[2]) == []
    assert phones("> Hallo\n> Tel. 0541 999999") == []


def test_our_own_number_left_by_an_unmarked_quotation_is_nobodys():
    assert phones("Danke\nTel. 0541 / 99 99 99", "+49 541 999999") == []


def test_the_same_number_written_twice_is_one():
    assert phones("Hi\n-- \nTel. 0541 123456\nMobil +49 541 123456") == ["+49 541 123456"]


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("From: anna@example.com", (Address(IdentityKind.PHONE, "0541 123456"),)),
        ("From: anna@example.com\nAuto-Submitted: auto-replied", ()),
        ("From: support@example.org", ()),
    ],
)
def test_a_number_is_named_and_only_by_a_customer_who_writes(header, named):
    raw = f"{header}\nSubject: Hi\n\nHello\n-- \nTel. 0541 123456\n".encode()
    assert read_mail(raw, "1", NOW, ["support@example.org"]).sender.named == named


@given(st.text(alphabet="tel.: 0123456789|(/)-\n>mobil", max_size=400))
def test_no_text_is_too_strange(text):
    assert len(phones(text)) <= 3
