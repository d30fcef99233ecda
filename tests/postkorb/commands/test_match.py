"""`postkorb match FILE.csv` as it is typed."""

import csv

import pytest
from click.testing import CliRunner

from postkorb.__main__ import main

LIST = """record_id,name,email,street,postcode,city
a,Anna Kowalski,anna.kowalski@example.org,,,
b,Bert Schneider,bert@example.org,,,
c,"Kowalski, Anna",Anna.Kowalski@Example.org,Goethestr. 7,49074,Osnabrück
"""


@pytest.fixture
def contact_list(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8-sig")
    return path


def test_rows_of_one_person_share_a_cluster_with_score_and_reasons(contact_list, tmp_path):
    out = tmp_path / "clusters.csv"
    result = CliRunner().invoke(main, ["match", str(contact_list), "--out", str(out)])
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["record_id"], row["cluster_id"]) for row in rows] == [
        ("a", "a"),
        ("b", "b"),
        ("c", "a"),
    ]
    assert float(rows[2]["score"]) > 0.9
    assert rows[2]["reasons"].startswith("a: name same +")
    assert (rows[0]["score"], rows[0]["reasons"]) == ("", "")


def test_without_a_file_the_clusters_go_to_the_screen(contact_list):
    result = CliRunner().invoke(main, ["match", str(contact_list)])
    assert result.stdout.splitlines()[0] == "record_id,cluster_id,score,reasons"


def test_a_list_with_nothing_to_compare_names_what_was_expected_and_found(tmp_path):
    path = tmp_path / "colours.csv"
    path.write_text("colour\nred\n")
    result = CliRunner().invoke(main, ["match", str(path)])
    assert result.exit_code == 1
    assert "colours.csv: expected columns such as name" in result.stderr
    assert "found colour" in result.stderr
