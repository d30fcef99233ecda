"""format=flowed as RFC 3676 has it, alone and in a whole mail."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time

import pytest

from connectors.email.flowed import unflowed
from connectors.email.read import read_mail

AT = datetime(2025, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Eins \nzwei \ndrei.\nVier.", "Eins zwei drei.\nVier."),
        ("> Eins \n> zwei.\nDrei.", "> Eins zwei.\nDrei."),
        (">Eins \n>zwei.", "> Eins zwei."),
        (">> Eins \n> zwei.", ">> Eins \n> zwei."),
        (" From hier an \ngeht es.", "From hier an geht es."),
        ("  Eingerückt.", " Eingerückt."),
        ("Gruß \n-- \nAnna \nBauer", "Gruß \n-- \nAnna Bauer"),
        ("> Gruß \n> -- \n> Anna", "> Gruß \n> -- \n> Anna"),
        ("Eins.\n\nZwei.", "Eins.\n\nZwei."),
        ("Eins \n\nZwei.", "Eins \n\nZwei."),
        ("Eins \r\nzwei.\r\n", "Eins zwei.\n"),
        ("", ""),
    ],
)
def test_a_paragraph_is_one_line_again(sent, shown):
    assert unflowed(sent) == shown


def test_with_delsp_the_blank_at_the_end_goes():
    assert unflowed("日本 \n語です。\nDonau  \ndampf \nschiff", delsp=True) == (
        "日本語です。\nDonau dampfschiff"
    )


@pytest.mark.parametrize(
    ("parameters", "body", "text", "quoted", "signature"),
    [
        (
            "format=flowed",
            "Es fehlt \nein Netzteil.\n\nAm 3.2.2025 schrieb Support:\n> Was \n> fehlt?\n-- \nAnna",
            "Es fehlt ein Netzteil.",
            "Am 3.2.2025 schrieb Support:\n> Was fehlt?",
            "-- \nAnna",
        ),
        ("Format=Flowed; DelSp=Yes", "Netz \nteil", "Netzteil", "", ""),
        ("charset=utf-8", "Es fehlt \nein Netzteil.", "Es fehlt \nein Netzteil.", "", ""),
    ],
)
def test_a_mail_says_by_its_type_that_it_flows(parameters, body, text, quoted, signature):
    mail = f"Content-Type: text/plain; {parameters}\r\n\r\n" + body.replace("\n", "\r\n")
    read = read_mail(mail.encode(), "1", AT)
    assert (read.text, read.quoted, read.signature) == (text, quoted, signature)


def test_a_megabyte_of_one_paragraph_takes_less_than_two_seconds():
    begun = process_time()
    unflowed("a \n" * 333_000)
    assert process_time() - begun < 2
