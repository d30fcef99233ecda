"""An answer becomes a letter that fits the window and says where it belongs."""

import re
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pypdfium2
import pytest

from connectors.post.letter import compose
from connectors.post.scan_folder import ScanFolder
from crm.channels.contract import (
    Address,
    File,
    IdentityKind,
    NotThere,
    Outgoing,
    Recipient,
    Rejected,
    Temporary,
)

AT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
TEXT = "Sehr geehrter Herr Dreßler,\n\nvielen Dank für Ihren Brief."
HERE = "Jürgen Dreßler|An der Mühle 149|30159 Hannover"
MM = 72 / 25.4


def answer(text=TEXT, to=HERE, person="", key="key-1", **more):
    recipient = Recipient(Address(IdentityKind.POSTAL, to), person)
    given = {"language": "de", "subject": "Ihre Felgen", "reference": "[PK-1042-K7]"} | more
    return Outgoing(
        key=key, at=AT, recipients=(recipient,), text=text, sender_name="Friederike Kühn", **given
    )


def words_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as letter:
        return "\n".join(page.get_textpage().get_text_range() for page in letter)


def place_of(pdf: bytes, words: str) -> tuple[float, float]:
    """Left edge and top of these words in mm from the sheet's upper left corner."""
    with pypdfium2.PdfDocument(pdf) as letter:
        page = letter[0]
        layer = page.get_textpage()
        index, _ = layer.search(words).get_next()
        left, _, _, top = layer.get_charbox(index)
        return left / MM, (page.get_height() - top) / MM


def test_address_and_information_block_stand_where_din_5008_form_b_wants_them(site):
    pdf = compose(answer(), site)
    left, top = place_of(pdf, "Jürgen Dreßler")
    assert left == pytest.approx(25, abs=0.5)
    assert 62.7 <= top <= 66
    assert place_of(pdf, "Lindgrün Fahrräder GmbH ·")[1] == pytest.approx(58.5, abs=2.5)
    assert place_of(pdf, "Unser Zeichen")[0] == pytest.approx(125, abs=0.5)
    assert place_of(pdf, "Ihre Felgen")[1] == pytest.approx(98.5, abs=2)


def test_a_letter_says_everything_its_reader_needs(site):
    words = words_of(compose(answer(facts={"customer_number": "K-802239"}), site))
    for wanted in (
        "PK-1042-K7", "K-802239", "Friederike Kühn", "040 66969-100", "service@lindgruen.example",
        "25. November 2026", "Ihre Felgen", "dieses Zeichen an: [PK-1042-K7]",
        "vielen Dank für Ihren Brief.", "Mit freundlichen Grüßen", "Speicherweg 4–6",
    ):  # fmt: skip
        assert wanted in words
    assert "Seite 1" not in words


def test_an_english_letter_is_english(site):
    words = words_of(compose(answer("Dear Mr Doyle,\n\nthank you.", language="en"), site))
    assert "Yours sincerely," in words
    assert "Please quote this reference when you answer: [PK-1042-K7]" in words
    assert "25 November 2026" in words


def test_a_company_and_its_person_stand_over_the_street_and_the_country_last(site):
    to = "Möbel Freudenberg GmbH|Hauptstraße 27|1010 Wien|AT"
    words = words_of(compose(answer(to=to, person="Günther Weiß"), site))
    lines = [line.strip() for line in words.splitlines()]
    start = lines.index("Möbel Freudenberg GmbH")
    assert lines[start : start + 5] == [
        "Möbel Freudenberg GmbH", "Günther Weiß", "Hauptstraße 27", "1010 Wien", "ÖSTERREICH",
    ]  # fmt: skip


def test_a_closing_that_the_agent_wrote_is_not_written_again(site):
    words = words_of(compose(answer(f"{TEXT}\n\nHerzliche Grüße\nFriederike Kühn"), site))
    assert "Mit freundlichen Grüßen" not in words


def test_what_looks_like_markup_is_printed_as_it_is(site):
    odd = '#eval("1") *b* $x$ = _u_ @ref <a> \\n ő ł ŵ ı'
    assert odd in words_of(compose(answer(odd), site))


