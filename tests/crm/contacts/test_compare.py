"""Two cards compared: a probability, the reasons, and what forbids it whatever else agrees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.contacts.compare import compare, conflict
from crm.contacts.profile import Profile

CARDS = 10_000
COMMON = {"muller": 0.01, "thomas": 0.015, "anna": 0.008, "meier": 0.005}

words = st.text(alphabet="abcäöüß -.,@1209", max_size=20)
profiles = st.builds(
    Profile,
    name=words, company=words, street=words, postcode=words, city=words, birth_date=words,
    customer_number=words,
    emails=st.tuples(st.emails()) | st.just(()),
    phones=st.tuples(st.just("+49541123456")) | st.just(()),
    handles=st.tuples(st.tuples(st.just("forum.example"), words)) | st.just(()),
)  # fmt: skip


def verdict(left, right):
    return compare(left, right, lambda word: COMMON.get(word, 0.0002), CARDS)


def verdict_on(field, left, right):
    found = {reason.field: reason.verdict for reason in verdict(left, right).reasons}
    return found.get(field)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("Anna Meier", "Meier, Anna", "same"),
        ("Anna Meier", "Meier Anna", "same"),
        ("Jürgen Müller", "Herrn Juergen Mueller", "same"),
        ("Kathi Meier", "Katharina Meier", "variant"),
        ("Bill Meier", "William Meier", "variant"),
        ("A. Meier", "Anna Meier", "initial"),
        ("Anna Meyer", "Anna Meier", "similar"),
        ("Anna Meier-Schulze", "Anna Schulze", "similar"),
        ("Anna Unterni ederfeld", "Anna Unterniederfeld", "similar"),
        ("Familie Meier", "Anna Meier", "surname_only"),
        ("Anna von Meier", "Anna Meier", "same"),
        ("Anna von Meier", "Anna von Kowalski", "surname_differs"),
        ("Anna Meier", "Peter Meier", "given_differs"),
        ("Anna Meier", "Anna Kowalski", "surname_differs"),
        ("Anna Meier", "Peter Kowalski", "differs"),
        ("", "Peter Kowalski", None),
    ],
)
def test_names_are_compared_as_a_whole(left, right, expected):
    assert verdict_on("name", Profile(name=left), Profile(name=right)) == expected


@pytest.mark.parametrize(
    ("field", "left", "right", "expected"),
    [
        ("email", {"emails": ("a.meier@x.de",)}, {"emails": ("a.meier@x.de",)}, "same"),
        ("email", {"emails": ("info@x.de",)}, {"emails": ("info@x.de",)}, "shared"),
        ("email", {"emails": ("anna.meier@x.de",)}, {"emails": ("anna.mejer@x.de",)}, "similar"),
        ("email", {"emails": ("a.meier@x.de",)}, {"emails": ("kowalski@y.de",)}, "differs"),
        ("nickname", {"emails": ("a.meier@gmx.de",)}, {"emails": ("a.meier@web.de",)}, "same"),
        ("nickname", {"emails": ("a.meier@x.de",)}, {"handles": (("f", "a_meier"),)}, "same"),
        ("phone", {"phones": ("+49541123456",)}, {"phones": ("+49541123456",)}, "same"),
        ("phone", {"phones": ("+49541123456",)}, {"phones": ("+49541123457",)}, "near"),
        ("handle", {"handles": (("f", "anna"),)}, {"handles": (("f", "anna"),)}, "same"),
        ("handle", {"handles": (("f", "anna"),)}, {"handles": (("g", "bert"),)}, None),
        (
            "address",
            {"street": "Goethestr. 7", "postcode": "49074", "city": "Osnabrück"},
            {"street": "Goethe-Straße 7", "postcode": "D-49074", "city": "OSNABRUECK"},
            "same",
        ),
        (
            "address",
            {"street": "Goethestr. 7", "postcode": "49074"},
            {"street": "Goethcstr. 7", "postcode": "49074"},
            "near",
        ),
        ("address", {"postcode": "49074"}, {"postcode": "49074"}, "same_postcode"),
        ("address", {"city": "Köln"}, {"city": "Koeln"}, "same_city"),
        ("address", {"city": "Köln"}, {"city": "Berlin"}, "differs"),
        ("address", {"street": "Goethestr. 7"}, {"city": "Berlin"}, None),
        ("company", {"company": "Meier Optik GmbH"}, {"company": "Meier Optik"}, "same"),
        ("birth_date", {"birth_date": "1970-05-04"}, {"birth_date": "04.05.1970"}, "same"),
        ("birth_date", {"birth_date": "1970-05-04"}, {"birth_date": "1970-04-05"}, "near"),
        ("birth_date", {"birth_date": "1970-05-04"}, {"birth_date": "1951-11-30"}, "differs"),
        ("customer_number", {"customer_number": "K1"}, {"customer_number": "K1"}, "same"),
        ("customer_number", {"customer_number": "K1"}, {"customer_number": "K2"}, "differs"),
    ],
)  # fmt: skip
def test_each_field_gives_its_verdict(field, left, right, expected):
    assert verdict_on(field, Profile(**left), Profile(**right)) == expected


def test_a_rare_name_says_more_than_a_frequent_one():
    frequent = verdict(Profile(name="Thomas Müller"), Profile(name="Thomas Müller"))
    rare = verdict(Profile(name="Rotraut Krzyżanowski"), Profile(name="Rotraut Krzyzanowski"))
    assert rare.score > 0.9 > 0.5 > frequent.score


def test_a_surname_at_one_address_is_no_certainty():
    there = {"street": "Goethestr. 7", "postcode": "49074"}
    found = verdict(Profile(name="Herrn Meier", **there), Profile(name="Anna Meier", **there))
    assert 0.35 < found.score < 0.999


@pytest.mark.parametrize(
    ("left", "right", "conflicting"),
    [
        ({"name": "Anna Meier"}, {"name": "Peter Meier"}, True),
        ({"name": "Anna Meier"}, {"name": "Anni Meier"}, False),
        ({"name": "Anna Lena Meier"}, {"name": "Lena Meier"}, False),
        ({"name": "A. Meier"}, {"name": "Anna Meier"}, False),
        ({"name": "P. Meier"}, {"name": "Anna Meier"}, True),
        ({"name": "Meier"}, {"name": "Anna Meier"}, False),
        ({"name": "Meier Anna"}, {"name": "Anna Meier"}, False),
        ({"name": "Meier GmbH"}, {"name": "Anna Meier"}, True),
        ({"name": "Turnverein Meier e.V."}, {"name": "Anna Meier"}, True),
        ({"name": "Anna E. K. Meier"}, {"name": "Anna Meier"}, False),
        ({"company": "Meier GmbH"}, {"name": "Anna Meier", "company": "Meier GmbH"}, True),
        ({"company": "Meier GmbH"}, {"name": "Meier GmbH"}, False),
        ({"birth_date": "1940-01-02"}, {"birth_date": "1968-11-30"}, True),
        ({"birth_date": "1968-11-20"}, {"birth_date": "1968-11-30"}, False),
    ],
)
def test_conflicts(left, right, conflicting):
    assert conflict(Profile(**left), Profile(**right)) is conflicting
    assert conflict(Profile(**right), Profile(**left)) is conflicting


@given(profiles, profiles)
def test_any_two_cards_can_be_compared_and_the_side_does_not_matter(left, right):
    one, other = verdict(left, right), verdict(right, left)
    assert 0 <= one.score <= 1
    assert one.bits == pytest.approx(sum(reason.bits for reason in one.reasons))
    assert one.conflict == other.conflict


@given(profiles)
def test_nobody_conflicts_with_themselves(profile):
    assert not conflict(profile, profile)
