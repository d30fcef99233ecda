"""All tables together, for Alembic; and whether a database is the one this program knows."""

from __future__ import annotations

from sqlalchemy import Engine, MetaData

from crm.base import Base
from crm.channels import channel as _channel
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
from crm.search.index import create as create_search_index
from crm.staff import agent as _agent

ROOMS = (
    _agent, _attachment, _blob, _card, _channel, _conversation, _drafting, _event, _fact, _identity,
    _merge, _message, _participant, _reference, _reply, _suggestion, _tagging,
)

metadata: MetaData = Base.metadata


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision; an empty one gets all tables."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        create_search_index(connection)