def test_several_pages_are_numbered(site):
    words = words_of(compose(answer("\n\n".join([TEXT * 9] * 4)), site))
    assert "Seite 1 von 2" in words
    assert "Seite 2 von 2" in words


def test_it_is_an_archive_pdf_with_our_own_font_only(site):
    pdf = compose(answer(), site)
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    fonts = set(re.findall(rb"/FontName ?/(?:[A-Z]{6}\+)?([\w-]+)", pdf))
    assert fonts <= {b"Inter-Regular", b"Inter-Medium", b"Inter-SemiBold", b"Inter-Italic"}


def test_the_same_letter_is_the_same_file_byte_for_byte(site):
    assert compose(answer(), site) == compose(answer(), site)


@pytest.mark.parametrize(
    ("outgoing", "summary"),
    [
        (answer(to="Jürgen Dreßler||30159 Hannover"), "no postal address"),
        (answer(to="Jürgen Dreßler"), "no postal address"),
        (answer(files=(File("a.pdf", "application/pdf", b"x"),)), "cannot carry files"),
        (answer("Danke 🙂"), "cannot be printed. 🙂"),
        (answer("\n\n".join([TEXT * 9] * 60)), "too long"),
    ],
    ids=["no street", "only a name", "files", "emoji", "too long"],
)
def test_what_cannot_be_a_letter_is_rejected_with_a_remedy(site, outgoing, summary):
    with pytest.raises(Rejected, match=summary) as refusal:
        compose(outgoing, site)
    assert refusal.value.remedy


def test_a_mail_address_is_no_postal_address(site):
    to = Recipient(Address(IdentityKind.EMAIL, "j@x.example"))
    with pytest.raises(Rejected, match="no postal address"):
        compose(Outgoing("k", AT, (to,), "s", "t", "n", ""), site)


def test_a_letter_is_laid_into_the_out_folder_once_per_key(post, tmp_path):
    first = post.send(answer())
    again = post.send(answer())
    other = post.send(answer(key="key-2"))
    assert again.remote_id == first.remote_id != other.remote_id
    names = sorted(path.name for path in (tmp_path / "out").glob("*.pdf"))
    assert names == sorted((first.remote_id, other.remote_id))
    assert re.fullmatch(r"2026-11-25-PK-1042-K7-\w{10}\.pdf", first.remote_id)


def test_after_a_crash_the_out_folder_tells_what_is_in_it(post):
    receipt = post.send(answer())
    assert post.find_sent("key-1", AT).remote_id == receipt.remote_id
    assert post.find_sent("key-2", AT) == NotThere()


def test_a_letter_that_was_taken_away_is_never_laid_out_again(post, tmp_path):
    receipt = post.send(answer())
    (tmp_path / "out" / receipt.remote_id).unlink()
    assert post.find_sent("key-1", AT) == receipt
    assert post.send(answer()) == receipt
    assert list((tmp_path / "out").glob("*.pdf")) == []


@pytest.mark.parametrize("step", [1, 2, 3])
def test_killed_at_any_step_a_letter_is_laid_out_once(post, tmp_path, monkeypatch, step):
    renamed = count(1)
    rename = Path.rename

    def killed(self, target):
        if next(renamed) == step:
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "rename", killed)
        post.send(answer())
    assert post.find_sent("key-1", AT) == NotThere()
    receipt = post.send(answer())
    assert [path.name for path in (tmp_path / "out").glob("*.pdf")] == [receipt.remote_id]


def test_a_missing_out_folder_is_temporary_and_nothing_was_sent(post, tmp_path):
    (tmp_path / "out").rmdir()
    with pytest.raises(Temporary, match="out-folder is missing"):
        post.send(answer())


def test_without_an_out_folder_nothing_can_be_sent(scanner, site, post):
    reading = ScanFolder(ScanFolder.Settings(folder=scanner.folder), site)
    assert not reading.limits().can_send
    with pytest.raises(Rejected, match="cannot send"):
        reading.send(answer())
    assert (post.limits().can_send, post.limits().length, post.limits().unit) == (True, 8, "pages")
