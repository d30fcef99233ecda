"""CPU of a pull by IMAP from a real Dovecot, beside what cannot be avoided, in the same run.

imap.py [FOLDER of .eml] [--mails N]: without a folder, mails are made. The floor is fetching the
same bytes by IMAPClient and nothing else, plus our own ingest of the same mails from a Maildir.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import mails
from imapclient import IMAPClient
from ingest import per_mail, set_up, through

from connectors.email.imap import Imap
from connectors.email.trust import trusting
from crm import schema
from crm.channels.channel import declare
from crm.channels.contract import Site
from crm.database import connect
from crm.desk import Desk
from crm.intake.pull import pull

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.servers.dovecot import Dovecot

AT_ONCE = 100
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
GOAL = 1.4


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", nargs="?", type=Path)
    arguments.add_argument("--mails", type=int, default=5000)
    told = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name, Dovecot() as server:
        folder = Path(name)
        if told.folder:
            paths = sorted(told.folder.rglob("*.eml"))[: told.mails]
        else:
            paths = mails.write(folder / "mails", told.mails)
        for user, some in (("first", paths[:AT_ONCE]), ("support", paths)):
            fill(server, user, some)
        # Once for nothing: imports, caches, Dovecot's own index.
        fetch(server, "first")
        ingest(folder / "first-maildir", paths[:AT_ONCE])
        whole(server, "first", folder / "first-imap", AT_ONCE)
        fetch(server, "support")
        fetched = per_mail(lambda: fetch(server, "support"), len(paths))
        ingested = ingest(folder / "maildir", paths)
        pulled = whole(server, "support", folder / "imap", len(paths))
    print(f"{len(paths)} mails")
    print(f"fetched alone      {fetched:.2f} ms CPU a mail")
    print(f"ingest without IMAP {ingested:.2f} ms CPU a mail")
    ratio = pulled / (fetched + ingested)
    print(f"pull by IMAP       {pulled:.2f} ms CPU a mail, {ratio:.2f} times both (goal: {GOAL})")


def fill(server: Dovecot, user: str, paths: list[Path]) -> None:
    """Put the mails into a mailbox."""
    [first, *rest] = paths
    placed = server.append(user, first.read_bytes())
    for number, path in enumerate(rest):
        shutil.copy(path, placed.parent / f"{1_700_000_000 + number}.M{number}P1.bench")
    server.give(user)


def fetch(server: Dovecot, user: str) -> None:
    """All bytes of all mails, as cheaply as the library can."""
    trust = trusting(server.ca_file)
    with IMAPClient(server.host, server.tls_port, ssl_context=trust) as client:
        client._imap.debug = 0
        client.login(user, server.password)
        client.select_folder("INBOX", readonly=True)
        uids = client.search()
        for start in range(0, len(uids), AT_ONCE):
            client.fetch(uids[start : start + AT_ONCE], ["BODY.PEEK[]"])


def ingest(folder: Path, paths: list[Path]) -> float:
    """The same mails out of a Maildir, into a database of its own; milliseconds of CPU a mail."""
    desk, channel, maildir = set_up(paths, folder)
    cost = per_mail(lambda: through(desk, channel, maildir, len(paths)), len(paths))
    desk.engine.dispose()
    return cost


def whole(server: Dovecot, user: str, folder: Path, count: int) -> float:
    """A pull by IMAP into a database of its own; milliseconds of CPU a mail."""
    folder.mkdir()
    engine = connect(f"sqlite:///{folder / 'postkorb.db'}")
    schema.upgrade(engine)
    desk = Desk(engine, folder / "data", b"secret")
    with desk.writing() as session:
        number = declare(session, "support", "imap", "email").id
    settings = Imap.Settings(
        host=server.host,
        port=server.tls_port,
        ca_file=server.ca_file,
        user=user,
        password=server.password,
        addresses=("support@example.com",),
    )
    connector, stored = Imap(settings, Site("Bench")), []
    cost = per_mail(lambda: stored.append(pull(desk, number, connector, since=LONG_AGO)), count)
    engine.dispose()
    if stored != [count]:
        raise SystemExit(f"{stored[0]} of {count} mails were stored")
    return cost


if __name__ == "__main__":
    main()
