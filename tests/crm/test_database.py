"""What every connection promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from crm.base import now
from crm.contacts.card import Card
from crm.contacts.identity import Identity
from crm.desk import Desk
from crm.history.event import Event
from crm.history.record import record


def test_a_time_without_a_zone_is_refused(desk: Desk) -> None:
    with pytest.raises(StatementError, match="without a zone"), desk.writing() as session:
        session.add(Card(contact_id=1, source="t", created_at=datetime(2026, 1, 1)))


def test_times_come_back_as_they_went_in_utc(desk: Desk) -> None:
    at = datetime(2026, 11, 24, 1, 30, 0, 123456, timezone(timedelta(hours=2)))
    with desk.writing() as session:
        session.add(Card(contact_id=1, source="t", created_at=at))
    with desk.reading() as session:
        kept = session.scalars(select(Card.created_at)).one()
    assert (kept, kept.tzinfo) == (at, UTC)


def test_foreign_keys_are_kept(desk: Desk) -> None:
    with pytest.raises(IntegrityError), desk.writing() as session:
        session.add(
            Identity(
                card_id=99,
                kind="email",
                value="a@x",
                shown="a@x",
                first_seen=now(),
                last_seen=now(),
            )
        )


def test_an_act_and_its_event_stand_or_fall_together(desk: Desk) -> None:
    with pytest.raises(RuntimeError), desk.writing() as session:
        record(session, "something.happened", ("card", 1))
        raise RuntimeError
    with desk.reading() as session:
        assert session.scalars(select(Event)).all() == []


def test_events_know_their_transaction_where_readers_need_it(desk: Desk) -> None:
    with desk.writing() as session:
        record(session, "something.happened", ("card", 1))
    with desk.reading() as session:
        tx = session.scalars(select(Event.tx)).one()
    assert (tx is not None) == (desk.engine.dialect.name == "postgresql")
