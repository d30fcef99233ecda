"""Streets, towns and return lines of the countries that write to us."""

import pytest

from connectors.post.addresses import Town, is_street, read_return_line, read_town


@pytest.mark.parametrize(
    ("line", "town"),
    [
        ("20457 Hamburg", Town("20457", "Hamburg", "DE")),
        ("D-20457 Hamburg", Town("20457", "Hamburg", "DE")),
        ("06108 Halle (Saale)", Town("06108", "Halle (Saale)", "DE")),
        ("79098 Freiburg im Breisgau", Town("79098", "Freiburg im Breisgau", "DE")),
        ("A-1010 Wien", Town("1010", "Wien", "AT")),
        ("CH-9000 St. Gallen", Town("9000", "St. Gallen", "CH")),
        ("1010 Wien", Town("1010", "Wien")),
        ("London EC1A 1BB", Town("EC1A 1BB", "London", "GB")),
        ("York, YO17HH", Town("YO1 7HH", "York", "GB")),
        ("CF10 1EP Cardiff", Town("CF10 1EP", "Cardiff", "GB")),
        ("Boston, MA 02108", Town("02108", "Boston, MA", "US")),
        ("Rechnung 12345", None),
        ("123456 Hamburg", None),
        ("", None),
    ],
)
def test_a_town_is_read_with_its_postcode(line, town):
    assert read_town(line) == town


@pytest.mark.parametrize(
    ("line", "street"),
    [
        ("An der Mühle 149", True),
        ("Straße des Friedens 159a", True),
        ("Brückenstr. 32 b", True),
        ("Speicherweg 4-6", True),
        ("71 Orchard Close", True),
        ("Postfach 10 01 20", True),
        ("P.O. Box 1234", True),
        ("Rechnung Nr. 12", False),
        ("Sehr geehrte Damen und Herren", False),
        ("040 66969", False),
    ],
)
def test_a_street_ends_or_begins_with_its_number(line, street):
    assert is_street(line) is street


@pytest.mark.parametrize(
    "line",
    [
        "Praxis Dr. Weiß - Fährweg 4 - 90402 Nürnberg",
        "Praxis Dr. Weiß · Fährweg 4 · 90402 Nürnberg",
        "Praxis Dr. Weiß : Fährweg 4 : 90402 Nürnberg",
        "Praxis Dr. Weiß + Fährweg 4. 90402 Nürnberg",
        "Praxis Dr. Weiß, Fährweg 4, 90402 Nürnberg",
    ],
)
def test_a_return_line_is_read_whatever_separates_its_parts(line):
    block = read_return_line(line)
    assert block
    assert (block.names, block.street, block.town.postcode, block.town.city) == (
        ("Praxis Dr. Weiß",), "Fährweg 4", "90402", "Nürnberg",
    )  # fmt: skip
