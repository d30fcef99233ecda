"""Addresses and names in their one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.contacts.normalise import (
    MAX_LENGTH,
    fold,
    house_number,
    name_parts,
    name_tokens,
    normal_address,
    postcode,
    street_key,
)

kinds = st.sampled_from(["email", "phone", "postal", "handle", "other"])
written = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="aA1ß.@<>|-+ ,()ü\n\0", max_size=40),
    st.text(alphabet="0123456789+()/- ", max_size=20),
    st.emails(),
    st.text(min_size=450, max_size=600),
)


@pytest.mark.parametrize(
    ("kind", "value", "scope", "normal"),
    [
        ("email", " Anna.Meier@Example.ORG. ", "", "anna.meier@example.org"),
        ("email", "Anna Meier <mailto:anna@example.org>", "", "anna@example.org"),
        ("email", "info@Bücher.example", "", "info@xn--bcher-kva.example"),
        ("email", "anna+news@example.org", "", "anna+news@example.org"),
        ("email", "anna at example.org", "", ""),
        ("email", "anna@", "", ""),
        ("email", "@example.org", "", ""),
        ("email", f"{'a' * 320}@example.org", "", ""),
        ("phone", "0541 / 123 45-67", "", "+495411234567"),
        ("phone", "+49 (0)541 1234567", "", "+495411234567"),
        ("phone", "0049 541 1234567", "", "+495411234567"),
        ("phone", "+43 1 5880000", "", "+4315880000"),
        ("phone", "none", "", ""),
        ("phone", "123 456 789 012 345 678 901", "", "123456789012345678901"),
        ("handle", "@Anna_M", "", "anna_m"),
        ("handle", "@Anna@Social.Example", "social.example", "anna"),
        ("handle", "@anna@elsewhere.example", "social.example", "anna@elsewhere.example"),
        (
            "postal",
            "Frau Dr. Anna Müller|Goethe-Straße 7 a|49074 Osnabrück|DE",
            "",
            "anna muller|gothestr 7a|49074 osnabruck",
        ),
        (
            "postal",
            "Anna Mueller\r\nGOETHESTR. 7A\r\n49074 OSNABRUECK",
            "",
            "anna muller|gothestr 7a|49074 osnabruck",
        ),
        ("postal", " | ", "", ""),
    ],
)
def test_an_address_has_one_form(kind, value, scope, normal):
    assert normal_address(kind, value, scope) == normal


def test_a_bare_phone_number_is_dialled_in_its_country():
    assert normal_address("phone", "020 7946 0000", country="GB") == "+442079460000"


def test_a_number_of_zeros_is_no_number_and_stays_what_it_is():
    assert normal_address("phone", "000000") == "000000"


@given(kinds, written, st.sampled_from(["", "social.example", "A"]))
def test_normalising_ends_for_anything_and_twice_is_once(kind, value, scope):
    once = normal_address(kind, value, scope)
    assert normal_address(kind, once, scope) == once
    assert len(once) <= MAX_LENGTH
    assert "\0" not in once
    once.encode()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Müller", "MUELLER"),
        ("Groß", "Gross"),
        ("Jörg", "Joerg"),
        ("O'Brien", "OBrien"),
        ("Krzyżanowski", "Krzyzanowski"),
        ("Müller-Lüdenscheidt", "müller lüdenscheidt"),
    ],
)
def test_spellings_of_one_word_fold_to_one(left, right):
    assert fold(left) == fold(right)


def test_ue_after_q_is_no_umlaut():
    assert fold("Quelle") == "quelle"


@given(written)
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("name", "given_names", "surname"),
    [
        ("Anna Meier", ("anna",), ("meier",)),
        ("Meier, Anna", ("anna",), ("meier",)),
        ("MEIER, Dr. Anna Lena", ("anna", "lena"), ("meier",)),
        ("Frau Prof. Dr. med. Anna Meier", ("anna",), ("meier",)),
        ("Herrn Dipl.-Ing. Ludwig van Beethoven", ("ludwig",), ("van", "beethoven")),
        ("Hans-Peter M. Meier-Schulze jun.", ("hans", "peter", "m"), ("meier", "schulze")),
        ("Familie Meier", (), ("meier",)),
        ("Dr, Anna Meier", ("anna",), ("meier",)),
        ("Anna Meier (Verein)", ("anna",), ("meier",)),
        ("Herr", (), ()),
        ("", (), ()),
    ],
)
def test_a_name_has_given_names_and_a_surname(name, given_names, surname):
    assert name_parts(name) == (given_names, surname)
    assert name_tokens(name) == given_names + surname


@given(written)
def test_any_text_can_be_asked_for_a_name(text):
    assert all(name_tokens(text))


@pytest.mark.parametrize(
    ("street", "key", "number"),
    [
        ("Goethe-Straße 7 a", "gothestr 7a", "7a"),
        ("GOETHESTR. 7A", "gothestr 7a", "7a"),
        ("Goethestrafse 7a", "gothestr 7a", "7a"),
        ("12 High Street", "high st 12", "12"),
        ("Hauptstr. 12-14", "hauptstr 12", "12"),
        ("Straße des 17. Juni 135", "str des 17 juni 135", "135"),
        ("Rosenallee8", "rosenallee 8", "8"),
        ("Am Markt", "am markt", ""),
        ("", "", ""),
    ],
)
def test_a_street_line_has_one_form(street, key, number):
    assert street_key(street) == key
    assert house_number(street) == number


@given(written)
def test_a_street_key_stays_itself(text):
    assert street_key(street_key(text)) == street_key(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("D-49 074", "49074"),
        ("49O74", "49074"),
        ("SW1A 1AA", "SW1A1AA"),
        ("M1 1SO", "M11SO"),
        ("12345-6789", "12345"),
        ("CH-4061", "4061"),
        ("", ""),
    ],
)
def test_a_postcode_has_one_form(text, code):
    assert postcode(text) == code


@given(written)
def test_a_postcode_stays_itself(text):
    assert postcode(postcode(text)) == postcode(text)
