"""New words, history and signature are told apart, and no line is ever lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.quotes import Separated, separate

NEW = "Guten Tag,\n\ndas Netzteil fehlt."
HISTORY = "Ihre Sendung ist unterwegs."


@pytest.mark.parametrize(
    "introduction",
    [
        "Am 03.02.25 um 14:05 schrieb Support:",
        "Am Mo., 3. Feb. 2025 um 14:05 Uhr schrieb Support <\nsupport@example.org>:",
        "Support <support@example.org> schrieb am Mo., 3. Feb. 2025\num 14:05 Uhr:",
        "On Mon, Feb 3, 2025 at 2:05 PM Support <support@example.org> wrote:",
        "Le lun. 3 févr. 2025 à 14:05, Support <support@example.org> a écrit :",
        "El lun, 3 feb 2025 a las 14:05, Support (<support@example.org>) escribió:",
        "Op ma 3 feb 2025 om 14:05 schreef Support <support@example.org>:",
        "Il giorno lun 3 feb 2025 alle ore 14:05 Support <support@example.org> ha scritto:",
        "-----Ursprüngliche Nachricht-----",
        "-----Original Message-----",
        "________________________________\nVon: Support\nGesendet: Montag\nAn: Anna\nBetreff: AW: x\n",
        "From: Support <support@example.org>\nSent: Monday\nTo: Anna\nSubject: RE: x\n",
        "De : Support\nEnvoyé : lundi\nÀ : Anna\nObjet : RE: x\n",
    ],
)
def test_history_below_the_answer_is_folded(introduction):
    parts = separate(f"{NEW}\n\n{introduction}\n{HISTORY}\n")
    assert (parts.text, parts.quoted) == (NEW, f"{introduction}\n{HISTORY}")


def test_answers_between_the_quoted_lines_stay():
    parts = separate("Am 3.2.2025 schrieb Support:\n> Fehlt etwas?\nJa.\n> Was?\nDas Netzteil.\n")
    assert parts.text == "Ja.\nDas Netzteil."


def test_an_answer_below_the_history_stays():
    parts = separate(f"Am 3.2.2025 schrieb Support:\n> {HISTORY}\n\n{NEW}\n\n-- \nAnna\n")
    assert (parts.text, parts.signature) == (NEW, "-- \nAnna")


@pytest.mark.parametrize("line", ["Von meinem iPhone gesendet", "Sent from my iPhone"])
def test_the_line_of_a_telephone_is_no_new_word(line):
    assert separate(f"{NEW}\n\n{line}\n").signature == line


@pytest.mark.parametrize(
    "text",
    [
        "> alles zitiert\n> sonst nichts",
        "Am 3.2.2025 um 14:05 schrieb Support:\n\nnur Altes",
        "-- \nnur eine Unterschrift",
        "",
    ],
)
def test_where_nothing_new_remains_everything_is_shown(text):
    assert replace(separate(text), is_mixed=False) == Separated(text)


@pytest.mark.parametrize(
    "text",
    [
        "Am Montag kam ein Brief.\nDarin stand: alles gut.",
        "On Thursday I wrote to you and got no answer.",
        "Termin:\nDatum: 3. Oktober\nOrt: Köln",
        "Bitte an: Anna Bauer\nVon der Firma.",
        "Die Reise:\nVon: Berlin\nAn: Hamburg\nDatum: Freitag\nDanke",
        "Guten Tag,\n\nam 3.2.2025 schrieb ich Ihnen:\n\nDas Netzteil fehlt.\n\nWas nun?",
        "Hello,\n\nOn 3 February 2025 at 14:05 I wrote to anna@example.org:\n\nWhere is it?",
        "Hallo,\n\nIhre Kollegin hat mir geschrieben:\n\nDas Netzteil kommt.",
        "Ich bestellte am 3.2.2025 um 14:05.\nMeine Adresse: anna@example.org\nIch frage:\nWo?",
        "Dies fehlt:\n- Schraube\n- Mutter\n- Anna",
        "Here is another mail\n\nSent from my desk, which is much easier than the telephone.",
        ">>> Jetzt kaufen <<<\nAngebot",
        "| Artikel | Zahl |\n| Schraube | 3 |\nDanke",
        "Reply to the above: yes.",
        "Es steht auf https://example.org/2025/02/03/on-what-she-wrote:\n\nDas Netzteil fehlt.",
        "Hello,\n\nOn the whole I am glad, as he wrote:\n\nall is well.",
        "Von: hier\nbis dort",
        "From: the beginning it did not work.\nTo: be honest, it never did.",
        "Erstens\n---\nZweitens\n---\nDrittens",
        "Erst dies\n--\n" + "\n".join(f"Zeile {n}" for n in range(20)),
        "Sent from my desk you will get the papers, which are long and many, and then some more.\nok",
    ],
)
def test_ordinary_words_are_not_mistaken(text):
    assert separate(text).text == text


@pytest.mark.parametrize(
    ("text", "new"),
    [
        # Nothing stands above it, so that what follows an attribution is what he wants to show.
        ("Am 3.2.2025 um 14:05 schrieb A:\n\nNur dies.", "Am 3.2.2025 um 14:05 schrieb A:\n\nNur dies."),
        ("Ja\n\n> " + "lang " * 14 + "\numbrochen\n> weiter\nNein", "Ja\n\nNein"),
        ("Ja\n\nMon, 3.2.2025 14:05, you wrote:\nAB> Und?\nNein", "Ja\n\nNein"),
        ("Ja\n\n-----\nAm 3.2.2025 um 14:05 schrieb A:\n\nAlt", "Ja"),
        ("Von: A\nAn: B\nBetreff: c\n\nDies.\n\nAm 3.2.25 um 14:05 schrieb B:\n> x", "Von: A\nAn: B\nBetreff: c\n\nDies."),
        ("## Reply above this line ##\n\nIhr Fall wurde gelöst.", "## Reply above this line ##\n\nIhr Fall wurde gelöst."),
        ("-----Original Message-----\nFrom: a@b.de\nTo: c\nSubject: d\n\n> Und?\n\nNein", "Nein"),
        ("Ja\n-Anna", "Ja"),
        ("Ja\n-- \n" + "Anna Bauer, Vertraulich\n" * 30, "Ja"),
        ("Ja\n\n>> alt\n>>\n>>> älter\n>>>\n>>>> am ältesten\n>>>>", "Ja"),
        ("Ja\n\n&gt; alt\n&gt; älter\n\nNein", "Ja\n\nNein"),
    ],
)  # fmt: skip
def test_what_stands_above_and_below_decides(text, new):
    assert separate(text).text == new


TRAPS = {
    "on on on": "On " * 333_000,
    "lines of on": "On\n" * 333_000,
    "lines of on xxx": "On xxx 3 Feb 2025 14:05\n" * 40_000,
    "marked attributions without an end": "> On a b c d wrote\n" * 50_000,
    "attributions": "On a b c d wrote:\n" * 50_000,
    "one endless line": "a" * 1_000_000,
    "deeply quoted": ">" * 1_000_000,
    "deeply quoted lines": (">" * 5_000 + "\n") * 200,
    "blank": " " * 1_000_000,
    "nothing but lines": "\n" * 1_000_000,
    "headers": "From: a@b.de\n" * 75_000,
    "headers in a line": "From: a To: b Date: c " * 45_000,
    "rules": "-----\n\n\n" * 120_000,
    "signatures": "-- \nx\n" * 160_000,
    "colons": ":\n" * 500_000,
    "unfinished addresses": "Anna <\n" * 140_000,
    "open brackets": "<a" * 499_000 + ":",
}


@pytest.mark.parametrize("text", TRAPS.values(), ids=TRAPS)
def test_a_megabyte_of_anything_takes_less_than_two_seconds(text):
    begun = process_time()
    separate(text)
    assert process_time() - begun < 2


@given(
    st.lists(
        st.sampled_from(
            ["", "Hallo", "> alt", "-- ", "Am 3.2.2025 schrieb A:", "Von: a", "An: b", "Betreff: c",
             "On 1/2 x wrote:", "____________________", "Sent from my x", "> ", "---- x wrote ----",
             "From: a@b.de", "To: c", "Forwarded message:", "-Anna", "| x", "AB> x", "Anna <",
             "a@b.de>", "Reply above this line", "2025-02-03 14:05 GMT+1 a", "\u200b", "\xa0"]
        ) | st.text(max_size=20).filter(lambda line: "\n" not in line),
        max_size=25,
    ),
    st.sampled_from(["", "AW: x", "WG: x"]),
)  # fmt: skip
def test_every_line_stands_in_exactly_one_part(lines, subject):
    parts = separate("\n".join(lines), subject)
    shown = Counter("\n".join((parts.text, parts.quoted, parts.signature)).split("\n"))
    assert +Counter(line for line in lines if line) == +Counter(
        {line: count for line, count in shown.items() if line}
    )
