"""All tables together, for Alembic; and whether a database is the one this program knows."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

from crm.base import Base
from crm.channels import channel as _channel
from crm.channels import secret as _secret
from crm.contacts import card as _card
from crm.contacts import fact as _fact
from crm.contacts import identity as _identity
from crm.contacts import merge as _merge
from crm.contacts import suggestion as _suggestion
from crm.conversations import attachment as _attachment
from crm.conversations import blob as _blob
from crm.conversations import conversation as _conversation
from crm.conversations import drafting as _drafting
from crm.conversations import message as _message
from crm.conversations import participant as _participant
from crm.conversations import reference as _reference
from crm.conversations import tagging as _tagging
from crm.history import event as _event
from crm.outgoing import reply as _reply
from crm.staff import agent as _agent

ROOMS = (
    _agent,
    _attachment,
    _blob,
    _card,
    _channel,
    _conversation,
    _drafting,
    _event,
    _fact,
    _identity,
    _merge,
    _message,
    _participant,
    _reference,
    _reply,
    _secret,
    _suggestion,
    _tagging,
)

metadata: MetaData = Base.metadata


class OtherSchema(Exception):
    """The database belongs to an older or newer program; the text names the command that helps."""


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the database to the newest revision, or to that one; an empty one gets all tables."""
    with engine.begin() as connection:
        command.upgrade(_alembic(connection), to)


def newest() -> str:
    """The revision that this program works with."""
    return str(_revisions().get_current_head())


def check(engine: Engine) -> None:
    """Raises OtherSchema unless the database stands at this program's revision."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found == newest():
        return
    if found is None:
        raise OtherSchema("The database has no tables yet: run `postkorb init`.")
    if found in {revision.revision for revision in _revisions().walk_revisions()}:
        raise OtherSchema(
            f"The database stands at revision {found}, older than this program: back it up,"
            " then run `postkorb init --upgrade`."
        )
    raise OtherSchema(
        f"The database stands at revision {found}, which this program does not know:"
        " install the newer Postkorb that wrote it."
    )


def _revisions() -> ScriptDirectory:
    return ScriptDirectory.from_config(_alembic(None))


def _alembic(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", "crm:migrations")
    config.attributes["connection"] = connection
    return config
