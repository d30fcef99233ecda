"""Letters come out of a scan folder once each, and nothing in it is ever lost."""

import hashlib
import os
from datetime import UTC, datetime

import pytest

from connectors.post.letter import compose
from connectors.post.scan_folder import ScanFolder
from crm.channels.contract import (
    Address,
    Connector,
    Family,
    FileUse,
    IdentityKind,
    Misconfigured,
    Outgoing,
    Recipient,
    Visibility,
)

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def test_it_keeps_the_contract(post):
    assert isinstance(post, Connector)
    assert post.family is Family.POST


def test_a_letter_becomes_one_message_with_all_that_was_read(scanner, pulled, letter_text):
    scan = scanner.lays("brief.png", text=letter_text("return-line-and-information-block"))
    content, changed = scan.read_bytes(), scan.stat().st_mtime
    [letter] = pulled()
    assert letter.sender.name == "Jürgen Dreßler"
    assert letter.sender.address == Address(
        IdentityKind.POSTAL, "Möbel Freudenberg GmbH|An der Mühle 149|30159 Hannover"
    )
    assert letter.sender.named == (
        Address(IdentityKind.EMAIL, "buero@moebel-freudenberg.example"),
        Address(IdentityKind.PHONE, "069 90009-599"),
    )
    assert letter.sender.facts["customer_number"] == "K-802239"
    assert letter.reference == "PK-1042-K7"
    assert letter.subject == "Beschwerde über die Lieferung vom 3. Juni 2026"
    assert letter.dated == datetime(2026, 6, 17, 12, tzinfo=UTC)
    assert letter.at.timestamp() == pytest.approx(changed)
    assert letter.visibility is Visibility.PRIVATE
    assert (letter.raw, letter.raw_type) == (content, "image/png")
    assert letter.remote_id == hashlib.sha256(content).hexdigest()
    assert [(file.name, file.use) for file in letter.files] == [
        ("brief.png", FileUse.ATTACHED),
        ("brief-1.jpg", FileUse.PAGE),
    ]
    assert letter.flags == ()


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Guten Tag,\nbitte rufen Sie mich an, und zwar bald.", "Brief vom 24. November 2026"),
        ("Dear Sir,\nplease call me and do it soon.", "Letter of 24 November 2026"),
    ],
)
def test_a_letter_without_subject_is_called_by_its_date(scanner, pulled, text, subject):
    scan = scanner.lays("brief.png", text=text)
    day = datetime(2026, 11, 24, 9, tzinfo=UTC).timestamp()
    for path in (scan, scan.with_suffix(".txt")):
        os.utime(path, (day, day))
    assert pulled()[0].subject == subject


def test_our_own_address_is_known_from_the_company_and_never_the_sender(
    scanner, pulled, letter_text
):
    ours, theirs = letter_text("only-our-own-address"), "Erika Muster\nWeg 1\n12345 Ort\n\n"
    scanner.lays("a.png", text=ours)
    scanner.lays("b.png", text=theirs + ours)
    assert [letter.sender.name for letter in pulled()] == ["", "Erika Muster"]


def test_a_letter_goes_to_done_only_when_the_next_batch_is_asked_for(scanner, post):
    scanner.lays("brief.png", text="Guten Tag,\nhallo.")
    batches = post.pull({}, SINCE)
    next(batches)
    assert scanner.holds("work") == ["brief.png", "brief.png.txt"]
    assert list(batches) == []
    assert scanner.holds("done") == ["brief.png", "brief.png.txt"]
    assert scanner.holds() == scanner.holds("work") == []


def test_what_a_killed_pull_left_in_work_is_read_again_under_the_same_id(scanner, post, pulled):
    scanner.lays("brief.png", text="Guten Tag,\nhallo.")
    first = next(post.pull({}, SINCE)).messages[0]
    [again] = pulled()
    assert (again.remote_id, again.text) == (first.remote_id, first.text)
    assert scanner.holds("done") == ["brief.png", "brief.png.txt"]


def test_a_text_left_behind_between_the_two_renames_is_found(scanner, pulled):
    scanner.lays("brief.png", text="Guten Tag,\nhallo.")
    (scanner.folder / "work").mkdir()
    (scanner.folder / "brief.png").rename(scanner.folder / "work" / "brief.png")
    assert pulled()[0].text == "Guten Tag,\n\nhallo."


