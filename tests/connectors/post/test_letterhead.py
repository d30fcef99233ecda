"""What stands in a letter is read; what is not sure is left out."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.post.letterhead import read_letter

OURS = ("Lindgrün Fahrräder GmbH", "Speicherweg 4-6")
RECEIVED = date(2026, 11, 25)

EXPECTED = {
    "return-line-and-information-block": {
        "sender.name": "Jürgen Dreßler",
        "sender.company": "Möbel Freudenberg GmbH",
        "sender.street": "An der Mühle 149",
        "sender.postcode": "30159",
        "sender.city": "Hannover",
        "sender.phone": "069 90009-599",
        "sender.email": "buero@moebel-freudenberg.example",
        "date": "2026-06-17",
        "place": "Hannover",
        "subject": "Beschwerde über die Lieferung vom 3. Juni 2026",
        "our_reference": "PK-1042-K7",
        "your_reference": "jd-17",
        "customer_number": "K-802239",
        "salutation": "Sehr geehrte Damen und Herren,",
        "body": "am 3. Juni 2026 kamen zwei der acht Diensträder mit verbogenen Felgen bei uns an. Ihr "
        "Fahrer nahm sie nicht wieder mit.\n\n"
        "Bitte tauschen Sie beide Räder bis zum 30. Juni 2026 aus.",
        "closing": "Freundliche Grüße",
        "signature_name": "Jürgen Dreßler",
    },
    "received-stamp-over-the-head": {
        "sender.name": "Winston Doyle",
        "sender.street": "71 Orchard Close",
        "sender.postcode": "EH1 1YZ",
        "sender.city": "Edinburgh",
        "sender.phone": "020 7946 0930",
        "sender.email": "winston.doyle@mail.example",
        "date": "2026-09-08",
        "subject": "Notice of cancellation",
        "our_reference": "PK-8372",
        "salutation": "Dear Ms Lindner,",
        "body": "Please cancel my service plan with effect from 31st October 2026. Any credit may go to "
        "the account you have on file.",
        "closing": "Yours sincerely,",
        "signature_name": "Winston Doyle",
    },
    "american-date-and-state": {
        "sender.name": "Fiona Collins",
        "sender.company": "Fairbanks Tool & Die, Inc.",
        "sender.street": "2379 Maple Avenue",
        "sender.postcode": "02108",
        "sender.city": "Boston, MA",
        "sender.email": "office@fairbanks-tool.example",
        "date": "2026-03-06",
        "subject": "Query about invoice 7913347",
        "customer_number": "KD-2025-83455",
        "salutation": "Dear Sir or Madam:",
        "body": "Item 3 of your invoice includes a call-out charge to which we did not agree.",
        "closing": "Sincerely,",
        "signature_name": "Fiona Collins",
    },
    "sender-below-the-signature": {
        "sender.name": "Fiona O'Brien",
        "sender.street": "95 Station Road",
        "sender.postcode": "CF10 1EP",
        "sender.city": "Cardiff",
        "sender.phone": "020 7946 0473",
        "date": "2026-07-22",
        "place": "Cardiff",
        "subject": "Damaged bell",
        "salutation": "Dear Sir or Madam,",
        "body": "the bell of my bicycle arrived broken. Could you send a new one?",
        "closing": "Kind regards,",
        "signature_name": "Fiona O'Brien",
    },
    "form-filled-in": {
        "sender.name": "Rüdiger Krüger",
        "sender.street": "Zeppelinring 5",
        "sender.postcode": "20095",
        "sender.city": "Hamburg",
        "sender.phone": "+49 89 99998 663",
        "date": "2026-07-19",
        "place": "Hamburg",
        "subject": "Neue Anschrift",
        "customer_number": "53 325 981",
        "body": "ab dem 1. August 2026 wohne ich unter der Anschrift, die oben steht.",
    },
    "fax-with-its-own-header": {
        "sender.name": "Jan-Philipp Weiß",
        "sender.company": "Café Zuckerstück",
        "sender.street": "Hauptstraße 63",
        "sender.postcode": "72070",
        "sender.city": "Tübingen",
        "sender.phone": "030 23125-404",
        "date": "2026-11-08",
        "subject": "Leihrad für Montag",
        "salutation": "Guten Tag,",
        "body": "wir brauchen am Montag ein Leihrad, unser Lastenrad steht bei Ihnen.",
        "closing": "Viele Grüße",
        "signature_name": "Jan-Philipp Weiß",
    },
    "only-our-own-address": {
        "salutation": "Guten Tag,",
        "body": "mein Rad quietscht.",
        "closing": "Viele Grüße",
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_letter_is_read_field_by_field_and_nothing_is_made_up(name, letter_text):
    letter = read_letter(letter_text(name), OURS, RECEIVED)
    assert {field: found.value for field, found in letter.found() if found.value} == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("return-line-and-information-block", "DE"),
        ("received-stamp-over-the-head", "GB"),
        ("american-date-and-state", "US"),
        ("only-our-own-address", ""),
    ],
)
def test_the_country_follows_from_the_form_of_the_postcode(name, country, letter_text):
    assert read_letter(letter_text(name), OURS, RECEIVED).who.country.value == country


def test_every_value_given_says_how_sure_it_is(letter_text):
    letter = read_letter(letter_text("return-line-and-information-block"), OURS, RECEIVED)
    assert all(0 < found.confidence <= 1 for _, found in letter.found() if found.value)


def test_the_text_in_the_thread_runs_from_salutation_to_end(letter_text):
    text = read_letter(letter_text("return-line-and-information-block"), OURS, RECEIVED).text
    assert text.startswith("Sehr geehrte Damen und Herren,\n\nam 3. Juni")
    assert text.endswith("Freundliche Grüße\nJürgen Dreßler\n\nAnlage\nLieferschein")


def test_of_what_is_no_letter_every_word_is_kept():
    text = "Invoice 17\nErika Muster\nWeg 1\n12345 Ort\n\nOne bell  9.90"
    assert read_letter(text, OURS, RECEIVED).text.split() == text.split()


def test_a_lone_address_is_nobodys_when_we_do_not_know_our_own():
    letter = read_letter("Erika Muster\nWeg 1\n12345 Ort\n\nGuten Tag,\nhallo.\n", (), RECEIVED)
    assert not letter.who.postcode.value


def test_a_neighbour_of_ours_may_write_to_us():
    text = "Erika Muster\nSpeicherweg 14\n20457 Hamburg\n\nGuten Tag,\nhallo.\n"
    assert read_letter(text, OURS, RECEIVED).who.street.value == "Speicherweg 14"


@pytest.mark.parametrize(
    ("written", "received"),
    [
        ("Hamburg, 24.12.2026", RECEIVED),
        ("Hamburg, 31.02.2026", RECEIVED),
        ("Hamburg, 1.1.1911", RECEIVED),
    ],
    ids=["in the future", "no such day", "a century ago"],
)
def test_a_date_that_cannot_be_the_letters_own_is_left_out(written, received):
    assert read_letter(f"{written}\n\nGuten Tag,\nhallo.\n", (), received).day is None


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("Rückfrage [PK-1042-K7]\n\nGuten Tag,\nhallo.", "PK-1042-K7"),
        ("Guten Tag,\nzu Ihrem Schreiben PK-1042 vom Mai.", "PK-1042"),
        ("Guten Tag,\nzu PK – 1042 fällt mir ein.", "PK-1042"),
        ("Guten Tag,\nzu PK-1042 und PK-1043.", ""),
        ("Ihr Zeichen: PK-1043\n\nGuten Tag,\nanders als PK-1042.", "PK-1043"),
        ("Guten Tag,\nmeine SPK-1042 und PK-1042abc.", ""),
    ],
)
def test_our_reference_is_read_where_it_is_the_only_one(text, reference):
    assert read_letter(text, OURS, RECEIVED).our_reference.value == reference


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=400)
    | st.lists(
        st.sampled_from(
            [
                "Sehr geehrte Damen",
                "Firma - Weg 1 - 12345 Ort",
                "12345 Ort",
                "Weg 1",
                "Tel.",
                "Datum: 1.2.26",
                "Name, Vorname",
                "\f",
                "",
                "Viele Grüße",
                "Anlage",
                "EINGEGANGEN",
                "IBAN E-Mail Tel",
                "PK-1",
                "Von: , ",
            ]
        )
    ).map("\n".join)
)
def test_any_text_at_all_is_read_without_a_complaint(text):
    read_letter(text, OURS, RECEIVED)
