"""Pages are drawn for display; no scan can hang the pull or eat the machine."""

import io
import struct
import zlib

import pypdfium2
import pytest
from PIL import Image

from connectors.post import pages
from connectors.post.pages import media_type, page_pictures
from crm.channels.contract import FileUse


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "PDF"])
def test_each_page_becomes_a_picture_wide_enough_to_read(picture, form):
    drawn = page_pictures("brief", picture(form=form, size=(1654, 2339)))
    with Image.open(io.BytesIO(drawn.pictures[0].content)) as page:
        assert (page.format, page.width) == ("JPEG", 1240)
    assert drawn.pictures[0].use is FileUse.PAGE
    assert (drawn.count, drawn.flags) == (1, ())


def test_a_fax_of_two_frames_has_two_pages(picture):
    assert len(page_pictures("fax.tif", picture(form="TIFF", pages=2)).pictures) == 2


def test_of_a_book_the_first_twenty_pages_are_shown_and_a_flag_says_so():
    with pypdfium2.PdfDocument.new() as book:
        for _ in range(30):
            book.new_page(595, 842)
        content = io.BytesIO()
        book.save(content)
    drawn = page_pictures("book.pdf", content.getvalue())
    assert (len(drawn.pictures), drawn.count, drawn.flags) == (20, 30, ("pages_missing",))


@pytest.mark.parametrize("side", [10_000, 30_000])
def test_a_picture_of_a_hundred_megapixels_or_more_is_refused(side):
    drawn = page_pictures("bomb.png", png_that_claims(side, side))
    assert drawn.flags == ("unreadable_scan",)
    assert f"{side * side} pixels" in drawn.fault


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "PDF"])
def test_a_scan_cut_off_is_flagged_and_says_why(picture, form):
    whole = picture(form=form)
    drawn = page_pictures("cut", whole[: len(whole) // 3])
    assert drawn.flags == ("unreadable_scan",)
    assert drawn.fault


def test_a_scan_that_takes_too_long_is_given_up(picture, monkeypatch):
    monkeypatch.setattr(pages, "SECONDS", 0.001)
    drawn = page_pictures("slow.png", picture())
    assert drawn.flags == ("unreadable_scan",)
    assert "longer than" in drawn.fault


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"II*\x00", "image/tiff"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", ""),
        (b"", ""),
    ],
)
def test_a_file_is_what_its_bytes_say(content, kind):
    assert media_type(content) == kind
