"""The stage: the demo's servers on this machine, and the desk they are wired to, filled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click

from postkorb import config, wiring
from postkorb.demo import past, posts
from postkorb.demo.customer import PAUSE_SECONDS, Customer
from postkorb.demo.folder import Folder, alone, is_free
from postkorb.demo.lost_password import lost_password
from postkorb.demo.sink import sink


@contextmanager
def stage(folder: Folder, pause_seconds: float = PAUSE_SECONDS) -> Iterator[wiring.Wired]:
    """Mail server, forum and failing mailbox until the end; fills the inbox the first time.

    `pause_seconds` is how long customers take to write back. Raises ClickException where another
    demo runs in the folder, or one of its ports is taken.
    """
    with ExitStack() as servers:
        servers.enter_context(alone(folder.path))
        _expect_free(folder)
        settings = config.load(folder.config)
        customer = Customer(folder.maildir, pause_seconds)
        servers.enter_context(sink(folder.sent, folder.ports.smtp, customer.delivered))
        servers.enter_context(posts.serving(folder.forum, folder.ports.forum, pause_seconds))
        servers.enter_context(lost_password(folder.ports.imap))
        wiring.prepare(settings)
        wired = servers.enter_context(wiring.open_desk(settings))
        if not folder.is_filled:
            past.fill(wired)
            folder.mark_filled()
        yield wired


def _expect_free(folder: Folder) -> None:
    ports = folder.ports
    for port in (ports.smtp, ports.forum, ports.imap):
        if not is_free(port):
            raise click.ClickException(
                f"port {port} is taken, and the demo in {folder.path} needs it;"
                " end what listens there, or begin anew with --fresh"
            )
