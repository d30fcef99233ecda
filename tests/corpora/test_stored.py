"""Real mails and letters from a folder told by POSTKORB_CORPORA: none of them gets lost."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from connectors.email.maildir import Maildir
from connectors.post.scan_folder import ScanFolder
from crm.channels.channel import declare
from crm.channels.contract import Connector, Site
from crm.conversations.message import Message
from crm.desk import Desk
from crm.intake.pull import pull

pytestmark = pytest.mark.corpora

CORPORA = Path(os.environ.get("POSTKORB_CORPORA", ""))
SCANS = {".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg"}
EVER = datetime(1970, 1, 1, tzinfo=UTC)
SITE = Site("Postkorb", language="de")


def test_every_mail_is_stored_once(desk, tmp_path):
    mails = sorted((CORPORA / "email").rglob("*.eml"))
    for folder in ("new", "cur", "tmp"):
        (tmp_path / "mail" / folder).mkdir(parents=True)
    for number, mail in enumerate(mails):
        shutil.copyfile(mail, tmp_path / "mail/new" / f"{number}.corpora")
    settings = Maildir.Settings(path=tmp_path / "mail", addresses=("support@firm.example",))
    channel = Maildir(settings, SITE)
    assert _stored(desk, channel) == len(mails) > 0
    assert _stored(desk, channel) == len(mails)


def test_every_letter_is_stored_once(desk, tmp_path):
    folder = CORPORA / "letters"
    scans = [path for path in _scans(folder) if path.parent.name != "bad"]
    channel = _scanner(tmp_path / "scans", scans)
    assert _stored(desk, channel) == len(scans) > 0
    assert _stored(desk, channel) == len(scans)


def test_every_bad_scan_is_stored_or_laid_aside_with_its_reason(desk, tmp_path):
    scans = _scans(CORPORA / "letters/bad")
    channel = _scanner(tmp_path / "scans", scans)
    stored = _stored(desk, channel)
    failed = _scans(tmp_path / "scans/failed")
    assert stored + len(failed) == len(scans) > 0
    assert all(path.with_name(f"{path.name}.reason.txt").exists() for path in failed)


def _scans(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SCANS)


def _scanner(folder: Path, scans: Sequence[Path]) -> ScanFolder:
    """A scan folder with these letters in it since an hour, each with its OCR text if it has one."""
    an_hour_ago = time.time() - 3600
    folder.mkdir()
    for number, scan in enumerate(scans):
        for path in (scan, scan.with_suffix(".txt")):
            if path.exists():
                laid = shutil.copyfile(path, folder / f"{number:04}{path.suffix}")
                os.utime(laid, (an_hour_ago, an_hour_ago))
    settings = ScanFolder.Settings(folder=folder, still_seconds=0, text_wait_seconds=0)
    return ScanFolder(settings, SITE)


def _stored(desk: Desk, connector: Connector) -> int:
    """How many messages stand in the database after another pull."""
    with desk.writing() as session:
        channel_id = declare(session, "corpora", "corpora", connector.family).id
    pull(desk, channel_id, connector, since=EVER)
    with desk.reading() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0
