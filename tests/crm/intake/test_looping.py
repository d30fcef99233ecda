"""Two machines that answer each other are noticed; a person with much to send is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from crm.base import now
from crm.channels.contract import Incoming, Role, Sort
from crm.conversations.closing import close
from crm.conversations.conversation import Conversation, Status
from crm.history.event import Event
from crm.intake.looping import MOST_AN_HOUR
from tests.crm.conftest import Mailbox, mail

FIRST = now() - timedelta(minutes=50)
ROBOT = "robot@vendor.example"


def turns(count: int, begin: int = 0, **more: object) -> list[Incoming]:
    """Mails of a machine, one a minute, whose subject grows with each turn."""
    return [
        mail(
            ROBOT,
            at=FIRST + timedelta(minutes=begin + turn),
            subject="Re: " * (begin + turn) + "[Ticket#4711] Your request",
            **more,
        )
        for turn in range(count)
    ]


def test_the_turns_beyond_are_kept_in_one_place_and_nobody_waits(mailbox: Mailbox) -> None:
    mailbox.receives(*turns(MOST_AN_HOUR + 5))
    beyond = mailbox.messages()[MOST_AN_HOUR:]
    assert [message.sort for message in beyond] == [Sort.LOOP] * 5
    assert len({message.conversation_id for message in beyond}) == 1
    assert len(mailbox.conversations()) == MOST_AN_HOUR


def test_it_is_counted_over_many_pulls_as_in_one(mailbox: Mailbox) -> None:
    for turn in range(MOST_AN_HOUR + 3):
        mailbox.receives(*turns(1, turn))
    assert sorts(mailbox) == [Sort.CUSTOMER] * MOST_AN_HOUR + [Sort.LOOP] * 3
    assert len(mailbox.conversations()) == MOST_AN_HOUR


def test_a_turn_opens_nothing_that_was_closed(mailbox: Mailbox) -> None:
    mailbox.receives(mail(ROBOT, message_id="q@x", at=FIRST, subject="Your request"))
    mailbox.receives(*turns(MOST_AN_HOUR - 1, mentions=("q@x",)))
    with mailbox.desk.writing() as session:
        for conversation in session.scalars(select(Conversation)):
            close(session, conversation, by=None)
    mailbox.receives(*turns(3, MOST_AN_HOUR - 1))
    assert {conversation.status for conversation in mailbox.conversations()} == {Status.CLOSED}


def test_turns_that_answer_each_other_count_whatever_their_subjects(mailbox: Mailbox) -> None:
    mailbox.receives(mail(ROBOT, message_id="q@x", at=FIRST, subject=""))
    for turn in range(MOST_AN_HOUR):
        at = FIRST + timedelta(minutes=turn)
        mailbox.receives(mail(ROBOT, mentions=("q@x",), at=at, subject=""))
    assert sorts(mailbox)[-1] == Sort.LOOP
    assert len(mailbox.conversations()) == 1


def test_the_history_says_so_once(mailbox: Mailbox) -> None:
    mailbox.receives(*turns(MOST_AN_HOUR + 5))
    count = select(func.count()).where(Event.kind == "conversation.looping")
    assert mailbox.look(lambda s: s.scalar(count)) == 1


@pytest.mark.parametrize("subject", ["", "Photo {}", "IMG_{}.jpg"])
def test_photos_in_a_mail_each_are_no_loop(mailbox: Mailbox, subject: str) -> None:
    at = FIRST
    mailbox.receives(*(mail(at=at, subject=subject.format(number)) for number in range(25)))
    assert set(sorts(mailbox)) == {Sort.CUSTOMER}


def test_an_old_mailbox_taken_in_at_once_is_no_loop(mailbox: Mailbox) -> None:
    days = [now() - timedelta(days=number) for number in range(60, 0, -1)]
    mailbox.receives(*(mail(at=at, subject="Daily report") for at in days))
    assert set(sorts(mailbox)) == {Sort.CUSTOMER}


def test_many_people_of_one_subject_are_no_loop(mailbox: Mailbox) -> None:
    mailbox.receives(*(mail(f"c{number}@x.org", at=FIRST) for number in range(30)))
    assert set(sorts(mailbox)) == {Sort.CUSTOMER}


def test_an_hour_later_it_is_a_correspondent_like_any_other(mailbox: Mailbox) -> None:
    early = [now() - timedelta(hours=3) + timedelta(minutes=n) for n in range(MOST_AN_HOUR + 1)]
    mailbox.receives(*(mail(ROBOT, at=at) for at in early))
    mailbox.receives(mail(ROBOT))
    assert sorts(mailbox)[-2:] == [Sort.LOOP, Sort.CUSTOMER]


def test_our_own_mails_are_no_loop(mailbox: Mailbox) -> None:
    mailbox.receives(*(mail("us@x.org", role=Role.US, at=FIRST) for _ in range(25)))
    assert set(sorts(mailbox)) == {Sort.CUSTOMER}


def test_what_a_machine_calls_automatic_itself_needs_no_counting(mailbox: Mailbox) -> None:
    mailbox.receives(*turns(MOST_AN_HOUR + 5, sort=Sort.AUTO_REPLY))
    assert set(sorts(mailbox)) == {Sort.AUTO_REPLY}


def sorts(mailbox: Mailbox) -> list[str]:
    return [message.sort for message in mailbox.messages()]
