"""Real data: every mail and every letter is stored, whatever is wrong with it."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from connectors.email.maildir import Maildir
from connectors.post.scan_folder import ScanFolder
from crm import schema
from crm.channels.channel import declare
from crm.channels.contract import Connector, Site
from crm.conversations.message import Message
from crm.database import connect
from crm.desk import Desk
from crm.intake.pull import pull

pytestmark = pytest.mark.corpora
SINCE = datetime(2000, 1, 1, tzinfo=UTC)
SCANS = (".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg")


@pytest.fixture
def corpora() -> Path:
    return Path(os.environ["POSTKORB_CORPORA"])


@pytest.fixture
def sqlite_desk(tmp_path: Path) -> Desk:
    engine = connect(f"sqlite:///{tmp_path / 'postkorb.db'}")
    schema.upgrade(engine)
    return Desk(engine, tmp_path / "data", b"secret")


def test_every_mail_is_stored(sqlite_desk: Desk, corpora: Path, tmp_path: Path) -> None:
    paths = sorted((corpora / "email").rglob("*.eml"))
    maildir = tmp_path / "mail"
    for part in ("new", "cur", "tmp"):
        (maildir / part).mkdir(parents=True)
    for number, path in enumerate(paths):
        shutil.copyfile(path, maildir / "new" / f"{number:06}.{path.stem}")
    settings = Maildir.Settings(path=maildir, addresses=("support@lindenrad.example",))
    stored = store(sqlite_desk, "maildir", "email", Maildir(settings, Site("Test")))
    assert stored == len(paths) > 0


def test_every_letter_is_stored(sqlite_desk: Desk, corpora: Path, tmp_path: Path) -> None:
    scans = [path for path in sorted((corpora / "letters").iterdir()) if path.suffix in SCANS]
    folder = tmp_path / "scans"
    folder.mkdir()
    for path in scans:
        for one in (path, path.with_suffix(".txt")):
            shutil.copyfile(one, folder / one.name)
            os.utime(folder / one.name, (1_700_000_000, 1_700_000_000))
    connector = ScanFolder(ScanFolder.Settings(folder=folder), Site("Test"))
    assert store(sqlite_desk, "scan_folder", "post", connector) == len(scans) > 0
    assert len([path for path in (folder / "done").iterdir() if path.suffix in SCANS]) == len(scans)


def store(desk: Desk, kind: str, family: str, connector: Connector) -> int:
    """Pull all of it; how many messages stand in the database."""
    with desk.writing() as session:
        number = declare(session, "test", kind, family).id
    pull(desk, number, connector, since=SINCE)
    with desk.reading() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0
