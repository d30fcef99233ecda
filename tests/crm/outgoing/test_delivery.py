"""A reply is sent once, as far as the protocol allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import (
    Address,
    CannotTell,
    File,
    IdentityKind,
    Misconfigured,
    NotThere,
    Person,
    Receipt,
    Recipient,
    Rejected,
    Role,
    Sort,
    Temporary,
)
from crm.conversations.blob import path_of, sha256
from crm.conversations.closing import close, reopen
from crm.conversations.conversation import Conversation, Status
from crm.conversations.drafting import Draft
from crm.conversations.noting import note
from crm.conversations.reference import Seal
from crm.history.event import Event
from crm.outgoing.deliver import MOST_ATTEMPTS, due_channels, strand
from crm.outgoing.queue import Overtaken, cancel
from crm.outgoing.reply import Reply, State
from crm.outgoing.retry import it_went, retry
from crm.outgoing.ways import ways_out
from crm.search.query import search
from tests.crm.conftest import Mailbox, mail


def test_a_reply_goes_to_the_address_that_wrote(mailbox: Mailbox) -> None:
    mailbox.receives(mail("anna@example.org", message_id="q@x"))
    answered = mailbox.messages()[0].id
    mailbox.answers(
        1, "Hello Anna", answers_id=answered, files=[File("a.pdf", "application/pdf", b"%PDF")]
    )
    assert mailbox.delivers() == 1
    sent = mailbox.source.sent[0]
    assert [one.address.value for one in sent.recipients] == ["anna@example.org"]
    assert (sent.text, sent.answers, sent.files[0].content) == ("Hello Anna", "q@x", b"%PDF")
    seal = Seal(mailbox.desk.secret)
    assert sent.reference == seal.reference(1)
    assert seal.answered(sent.reply_to, mailbox.channel_id) == 1


def test_nothing_is_sent_twice(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    mailbox.answers(1)
    assert (mailbox.delivers(), mailbox.delivers()) == (1, 0)


def test_a_reply_waits_out_its_undo_window(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    mailbox.answers(1, due_at=now() + timedelta(seconds=10))
    assert mailbox.delivers() == 0


def test_undo_brings_back_the_text_and_the_waiting(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    before = mailbox.conversations()[0].waiting_since
    message = mailbox.answers(1, "Too early", due_at=now() + timedelta(seconds=10))
    assert mailbox.conversations()[0].waiting_since is None
    with mailbox.desk.writing() as session:
        assert cancel(session, message, by=mailbox.agent_id)
    assert mailbox.conversations()[0].waiting_since == before
    assert draft(mailbox).body == "Too early"


def test_undo_comes_too_late_for_what_has_gone(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    mailbox.delivers()
    with mailbox.desk.writing() as session:
        assert not cancel(session, message, by=mailbox.agent_id)


def test_what_came_in_while_a_reply_waited_holds_it_once(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    message = mailbox.answers(1, "We will see")
    mailbox.receives(mail(mentions=("q@x",), text="It works again!"))
    assert mailbox.delivers() == 0
    assert state(mailbox, message) == State.HELD
    assert draft(mailbox).held_at is not None
    again = mailbox.answers(1, "We will see, indeed")
    assert mailbox.delivers() == 1
    assert state(mailbox, again) == State.SENT


def test_what_a_colleague_wrote_meanwhile_holds_before_queueing(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    seen = mailbox.messages()[0].id
    with mailbox.desk.writing() as session:
        note(session, session.get_one(Conversation, 1), "I called her.", by=mailbox.agent_id)
    answer = mailbox.answers(1, "Please call us", seen_message_id=seen)
    assert isinstance(answer, Overtaken)
    assert [message.text for message in answer.newer] == ["I called her."]
    assert draft(mailbox).body == "Please call us"
    assert mailbox.delivers() == 0


def test_send_anyway_is_not_held(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    seen = mailbox.messages()[0].id
    mailbox.receives(mail(mentions=("q@x",)))
    mailbox.answers(1, seen_message_id=seen, regardless=True)
    assert mailbox.delivers() == 1


def test_a_temporary_refusal_is_tried_again_later(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    mailbox.source.refusal = Temporary("The server is away.", "timed out")
    assert mailbox.delivers() == 0
    assert state(mailbox, message) == State.WAITING
    mailbox.source.refusal = None
    hurry(mailbox)
    assert mailbox.delivers() == 1


def test_a_rejected_reply_fails_with_the_reason_and_the_customer_waits_again(
    mailbox: Mailbox,
) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    mailbox.source.refusal = Rejected("The address was refused.", "550 no such user")
    mailbox.delivers()
    reply = find(mailbox, message)
    assert (reply.state, reply.error_words) == (State.FAILED, "550 no such user")
    assert mailbox.conversations()[0].waiting_since is not None
    mailbox.source.refusal = None
    with mailbox.desk.writing() as session:
        assert retry(session, message, by=mailbox.agent_id)
    assert mailbox.delivers() == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Receipt(at=now()), State.SENT),
        (NotThere(), State.SENT),
        (CannotTell(), State.UNKNOWN),
    ],
)
def test_after_a_crash_between_send_and_write_back_the_channel_is_asked(
    mailbox: Mailbox, answer: Receipt | NotThere | CannotTell, expected: State
) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    with mailbox.desk.writing() as session:
        reply = session.get_one(Reply, message)
        reply.state, reply.claimed_at = State.SENDING, now()
    mailbox.source.found = answer
    mailbox.delivers()
    assert state(mailbox, message) == expected
    assert len(mailbox.source.sent) == (1 if isinstance(answer, NotThere) else 0)


def test_an_unknown_reply_is_settled_by_a_person(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    mailbox.source.refusal = ConnectionResetError("after DATA")
    mailbox.delivers()
    assert state(mailbox, message) == State.UNKNOWN
    with mailbox.desk.writing() as session:
        assert it_went(session, message, by=mailbox.agent_id)
    assert state(mailbox, message) == State.SENT


def test_our_own_message_coming_back_is_no_new_one(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    key = find(mailbox, message).key
    mailbox.receives(mail("support@lindenrad.example", role=Role.US, message_id=key))
    assert len(mailbox.messages()) == 2
    assert state(mailbox, message) == State.SENT
    assert mailbox.delivers() == 0


def test_a_bounce_marks_the_reply_failed_in_its_thread(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    mailbox.delivers()
    mailbox.receives(
        mail(
            "mailer-daemon@example.org",
            "",
            sort=Sort.BOUNCE,
            bounced=find(mailbox, message).key,
            reason="550 mailbox full",
        )
    )
    assert state(mailbox, message) == State.FAILED
    assert [one.conversation_id for one in mailbox.messages()] == [1, 1, 1]
    assert mailbox.conversations()[0].waiting_since is not None


def test_a_misconfigured_channel_keeps_the_queue(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    mailbox.source.refusal = Misconfigured("The password was refused.", "535", "Change it.")
    mailbox.delivers()
    reply = find(mailbox, message)
    assert (reply.state, reply.remedy) == (State.WAITING, "Change it.")


def test_a_misconfigured_channel_keeps_the_queue_however_long(mailbox: Mailbox) -> None:
    mailbox.receives(mail("a@x.org"), mail("b@x.org"))
    messages = [mailbox.answers(number) for number in (1, 2)]
    mailbox.source.refusal = Misconfigured("The password was refused.", "535", "Change it.")
    for _ in range(12):
        mailbox.delivers()
        hurry(mailbox)
    assert [state(mailbox, message) for message in messages] == [State.WAITING, State.WAITING]


def test_a_refused_password_is_tried_once_and_not_for_every_reply(mailbox: Mailbox) -> None:
    mailbox.receives(mail("a@x.org"), mail("b@x.org"))
    messages = [mailbox.answers(number) for number in (1, 2)]
    mailbox.source.refusal = Misconfigured("The password was refused.", "535", "Change it.")
    mailbox.delivers()
    found = [find(mailbox, message) for message in messages]
    assert [reply.attempts for reply in found] == [1, 0]
    assert [reply.remedy for reply in found] == ["Change it.", "Change it."]


def test_a_server_that_stays_away_is_given_up_in_the_end(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    mailbox.source.refusal = Temporary("The server is away.", "timed out")
    for _ in range(MOST_ATTEMPTS):
        mailbox.delivers()
        hurry(mailbox)
    assert state(mailbox, message) == State.FAILED


def test_a_paused_channel_keeps_its_queue(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    mailbox.answers(1)
    assert mailbox.look(due_channels) == [mailbox.channel_id]
    with mailbox.desk.writing() as session:
        session.get_one(Channel, mailbox.channel_id).paused_at = now()
    assert mailbox.look(due_channels) == []
    assert mailbox.look(lambda s: ways_out(s, 1)) == []


def test_a_lost_file_fails_its_reply_and_not_the_queue(mailbox: Mailbox) -> None:
    mailbox.receives(mail("a@x.org"), mail("b@x.org"))
    first = mailbox.answers(1, files=[File("a.pdf", "application/pdf", b"%PDF")])
    mailbox.answers(2)
    path_of(mailbox.desk.blobs, sha256(b"%PDF")).unlink()
    assert mailbox.delivers() == 1
    assert state(mailbox, first) == State.FAILED


def test_after_a_bounce_the_answer_goes_to_the_customer_not_to_the_daemon(
    mailbox: Mailbox,
) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    mailbox.delivers()
    bounced = find(mailbox, message).key
    mailbox.receives(mail("mailer-daemon@example.org", "", sort=Sort.BOUNCE, bounced=bounced))
    assert [way.shown for way in mailbox.look(lambda s: ways_out(s, 1))] == ["anna@example.org"]


@pytest.mark.parametrize(
    ("reply_to", "answered"),
    [
        ("anna@example.org", "anna@example.org"),
        ("Form@shop.example", "form@shop.example"),
        ("support@lindenrad.example", "form@shop.example"),
    ],
)
def test_an_answer_goes_where_the_message_wants_it(
    mailbox: Mailbox, reply_to: str, answered: str
) -> None:
    """A form's mail names its writer in Reply-To; our own address there would be a circle."""
    for _ in range(2):
        mailbox.receives(
            mail(
                "form@shop.example",
                reply_to=Address(IdentityKind.EMAIL, reply_to),
                recipients=(Recipient(Address(IdentityKind.EMAIL, "support@lindenrad.example")),),
            )
        )
    assert [way.shown for way in mailbox.look(lambda s: ways_out(s, 2))] == [answered]


