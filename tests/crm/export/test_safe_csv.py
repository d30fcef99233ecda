"""Files that any program reads and no spreadsheet runs."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.export.safe_csv import encode, harmless

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def written(*rows, **options):
    return b"".join(encode(("a", "b"), rows, **options)).decode()


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",
        '=HYPERLINK("http://example.org")',
        "+49 541 (0)123",
        "+4954112345+cmd|' /C calc'!A0",
        "-5",
    ],
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "Anna",
        "1=1",
        "a@example.org",
        "+4954112345678",
        "+4954112345678; +4315880000",
        "'s",
        "–",
    ],
)
def test_everything_else_stays_as_it_is(cell):
    assert harmless(cell) == cell


def test_commas_quotes_and_lines_are_quoted_and_lines_end_as_the_rfc_says():
    assert written(("x,y", 'say "hi"\nnow')) == 'a,b\r\n"x,y","say ""hi""\nnow"\r\n'


def test_the_file_is_marked_as_utf_8_only_where_asked():
    assert written(("ä", "ö"), bom=True) == "\ufeffa,b\r\nä,ö\r\n"
    assert written(("ä", "ö")) == "a,b\r\nä,ö\r\n"


def test_lines_come_one_by_one():
    def rows():
        yield ("1", "2")
        raise AssertionError("asked for more than it gave")

    lines = encode(("a", "b"), rows())
    assert (next(lines), next(lines)) == (b"a,b\r\n", b"1,2\r\n")


@given(st.lists(st.tuples(texts, texts), max_size=5))
def test_what_was_written_can_be_read(rows):
    read = list(csv.reader(StringIO(written(*rows), newline="")))
    assert read[1:] == [[harmless(cell) for cell in row] for row in rows]


@given(texts)
def test_no_cell_begins_a_formula(cell):
    safe = harmless(cell)
    assert safe.lstrip()[:1] not in ("=", "@", "-") or safe[0] not in "=@-\t\r\n "