def test_the_same_scan_twice_is_one_id_and_both_files_are_kept(scanner, pulled, picture):
    scanner.lays("brief.png", picture("one"), "Guten Tag,\nhallo.")
    [first] = pulled()
    scanner.lays("brief.png", picture("one"), "Guten Tag,\nhallo.")
    [second] = pulled()
    assert first.remote_id == second.remote_id
    assert scanner.holds("done") == [
        "brief (2).png", "brief (2).png.txt", "brief.png", "brief.png.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["A.PDF", "b.Tiff", "c.JPEG", "d.tif"])
def test_scans_are_known_by_their_ending_in_any_case(scanner, pulled, picture, name):
    form = {"pdf": "PDF", "jpeg": "JPEG"}.get(name.split(".")[1].lower(), "TIFF")
    scanner.writes(name, picture(form=form))
    scanner.writes(f"{name.upper()}.TXT", b"Guten Tag,\nhallo.")
    assert [letter.text for letter in pulled()] == ["Guten Tag,\n\nhallo."]


def test_a_scan_that_still_changes_waits(scanner, pulled):
    scan = scanner.lays("brief.png", text="Guten Tag,\nhallo.")
    for path in (scan, scan.with_suffix(".txt")):
        scanner.ages(path, 1)
        assert pulled() == []
        scanner.ages(path, 10)
    assert len(pulled()) == 1


def test_a_pdf_without_its_end_waits_but_not_for_ever(scanner, pulled, picture):
    half = picture(form="PDF").rpartition(b"%%EOF")[0]
    scan = scanner.lays("brief.pdf", half, "Guten Tag,\nhallo.", age=120)
    assert pulled() == []
    scanner.ages(scan, 700)
    [letter] = pulled()
    assert letter.text == "Guten Tag,\n\nhallo."


def test_a_scan_waits_for_its_text_and_then_comes_without(scanner, pulled):
    scan = scanner.lays("brief.png", age=30)
    assert pulled() == []
    scanner.ages(scan, 90)
    [letter] = pulled()
    assert letter.flags == ("no_text",)
    assert letter.files[1].use is FileUse.PAGE


def test_a_pdf_without_text_beside_it_is_read_from_its_own_layer(scanner, pulled, site):
    to = Recipient(Address(IdentityKind.POSTAL, "Erika Muster|Weg 1|12345 Ort"))
    words = "Guten Tag,\n\nhier steht alles im PDF."
    pdf = compose(Outgoing("k", SINCE, (to,), "Betreff", words, "A. B.", ""), site)
    scanner.lays("brief.pdf", pdf)
    [letter] = pulled()
    assert "hier steht alles im PDF." in letter.text
    assert letter.flags == ()


def test_a_scan_that_cannot_be_shown_is_stored_with_its_text_and_flagged(scanner, pulled, picture):
    scanner.lays("brief.png", picture()[:200], "Guten Tag,\nhallo.")
    [letter] = pulled()
    assert letter.flags == ("unreadable_scan",)
    assert letter.text == "Guten Tag,\n\nhallo."
    assert len(letter.raw) == 200


def test_a_text_in_the_wrong_encoding_is_read_and_flagged(scanner, pulled):
    scanner.lays("brief.png", text="Guten Tag,\nschöne Grüße".encode("cp1252"))
    [letter] = pulled()
    assert letter.text == "Guten Tag,\n\nschöne Grüße"
    assert letter.flags == ("charset",)


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "is empty"), (b"MZ\x90\x00 no picture", "neither PDF, TIFF")]
)
def test_what_is_no_scan_goes_to_failed_with_the_reason_and_the_others_go_on(
    scanner, pulled, content, why
):
    scanner.lays("a-bad.tif", content, "some text")
    scanner.lays("b-good.png", text="Guten Tag,\nhallo.")
    assert [letter.text for letter in pulled()] == ["Guten Tag,\n\nhallo."]
    assert scanner.holds("failed") == ["a-bad.tif", "a-bad.tif.reason.txt", "a-bad.tif.txt"]
    reason = (scanner.folder / "failed" / "a-bad.tif.reason.txt").read_text()
    assert why in reason
    assert "put it back into the scan folder" in reason


def test_batches_stay_small(scanner, post, monkeypatch):
    monkeypatch.setattr("connectors.post.scan_folder.BATCH_LETTERS", 2)
    for number in range(5):
        scanner.lays(f"{number}.png", text=f"Guten Tag,\nhallo {number}.")
    stored = [(len(batch.messages), len(scanner.holds("done"))) for batch in post.pull({}, SINCE)]
    assert stored == [(2, 0), (2, 4), (1, 8)]


def test_what_is_no_scan_by_name_is_left_alone(scanner, pulled):
    for name in ("Thumbs.db", "._brief.pdf", "orphan.txt", "brief.pdf.part"):
        scanner.writes(name, b"x")
    assert pulled() == []
    assert len(scanner.holds()) == 4


def test_a_missing_folder_stops_the_channel_and_says_what_to_do(tmp_path, site):
    channel = ScanFolder(ScanFolder.Settings(folder=tmp_path / "nowhere"), site)
    with pytest.raises(Misconfigured, match="nowhere") as failure:
        list(channel.pull({}, SINCE))
    assert "Create it" in failure.value.remedy


def test_a_clock_that_runs_ahead_on_the_share_does_not_hold_a_letter(scanner, pulled):
    scanner.lays("brief.png", text="Guten Tag,\nhallo.", age=-7200)
    assert len(pulled()) == 1
