"""By what a card is found again."""

from hypothesis import given
from hypothesis import strategies as st

from crm.contacts.keys import CAPS, MAX_VALUE, keys_of
from crm.contacts.profile import Profile


def shared_kinds(left, right):
    return {key.kind for key in set(keys_of(left)) & set(keys_of(right))}


def test_the_same_surname_heard_at_one_postcode_is_found():
    left = Profile(name="Anna Meier", postcode="49074")
    right = Profile(name="A. Mayr", postcode="D-49074")
    assert "sound" in shared_kinds(left, right)


def test_a_nickname_is_found_by_the_full_name():
    assert "name" in shared_kinds(Profile(name="Kathi Meier"), Profile(name="Meier, Katharina"))


def test_a_number_written_with_and_without_its_country_is_found():
    assert "phone" in shared_kinds(
        Profile(phones=("+4954112345678",)), Profile(phones=("54112345678",))
    )


def test_a_handle_is_found_by_the_local_part_of_an_address():
    left = Profile(emails=("anna.meier@example.org",))
    right = Profile(handles=(("forum.example", "anna_meier"),))
    assert shared_kinds(left, right) >= {"nick"}


def test_an_office_address_is_found_only_as_a_whole():
    left, right = Profile(emails=("info@one.example",)), Profile(emails=("info@two.example",))
    assert not shared_kinds(left, right)


def test_an_empty_card_has_no_keys():
    assert keys_of(Profile()) == []


@given(st.builds(Profile, name=st.text(), company=st.text(), street=st.text(), postcode=st.text()))
def test_keys_are_bounded_and_of_known_kinds(profile):
    keys = keys_of(profile)
    assert all(key.kind in CAPS and 0 < len(key.value) <= MAX_VALUE for key in keys)
    assert len(keys) < 60
