"""`postkorb inspect` tells as JSON how a scan would be read."""

import json

from connectors.post.inspect import inspect_letter

OURS = ("Lindgrün Fahrräder GmbH",)


def test_a_scan_is_told_field_by_field(scanner, letter_text):
    scan = scanner.lays("brief.png", text=letter_text("return-line-and-information-block"))
    told = json.loads(json.dumps(inspect_letter(scan, OURS)))
    assert (told["path"], told["pages"], told["error"]) == (str(scan), 1, None)
    assert told["fields"]["sender.city"] == {
        "value": "Hannover", "confidence": 0.95, "page": 1, "box": None,
    }  # fmt: skip
    assert told["fields"]["enclosures"]["value"] == ["Lieferschein"]


def test_a_file_that_is_no_scan_is_told_as_an_error(scanner):
    assert inspect_letter(scanner.lays("leer.tif", b""))["error"] == "empty"
    assert "neither PDF" in inspect_letter(scanner.lays("x.tif", b"x"))["error"]
    assert "No such file" in inspect_letter(scanner.folder / "missing.tif")["error"]


def test_inspecting_moves_nothing(scanner):
    scan = scanner.lays("brief.png", text="Guten Tag,")
    inspect_letter(scan)
    assert scanner.holds() == ["brief.png", "brief.txt"]
