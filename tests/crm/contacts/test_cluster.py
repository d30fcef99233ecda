"""Rows of a list joined to persons."""

from io import StringIO

import pytest

from crm.contacts.cluster import cluster
from crm.contacts.listing import Unusable, read_list
from crm.contacts.profile import Profile


def read(text, country="DE"):
    return list(read_list(StringIO(text, newline=""), country))


def groups(*profiles):
    found = {}
    for row, member in enumerate(cluster(profiles)):
        found.setdefault(member.cluster, []).append(row)
    return list(found.values())


HOME = {"street": "Goethestr. 7", "postcode": "49074", "city": "Osnabrück"}


def test_mail_letter_and_post_of_one_person_are_one_cluster():
    assert groups(
        Profile(name="Anna Kowalski", emails=("anna.kowalski@example.org",)),
        Profile(name="Bert Schneider", emails=("bert@example.org",)),
        Profile(name="Frau Anna Kowalski", emails=("anna.kowalski@example.org",), **HOME),
        Profile(name="Anna Kowa1ski", **HOME),
    ) == [[0, 2, 3], [1]]


def test_a_shared_mailbox_does_not_make_one_person_of_a_couple():
    mailbox = ("kowalski@example.org",)
    assert groups(
        Profile(name="Anna Kowalski", emails=mailbox, **HOME),
        Profile(name="Peter Kowalski", emails=mailbox, **HOME),
        Profile(name="Kowalski", emails=mailbox, **HOME),
    ) in ([[0, 2], [1]], [[0], [1, 2]])


def test_who_joins_tells_score_and_reasons_and_the_first_does_not():
    first, second = cluster(
        [
            Profile(name="Anna Kowalski", emails=("ak@example.org",)),
            Profile(name="Anna Kowalski", emails=("ak@example.org",)),
        ]
    )
    assert (first.cluster, first.score, first.partner, first.reasons) == (0, None, None, ())
    assert (second.cluster, second.partner) == (0, 0)
    assert second.score > 0.9
    assert [reason.field for reason in second.reasons] == ["name", "email"]


def test_an_empty_list_has_no_clusters():
    assert cluster([]) == []


@pytest.mark.parametrize(
    "text",
    [
        "record_id,name,email,phone,street,postcode\n"
        "7,Anna Meier,A@Example.org,0541 1234567,Goethestr. 7,49074\n",
        "ID;Vorname;Nachname;E-Mail;Telefon;Straße;Hausnummer;PLZ\r\n"
        "7;Anna;Meier;A@Example.org;0541 1234567;Goethestr.;7;49074\r\n",
        "record_id\tgiven_name\tsurname\tEmail\tphone\taddress_1\tstreet_number\tpostcode\n"
        "7\tAnna\tMeier\tA@Example.org\t0541 1234567\tGoethestr.\t7\t49074\n",
    ],
)
def test_columns_are_found_by_their_names_and_the_separator_by_the_header(text):
    (row,) = read(text)
    assert row.record_id == "7"
    assert row.profile == Profile(
        name="Anna Meier",
        emails=("a@example.org",),
        phones=("+495411234567",),
        street="Goethestr. 7",
        postcode="49074",
    )


def test_rows_without_an_id_are_numbered():
    assert [row.record_id for row in read("name\nAnna\nBert\n")] == ["1", "2"]


def test_short_and_long_rows_are_read_as_far_as_they_go():
    assert [row.profile.name for row in read("record_id,name,city\n1\n2,Bert,Wesel,x,y\n")] == [
        "", "Bert",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "colour\nred\n", "record_id,country\n1,DE\n"])
def test_a_list_with_nothing_to_compare_is_refused_with_what_was_found(text):
    with pytest.raises(Unusable, match="expected columns such as name"):
        read(text)


def test_a_cell_without_end_is_refused_with_its_line():
    with pytest.raises(Unusable, match="line 2"):
        read('name\n"' + "x" * 200_000 + "\n")
