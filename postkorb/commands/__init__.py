"""What the operator can type: a file each, loaded only when it is typed.

The short helps stand here as well, so that the list of all commands needs none of their imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from postkorb.config import Config

COMMANDS = {
    "init": "Write config.toml, create the database, ask for the first administrator.",
    "serve": "Serve the web inbox, and pull and send on schedule.",
    "pull": "Pull what is new from the channels, once.",
    "send": "Deliver what is queued, once.",
    "inspect": "Show how mails, scans or posts would be read.",
    "match": "Show which rows of a contact list are one person.",
    "export": "Write contacts or activities as CSV.",
    "authorise": "Let the owner of a mailbox give access to it (OAuth 2).",
    "doctor": "Check configuration, database and channels; say what to do.",
    "demo": "Serve a filled inbox to try, with nothing to configure.",
}


def configuration() -> Config:
    """The configuration for the command that runs; raises ConfigError, which ends it with 2."""
    from postkorb import config  # takes a third of a second, and --help needs none of it

    return config.load(config.find(click.get_current_context().find_root().params["config"]))
