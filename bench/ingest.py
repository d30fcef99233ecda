"""CPU per mail through the whole way, beside the bare floor, on the same mails in the same run.

ingest.py [FOLDER of .eml] [--mails N] [--rounds N]: without a folder, mails are made. The floor
reads, parses (compat32), decodes, inserts, indexes and keeps the raw bytes, and does nothing else.
Both are run in turn, so that a busy machine slows both; the median of the rounds is told.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import shutil
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from pathlib import Path

import mails

from connectors.email.maildir import Maildir
from crm import schema
from crm.channels.channel import declare
from crm.channels.contract import Site
from crm.database import connect
from crm.desk import Desk
from crm.intake.pull import pull

HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", nargs="?", type=Path)
    arguments.add_argument("--mails", type=int, default=2000)
    arguments.add_argument("--rounds", type=int, default=3)
    told = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if told.folder:
            paths = sorted(told.folder.rglob("*.eml"))[: told.mails]
        else:
            paths = mails.write(folder / "mails", told.mails)
        sizes = sorted(path.stat().st_size for path in paths)
        middle, mean = sizes[len(sizes) // 2] / 1000, sum(sizes) / len(sizes) / 1000
        print(f"{len(paths)} mails, median {middle:.1f} kB, mean {mean:.1f} kB")
        rounds = [one_round(paths, folder / f"round-{n}") for n in range(told.rounds)]
    floor, whole = (statistics.median(times) for times in zip(*rounds, strict=True))
    ratio = statistics.median(whole / floor for floor, whole in rounds)
    print("rounds " + ", ".join(f"{whole / floor:.2f}" for floor, whole in rounds))
    print(f"floor {floor:.2f} ms CPU a mail")
    print(f"whole {whole:.2f} ms CPU a mail, {ratio:.2f} times the floor")
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def one_round(paths: list[Path], folder: Path) -> tuple[float, float]:
    """Milliseconds a mail of the floor and of the whole way."""
    floor = per_mail(lambda: bare(paths, folder / "floor"), len(paths))
    desk, channel, maildir = set_up(paths, folder / "whole")
    whole = per_mail(lambda: through(desk, channel, maildir, len(paths)), len(paths))
    desk.engine.dispose()
    shutil.rmtree(folder)
    return floor, whole


def per_mail(act, count: int) -> float:  # type: ignore[no-untyped-def]
    """Milliseconds of CPU time a mail."""
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1000 / count


def bare(paths: list[Path], folder: Path) -> None:
    (folder / "blobs").mkdir(parents=True)
    base = sqlite3.connect(folder / "floor.db")
    base.executescript(
        "PRAGMA journal_mode=WAL;"
        "CREATE TABLE message (id INTEGER PRIMARY KEY, sender, recipient, subject, date, mid UNIQUE,"
        " answers, refs, text, html, sha);"
        "CREATE TABLE attachment (id INTEGER PRIMARY KEY, message_id, name, type, sha, size);"
        "CREATE VIRTUAL TABLE fts USING fts5(subject, sender, text, content='');"
    )
    for number, path in enumerate(paths, 1):
        raw = path.read_bytes()
        mail = message_from_bytes(raw)
        headers = [_decoded(mail.get(name, "")) for name in HEADERS]
        texts, files = {"text/plain": "", "text/html": ""}, []
        for part in mail.walk():
            if part.is_multipart():
                continue
            content = part.get_payload(decode=True) or b""
            if part.get_content_type() in texts and not part.get_filename():
                texts[part.get_content_type()] += _text(content, part.get_content_charset("utf-8"))
            else:
                digest = hashlib.sha256(content).hexdigest()
                files.append(
                    (number, part.get_filename(), part.get_content_type(), digest, len(content))
                )
        sha = hashlib.sha256(raw).hexdigest()
        base.execute(
            "INSERT OR IGNORE INTO message VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (number, *headers, *texts.values(), sha),
        )
        base.executemany(
            "INSERT INTO attachment (message_id, name, type, sha, size) VALUES (?,?,?,?,?)", files
        )
        base.execute(
            "INSERT INTO fts (rowid, subject, sender, text) VALUES (?,?,?,?)",
            (number, headers[2], headers[0], texts["text/plain"]),
        )
        (folder / "blobs" / sha).write_bytes(raw)
        if number % 100 == 0:
            base.commit()
    base.commit()
    base.close()


def _text(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("latin-1")


def _decoded(value: object) -> str:
    try:
        text = str(make_header(decode_header(str(value))))
    except (LookupError, ValueError, MessageError):
        text = str(value)
    return text.encode("utf-8", "replace").decode()


def set_up(paths: list[Path], folder: Path) -> tuple[Desk, int, Maildir]:
    """An empty database and a mailbox that is full."""
    maildir = folder / "mail"
    (maildir / "cur").mkdir(parents=True)
    (maildir / "new").mkdir()
    for path in paths:
        shutil.copy(path, maildir / "new" / f"{'-'.join(path.parts[-2:])}")
    engine = connect(f"sqlite:///{folder / 'postkorb.db'}")
    schema.upgrade(engine)
    desk = Desk(engine, folder / "data", b"secret")
    with desk.writing() as session:
        number = declare(session, "support", "maildir", "email").id
    settings = Maildir.Settings(path=maildir, addresses=("support@example.com",))
    return desk, number, Maildir(settings, Site("Bench"))


def through(desk: Desk, channel: int, maildir: Maildir, count: int) -> None:
    stored = pull(desk, channel, maildir, since=datetime(2000, 1, 1, tzinfo=UTC))
    if stored != count:
        raise SystemExit(f"{stored} of {count} mails were stored")


if __name__ == "__main__":
    main()
