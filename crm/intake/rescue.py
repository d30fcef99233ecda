"""Rescue: what defeats a whole batch is stored bare, and the rest of the batch as it is."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.channels.contract import Batch
from crm.conversations.blob import BlobWriter
from crm.conversations.reference import Seal
from crm.desk import Desk
from crm.intake.prepare import Prepared, bare, prepare
from crm.intake.store import store

DEFEATS = (DataError, IntegrityError, ArithmeticError, LookupError, TypeError, ValueError)
"""What a message can do to us; a database that is away or a full disk is something else."""
log = logging.getLogger(__name__)


def store_one_by_one(
    session: Session, desk: Desk, channel: Channel, batch: Batch, prepared: Sequence[Prepared]
) -> int:
    """Store each message alone, the one that cannot be stored by its original alone.

    All in the one transaction that moves the cursor; returns how many messages were new.
    """
    count = 0
    for one in prepared:
        try:
            with session.begin_nested():
                count += store(session, desk, channel, batch, [one])
        except DEFEATS:
            remote_id = one.incoming.remote_id
            log.exception("message %.200r cannot be stored; it is kept as it came", remote_id)
            least = prepare([bare(one.incoming)], BlobWriter(desk.blobs), Seal(desk.secret))
            with session.begin_nested():
                count += store(session, desk, channel, batch, least)
    return count
