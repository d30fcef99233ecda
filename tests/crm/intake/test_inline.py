"""A file that comes with a text is seen: within it, or else listed beside it."""

from __future__ import annotations

import pytest

from crm.channels.contract import File, FileUse
from crm.conversations.attachment import MOST_SHOWN_BYTES
from crm.intake.inline import listed_unless_shown
from crm.intake.sanitise import sanitise


def shown(html: str, *files: File) -> list[bool]:
    told = listed_unless_shown(files, sanitise(html))
    return [file.use is FileUse.INLINE for file in told]


def picture(cid: str = "a b@x", kind: str = "image/png", size: int = 3, **more: bool) -> File:
    return File("a", kind, b"x" * size, FileUse.INLINE, cid, **more)


@pytest.mark.parametrize("source", ["cid:a b@x", "cid:a%20b@x", "CID:a&#32;b@x"])
def test_a_picture_that_the_text_shows_is_part_of_it(source: str) -> None:
    assert shown(f'<p>See <img src="{source}"></p>', picture()) == [True]


@pytest.mark.parametrize(
    "html",
    [
        "<p>See <!-- cid:a --></p>",
        "<p>See cid:a</p>",
        '<p>See <a href="cid:a">this</a></p>',
        '<p>See</p><object data="cid:a"></object>',
        '<p>See <img src="cid:other"></p>',
        "",
    ],
)
def test_a_file_that_is_merely_mentioned_is_listed(html: str) -> None:
    assert shown(html, picture("a")) == [False]


@pytest.mark.parametrize(
    "file",
    [
        picture("a", "application/pdf"),
        picture("a", "image/tiff"),
        picture("a", "image/heic"),
        picture("a", "image/svg+xml"),
        picture("a", damaged=True),
        picture("a", size=MOST_SHOWN_BYTES + 1),
    ],
)
def test_what_no_browser_would_show_is_listed(file: File) -> None:
    assert shown('<img src="cid:a">', file) == [False]


def test_photos_beyond_what_a_page_carries_are_listed() -> None:
    photos = [picture(name, size=MOST_SHOWN_BYTES // 2) for name in "abc"]
    assert shown('<img src="cid:a"><img src="cid:b"><img src="cid:c">', *photos) == [
        True,
        True,
        False,
    ]


def test_of_two_files_under_one_id_none_is_hidden() -> None:
    assert shown('<img src="cid:a">', picture("a"), picture("a")) == [False, False]


def test_other_files_stay_what_they_are() -> None:
    page = File("scan", "image/png", b"x", FileUse.PAGE)
    assert listed_unless_shown([page], "") == (page,)
