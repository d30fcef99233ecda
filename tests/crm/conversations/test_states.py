"""States change by rule, and every list follows from them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crm.base import now
from crm.conversations.assigning import assign
from crm.conversations.closing import close, reopen
from crm.conversations.conversation import Conversation, Place, Status, place_of
from crm.conversations.noting import note
from crm.conversations.pending import set_pending
from crm.conversations.removing import bring_back, to_spam
from crm.conversations.snoozing import snooze, wake_due
from crm.conversations.tagging import ConversationTag, tag
from crm.conversations.tray import View, counts, next_after, page
from crm.history.event import Event
from tests.crm.conftest import Mailbox, mail

AT = now()


def test_who_waits_longest_stands_first_then_the_answered(mailbox: Mailbox) -> None:
    for number, hours in enumerate((1, 5, 3)):
        mailbox.receives(mail(f"c{number}@x.org", at=now() - timedelta(hours=hours)))
    mailbox.answers(2)
    assert rows(mailbox, View.OPEN) == [3, 1, 2]


def test_a_further_message_does_not_shorten_the_waiting(mailbox: Mailbox) -> None:
    since = now() - timedelta(hours=3)
    mailbox.receives(mail(message_id="q@x", at=since))
    mailbox.receives(mail(mentions=("q@x",)))
    assert mailbox.conversations()[0].waiting_since == since


@pytest.mark.parametrize("state", ["pending", "closed", "snoozed"])
def test_a_customers_message_opens(mailbox: Mailbox, state: str) -> None:
    mailbox.receives(mail(message_id="q@x"))
    change(mailbox, state)
    mailbox.receives(mail(mentions=("q@x",)))
    assert mailbox.conversations()[0].status == Status.OPEN


def test_a_snooze_regardless_goes_on_sleeping(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    with mailbox.desk.writing() as session:
        until = now() + timedelta(days=1)
        snooze(session, session.get_one(Conversation, 1), until, by=None, wake_on_reply=False)
    mailbox.receives(mail(mentions=("q@x",)))
    assert mailbox.conversations()[0].status == Status.SNOOZED


def test_a_snooze_wakes_by_itself(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    change(mailbox, "snoozed")
    with mailbox.desk.writing() as session:
        session.get_one(Conversation, 1).snoozed_until = now() - timedelta(seconds=1)
        session.get_one(Conversation, 1).arrange()
    with mailbox.desk.writing() as session:
        assert wake_due(session) == 1
    assert rows(mailbox, View.OPEN) == [1]


def test_closing_twice_leaves_one_event(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    change(mailbox, "closed")
    change(mailbox, "closed")
    events = mailbox.look(
        lambda s: s.scalars(select(Event).where(Event.kind == "conversation.closed")).all()
    )
    assert len(events) == 1


def test_reopening_gives_the_waiting_back(mailbox: Mailbox) -> None:
    since = now() - timedelta(hours=2)
    mailbox.receives(mail(at=since))
    change(mailbox, "closed")
    assert mailbox.conversations()[0].waiting_since is None
    with mailbox.desk.writing() as session:
        reopen(session, session.get_one(Conversation, 1), by=None)
    assert mailbox.conversations()[0].waiting_since == since


def test_a_note_changes_nothing_about_who_waits(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    before = mailbox.conversations()[0].waiting_since
    with mailbox.desk.writing() as session:
        note(session, session.get_one(Conversation, 1), "Ask Jonas.", by=mailbox.agent_id)
    after = mailbox.conversations()[0]
    assert (after.waiting_since, after.message_count) == (before, 2)


def test_spam_stands_outside_all_views_and_comes_back(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    with mailbox.desk.writing() as session:
        to_spam(session, session.get_one(Conversation, 1), by=None)
    assert rows(mailbox, View.OPEN) == []
    with mailbox.desk.writing() as session:
        bring_back(session, session.get_one(Conversation, 1), by=None)
    assert rows(mailbox, View.OPEN) == [1]


def test_counts_are_the_lists_own(mailbox: Mailbox) -> None:
    mailbox.receives(*(mail(f"c{number}@x.org") for number in range(7)))
    with mailbox.desk.writing() as session:
        assign(session, session.get_one(Conversation, 1), mailbox.agent_id, by=None)
        close(session, session.get_one(Conversation, 2), by=None)
        set_pending(session, session.get_one(Conversation, 3), by=None)
    counted = mailbox.look(lambda s: counts(s, mailbox.agent_id))
    assert counted == {view: len(rows(mailbox, view)) for view in View}


@pytest.mark.parametrize("view", [View.OPEN, View.CLOSED])
def test_pages_follow_one_another_without_gap_or_double(mailbox: Mailbox, view: View) -> None:
    mailbox.receives(*(mail(f"c{number}@x.org", at=AT) for number in range(120)))
    if view is View.CLOSED:
        with mailbox.desk.writing() as session:
            for conversation in session.scalars(select(Conversation)):
                close(session, conversation, by=None)
    seen, after = [], ""
    for _ in range(3):
        found = mailbox.look(lambda s, after=after: page(s, view, 0, after=after))
        seen += [row.id for row in found.rows]
        after = found.next
    assert sorted(seen) == list(range(1, 121))
    assert after == ""


def test_after_closing_the_next_in_the_view_is_named(mailbox: Mailbox) -> None:
    for number, hours in enumerate((5, 3, 1)):
        mailbox.receives(mail(f"c{number}@x.org", at=now() - timedelta(hours=hours)))
    assert mailbox.look(lambda s: next_after(s, View.OPEN, 0, 2)) == 3
    assert mailbox.look(lambda s: next_after(s, View.OPEN, 0, 3)) == 1


def test_a_tags_list_moves_with_its_conversation(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    with mailbox.desk.writing() as session:
        tag(session, session.get_one(Conversation, 1), "Warranty", by=None)
        close(session, session.get_one(Conversation, 1), by=None)
    place = mailbox.look(lambda s: s.scalar(select(ConversationTag.place)))
    assert place == Place.CLOSED


@given(
    status=st.sampled_from(Status),
    waits=st.booleans(),
    snoozed=st.booleans(),
)
def test_every_state_has_one_place(status: Status, waits: bool, snoozed: bool) -> None:
    place, order_at = place_of(
        status, AT if waits else None, AT if snoozed else None, None, AT - timedelta(days=1)
    )
    assert isinstance(place, Place)
    assert order_at in (AT, AT - timedelta(days=1))


def change(mailbox: Mailbox, state: str) -> None:
    with mailbox.desk.writing() as session:
        conversation = session.get_one(Conversation, 1)
        match state:
            case "pending":
                set_pending(session, conversation, by=mailbox.agent_id)
            case "closed":
                close(session, conversation, by=mailbox.agent_id)
            case "snoozed":
                snooze(session, conversation, now() + timedelta(days=1), by=mailbox.agent_id)


def rows(mailbox: Mailbox, view: View) -> list[int]:
    return [row.id for row in mailbox.look(lambda s: page(s, view, mailbox.agent_id)).rows]


def test_acts_of_one_transaction_stand_together(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    with mailbox.desk.writing() as session:
        conversation = session.get_one(Conversation, 1)
        assign(session, conversation, mailbox.agent_id, by=mailbox.agent_id)
        close(session, conversation, by=mailbox.agent_id)
    conversation = mailbox.conversations()[0]
    assert (conversation.assignee_id, conversation.status) == (mailbox.agent_id, Status.CLOSED)
