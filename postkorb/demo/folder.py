"""The folder: where the demo's mails, scans, forum and config.toml lie, made once and kept."""

from __future__ import annotations

import fcntl
import json
import shutil
import socket
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from postkorb.demo import letters, mails, posts, story

MADE = "demo.json"
"""Stands in every folder that the demo made, and says whether it was filled to the end."""

CONFIG = '''\
# The demo's configuration: like any other, but every server it names runs inside `postkorb demo`.

data_dir = "data"

[company]
{company}

[site]
name = {name}
address = "http://localhost:{web}"
language = "de"
time_zone = "Europe/Berlin"

[server]
port = {web}

[replies]
signature = """
{{agent}}
{{company}}, {{street}}, {{postcode}} {{city}}
Tel. {{phone}}"""

[operator]
email = {operator}
via = "service"

[channels.service]
kind = "maildir"
path = "mail"
addresses = [{address}]
sender_name = {name}
interval = 2
smtp = {{host = "127.0.0.1", port = {smtp}, tls = "none"}}

[channels.briefe]
kind = "scan_folder"
folder = "scans"
out = "letters"

[channels.forum]
kind = "discourse"
url = "http://127.0.0.1:{forum}"
user = "{forum_user}"
key = "{forum_key}"
interval = 10

[channels.blog]
kind = "feed"
url = "http://127.0.0.1:{forum}{feed}"
interval = 60

# This one fails on purpose: the channels page shows since when, and what to do.
[channels.haendler]
kind = "imap"
host = "127.0.0.1"
port = {imap}
tls = "none"
user = "haendler"
password = "vom-letzten-Jahr"
addresses = ["haendler@lindenrad.example"]
interval = 300
'''


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the demo's servers listen, all on this machine only."""

    web: int
    smtp: int
    forum: int
    imap: int


@dataclass(frozen=True, slots=True)
class Folder:
    """The demo's folder, laid out."""

    path: Path
    ports: Ports

    @property
    def config(self) -> Path:
        return self.path / "config.toml"

    @property
    def maildir(self) -> Path:
        return self.path / "mail"

    @property
    def sent(self) -> Path:
        return self.path / "sent"

    @property
    def forum(self) -> Path:
        return self.path / "forum.json"

    @property
    def is_filled(self) -> bool:
        """Whether the first pull and what followed it came to their end."""
        return bool(_made(self.path).get("filled"))

    def mark_filled(self) -> None:
        """Remember that the inbox is full, so that the next run only serves it."""
        (self.path / MADE).write_text(json.dumps({**_made(self.path), "filled": True}))


def lay_out(path: Path, port: int, *, fresh: bool = False) -> Folder:
    """The demo's folder: kept where it is complete, else made (anew, if `fresh`).

    Raises ClickException where something else lies there, or another demo runs in it.
    """
    path = path.absolute()
    if path.exists() and any(path.iterdir()) and not (path / MADE).exists():
        raise click.ClickException(f"{path} was not made by the demo; name another with --folder")
    path.mkdir(parents=True, exist_ok=True)
    with alone(path):
        if fresh or not _made(path).get("filled"):
            _clear(path)
            _make(path, port, datetime.now(UTC))
        return Folder(path, _moved(path / "config.toml", port))


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only demo in this folder. Raises ClickException while another one is."""
    with (path / MADE).open("a") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"a demo is running in {path}; end it first, or name another folder with --folder"
            ) from None
        yield


def is_free(port: int) -> bool:
    """Whether a server of ours could listen there."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _clear(path: Path) -> None:
    for entry in path.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != MADE:
            entry.unlink()


def _make(path: Path, port: int, now: datetime) -> None:
    (path / MADE).write_text(json.dumps({"laid_out_at": now.isoformat()}))
    mails.lay_out(path / "mail", now)
    letters.lay_out(path / "scans", now)
    posts.lay_out(path / "forum.json", now)
    (path / "letters").mkdir()
    smtp, forum, imap = _free_ports(port)
    (path / "config.toml").write_text(_config(Ports(port, smtp, forum, imap)), "utf-8")


def _config(ports: Ports) -> str:
    firm = story.firm()
    company = {key: value for key, value in firm.items() if key not in ("name", "company")}
    return CONFIG.format(
        company="\n".join(
            f"{key} = {_quoted(value)}"
            for key, value in {"name": firm["company"], **company}.items()
        ),
        name=_quoted(firm["name"]),
        address=_quoted(firm["email"]),
        operator=_quoted(story.agents()[0].email),
        forum_user=posts.USER,
        forum_key=posts.KEY,
        feed=posts.FEED,
        web=ports.web,
        smtp=ports.smtp,
        forum=ports.forum,
        imap=ports.imap,
    )


def _moved(config: Path, port: int) -> Ports:
    """The ports of a configuration, after another one for the inbox was written into it."""
    words = config.read_text("utf-8")
    told = tomllib.loads(words)
    former = told["server"]["port"]
    if former != port:
        words = words.replace(f"\nport = {former}\n", f"\nport = {port}\n", 1)
        words = words.replace(f"http://localhost:{former}", f"http://localhost:{port}")
        config.write_text(words, "utf-8")
    channels = told["channels"]
    return Ports(
        web=port,
        smtp=channels["service"]["smtp"]["port"],
        forum=int(channels["forum"]["url"].rpartition(":")[2]),
        imap=channels["haendler"]["port"],
    )


def _free_ports(after: int) -> list[int]:
    """Three free ports, the next ones where they are."""
    free = [port for port in range(after + 1, min(after + 100, 65536)) if is_free(port)]
    if len(free) < 3:
        raise click.ClickException(f"no free ports after {after}; choose another with --port")
    return free[:3]


def _made(path: Path) -> dict[str, object]:
    try:
        made = json.loads((path / MADE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return made if isinstance(made, dict) else {}


def _quoted(value: str) -> str:
    """The value as TOML writes a text."""
    return json.dumps(value, ensure_ascii=False)