def test_an_echo_does_not_heal_what_has_bounced(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    mailbox.delivers()
    key = find(mailbox, message).key
    for _ in range(2):
        mailbox.receives(mail("mailer-daemon@x.org", "", sort=Sort.BOUNCE, bounced=key))
    mailbox.receives(mail("support@lindenrad.example", role=Role.US, message_id=key))
    assert state(mailbox, message) == State.FAILED
    assert kinds(mailbox).count("reply.failed") == 1


def test_a_failed_reply_opens_its_closed_conversation(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    mailbox.answers(1)
    with mailbox.desk.writing() as session:
        close(session, session.get_one(Conversation, 1), by=mailbox.agent_id)
    mailbox.source.refusal = Rejected("The address was refused.", "550")
    mailbox.delivers()
    conversation = mailbox.conversations()[0]
    assert (conversation.status, conversation.waiting_since is None) == (Status.OPEN, False)


def test_a_later_reply_answers_for_one_that_is_taken_back(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    before = mailbox.conversations()[0].waiting_since
    first, second = (
        mailbox.answers(1, text, due_at=now() + timedelta(hours=1)) for text in ("One", "Two")
    )
    waits = []
    for message in (first, second):
        with mailbox.desk.writing() as session:
            cancel(session, message, by=mailbox.agent_id)
        waits.append(mailbox.conversations()[0].waiting_since)
    assert waits == [None, before]


def test_what_was_taken_back_counts_nowhere(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    before = mailbox.conversations()[0]
    message = mailbox.answers(1, "A courier brings it", due_at=now() + timedelta(hours=1))
    with mailbox.desk.writing() as session:
        cancel(session, message, by=mailbox.agent_id)
    after = mailbox.conversations()[0]
    assert after.message_count == 1
    assert after.last_message_at == before.last_message_at
    assert mailbox.look(lambda s: search(s, "courier")).conversation_ids == []


def test_reopening_after_a_reply_was_taken_back_lets_the_customer_wait(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    since = mailbox.conversations()[0].waiting_since
    message = mailbox.answers(1, due_at=now() + timedelta(hours=1))
    with mailbox.desk.writing() as session:
        cancel(session, message, by=mailbox.agent_id)
        close(session, session.get_one(Conversation, 1), by=mailbox.agent_id)
        reopen(session, session.get_one(Conversation, 1), by=mailbox.agent_id)
    assert mailbox.conversations()[0].waiting_since == since


def test_answering_a_closed_conversation_opens_it(mailbox: Mailbox) -> None:
    mailbox.receives(mail(at=now() - timedelta(days=90)))
    mailbox.answers(1)
    assert mailbox.conversations()[0].status == Status.OPEN


def find(mailbox: Mailbox, message: int) -> Reply:
    return mailbox.look(lambda s: s.get_one(Reply, message))


def kinds(mailbox: Mailbox) -> list[str]:
    return mailbox.look(lambda s: list(s.scalars(select(Event.kind))))


def state(mailbox: Mailbox, message: int) -> str:
    return find(mailbox, message).state


def draft(mailbox: Mailbox) -> Draft:
    return mailbox.look(lambda s: s.scalars(select(Draft)).one())


def hurry(mailbox: Mailbox) -> None:
    with mailbox.desk.writing() as session:
        for reply in session.scalars(select(Reply)):
            reply.due_at = now()


def test_the_answer_speaks_the_language_the_customer_wrote_in(mailbox: Mailbox) -> None:
    address = Address(IdentityKind.EMAIL, "anna@example.org")
    mailbox.receives(replace(mail(), sender=Person("Anna Berg", address, facts={"language": "en"})))
    mailbox.answers(1)
    mailbox.delivers()
    assert (mailbox.desk.language, mailbox.source.sent[0].language) == ("de", "en")


def test_a_reply_on_a_channel_that_is_gone_waits_and_says_why(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    strand(mailbox.desk, mailbox.channel_id)
    reply = find(mailbox, message)
    assert (reply.state, reply.error) == (State.WAITING, "This channel is no longer configured.")
    assert reply.due_at > now()
