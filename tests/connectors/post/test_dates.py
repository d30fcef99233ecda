"""Dates as letters write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.post.dates import dates_in, write_date


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Hamburg, 24.11.2026", date(2026, 11, 24)),
        ("den 1.2.26", date(2026, 2, 1)),
        ("24. November 2026", date(2026, 11, 24)),
        ("3. März 2026", date(2026, 3, 3)),
        ("21. Marz 2026", date(2026, 3, 21)),
        ("7. Jänner 2026", date(2026, 1, 7)),
        ("2026-11-24", date(2026, 11, 24)),
        ("24 November 2026", date(2026, 11, 24)),
        ("22nd July 2026", date(2026, 7, 22)),
        ("March 6, 2026", date(2026, 3, 6)),
        ("24/11/2026", date(2026, 11, 24)),
        ("11/24/2026", date(2026, 11, 24)),
        ("04/03/2026", date(2026, 3, 4)),
    ],
)
def test_a_date_is_read(line, day):
    assert [found.day for found in dates_in(line)] == [day]


@pytest.mark.parametrize(
    "line",
    [
        "30.02.2026",
        "Nr. 649/1719",
        "DE30 9178 6783",
        "1.2.3.26",
        "RE-2026-67973",
        "18.625",
        "1.234,56",
    ],
)
def test_what_only_looks_like_a_date_is_none(line):
    assert list(dates_in(line)) == []


def test_an_american_letter_has_the_month_first():
    assert next(dates_in("04/03/2026", month_first=True)).day == date(2026, 4, 3)


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.sampled_from(["de", "en"]))
def test_what_we_write_we_can_read(day, language):
    assert next(dates_in(write_date(day, language))).day == day
