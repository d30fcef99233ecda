"""Passing a message on: whole, to somebody else, while the customer goes on waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from crm.base import now
from crm.channels.channel import declare
from crm.channels.contract import File, FileUse, Outgoing, Recipient, Rejected, Role
from crm.contacts.card import Card
from crm.conversations.closing import close, reopen
from crm.conversations.conversation import Conversation, Status
from crm.conversations.drafting import Draft, files_of_draft
from crm.conversations.message import Message
from crm.conversations.reference import Seal
from crm.outgoing.forwarding import CannotForward, PassedOn, begin, forward
from crm.outgoing.queue import cancel
from crm.outgoing.reply import Reply, State
from crm.outgoing.retry import retry
from crm.outgoing.ways import ways_out
from tests.crm.conftest import Mailbox, mail
from tests.crm.outgoing.test_recipients import ANNA, OURS, person

WORKS = person("service@works.example", name="Chain Works")
PLAN = File("plan.pdf", "application/pdf", b"%PDF")
LOGO = File("logo.png", "image/png", b"PNG", FileUse.INLINE, "logo")


def test_the_original_goes_along_with_its_files(mailbox: Mailbox) -> None:
    html = '<p>Broken. <img src="cid:logo"></p>'
    mailbox.receives(
        mail(subject="Chain: broken?", html=html, files=(PLAN, LOGO), raw=b"From: anna")
    )
    sent = passed_on(mailbox, "Can you help?")
    files = [(file.name, file.type, file.content) for file in sent.files]
    assert files == [
        ("Chain broken.eml", "message/rfc822", b"From: anna"),
        ("plan.pdf", "application/pdf", b"%PDF"),
    ]
    assert (sent.subject, sent.text, sent.forwards) == (
        "Fwd: Chain: broken?",
        "Can you help?",
        True,
    )
    assert [one.address.value for one in sent.recipients] == ["service@works.example"]


def test_it_tells_the_other_nothing_else_of_the_conversation(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="1@x"))
    mailbox.receives(mail(mentions=("1@x",)))
    sent = passed_on(mailbox)
    assert (sent.history, sent.answers, sent.mentions, dict(sent.facts)) == ((), "", (), {})


def test_a_letter_goes_along_as_its_scan(mailbox: Mailbox) -> None:
    page = File("page-1.png", "image/png", b"PNG", FileUse.PAGE)
    mailbox.receives(mail(raw=b"%PDF scan", raw_type="application/pdf", files=(page,)))
    assert [file.name for file in passed_on(mailbox).files] == ["Battery.pdf"]


def test_a_post_goes_along_in_words(mailbox: Mailbox) -> None:
    mailbox.receives(mail(text="It\nblinks", raw_type="application/json", permalink="https://f/1"))
    begun = begin_forward(mailbox)
    assert begun.body == "\n\nhttps://f/1\n> It\n> blinks"


def test_the_customer_goes_on_waiting(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    since = mailbox.conversations()[0].waiting_since
    passed_on(mailbox)
    assert waiting(mailbox) == since
    with mailbox.desk.writing() as session:
        close(session, session.get_one(Conversation, 1), by=mailbox.agent_id)
        reopen(session, session.get_one(Conversation, 1), by=mailbox.agent_id)
    assert waiting(mailbox) == since


def test_what_is_taken_back_or_failed_changes_nothing_about_who_waits(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    reply = mailbox.answers(1)
    mailbox.delivers()
    assert waiting(mailbox) is None
    message = pass_on(mailbox, due_at=now() + timedelta(hours=1))
    with mailbox.desk.writing() as session:
        assert cancel(session, message, by=mailbox.agent_id)
    pass_on(mailbox)
    mailbox.source.refusal = Rejected("Refused.", "550")
    mailbox.delivers()
    assert waiting(mailbox) is None
    assert state(mailbox, reply) == State.SENT


def test_what_failed_makes_nobody_wait_who_was_answered_meanwhile(mailbox: Mailbox) -> None:
    """Somebody of ours answered from another mail program."""
    mailbox.receives(mail(message_id="q@x"))
    pass_on(mailbox)
    mailbox.receives(mail(OURS, role=Role.US, mentions=("q@x",), recipients=(person(ANNA),)))
    mailbox.source.refusal = Rejected("Refused.", "550")
    mailbox.delivers()
    assert waiting(mailbox) is None


def test_what_is_tried_again_answers_nobody(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    since = waiting(mailbox)
    message = pass_on(mailbox)
    mailbox.source.refusal = Rejected("Refused.", "550")
    mailbox.delivers()
    mailbox.source.refusal = None
    with mailbox.desk.writing() as session:
        assert retry(session, message, by=mailbox.agent_id)
    assert (waiting(mailbox), mailbox.delivers()) == (since, 1)


def test_passing_on_out_of_a_closed_conversation_leaves_it_closed(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    with mailbox.desk.writing() as session:
        close(session, session.get_one(Conversation, 1), by=mailbox.agent_id)
    message = pass_on(mailbox, due_at=now() + timedelta(hours=1))
    with mailbox.desk.writing() as session:
        cancel(session, message, by=mailbox.agent_id)
    assert mailbox.conversations()[0].status == Status.CLOSED


def test_a_reply_that_is_taken_back_after_it_lets_the_customer_wait_again(
    mailbox: Mailbox,
) -> None:
    mailbox.receives(mail())
    since = waiting(mailbox)
    reply = mailbox.answers(1, due_at=now() + timedelta(hours=1))
    passed_on(mailbox)
    with mailbox.desk.writing() as session:
        cancel(session, reply, by=mailbox.agent_id)
    assert waiting(mailbox) == since


def test_nothing_new_holds_it(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="1@x"))
    message = pass_on(mailbox)
    mailbox.receives(mail(mentions=("1@x",)))
    mailbox.delivers()
    assert state(mailbox, message) == State.SENT


def test_undo_gives_it_back_as_the_draft_it_was(mailbox: Mailbox) -> None:
    mailbox.receives(mail(files=(PLAN,)))
    message = pass_on(mailbox, "Look", due_at=now() + timedelta(hours=1))
    with mailbox.desk.writing() as session:
        cancel(session, message, by=mailbox.agent_id)
    draft = mailbox.look(lambda s: s.scalars(select(Draft)).one())
    files = mailbox.look(lambda s: files_of_draft(s, 1, mailbox.agent_id, "forward"))
    assert (draft.kind, draft.body, draft.forwards_id) == ("forward", "Look", 1)
    assert draft.recipients[0]["value"] == "service@works.example"
    assert [file.name for file in files] == ["Battery.eml", "plan.pdf"]


def test_posted_twice_it_goes_once_and_to_others_again(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    first = pass_on(mailbox, "", seen_message_id=1)
    assert pass_on(mailbox, "", seen_message_id=1, begun=False) == first
    others = [
        pass_on(mailbox, "", person("b@x.org"), seen_message_id=1),
        pass_on(mailbox, "", person("c@x.org"), seen_message_id=first),
    ]
    assert first not in others
    assert mailbox.delivers() == 3


def test_the_draft_of_a_reply_stays_beside_it(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    mailbox.answers(1, "Dear Anna", files=[PLAN], due_at=now() + timedelta(hours=1))
    with mailbox.desk.writing() as session:
        cancel(session, 2, by=mailbox.agent_id)
    sent = passed_on(mailbox, "Look")
    assert [file.name for file in sent.files] == ["Battery.eml"]
    draft = mailbox.look(lambda s: s.scalars(select(Draft)).one())
    assert (draft.kind, draft.body) == ("reply", "Dear Anna")


def test_an_answer_to_what_was_passed_on_joins_by_the_signed_address(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    sent = passed_on(mailbox)
    mailbox.receives(mail("other@works.example", recipients=(person(sent.reply_to),)))
    assert {one.conversation_id for one in mailbox.messages()} == {1}


def test_an_answer_whose_headers_were_stripped_joins_by_our_reference(mailbox: Mailbox) -> None:
    """Another firm's desk keeps nothing but the subject."""
    mailbox.receives(mail())
    passed_on(mailbox)
    subject = f"Chain {Seal(mailbox.desk.secret).reference(1)}"
    mailbox.receives(mail("service@works.example", "Works", subject=subject))
    assert {one.conversation_id for one in mailbox.messages()} == {1}


def test_after_their_answer_the_customer_is_still_the_one_who_is_answered(
    mailbox: Mailbox,
) -> None:
    mailbox.receives(mail())
    sent = passed_on(mailbox)
    mailbox.receives(mail("service@works.example", "Works", recipients=(person(sent.reply_to),)))
    works = mailbox.messages()[-1].identity_id
    assert [way.shown for way in mailbox.look(lambda s: ways_out(s, 1))] == [ANNA]
    assert [way.shown for way in mailbox.look(lambda s: ways_out(s, 1, works))] == [
        "service@works.example"
    ]


def test_a_customer_who_never_wrote_by_mail_is_not_taken_for_the_other(mailbox: Mailbox) -> None:
    """The letter's writer has no mail address: the works have one, and are not meant."""
    with mailbox.desk.writing() as session:
        declare(session, mailbox.name, "scan_folder", "post")
        own = declare(session, "mails", "imap", "email").id
    mailbox.receives(mail(raw_type="application/pdf"))
    message = pass_on(mailbox, channel_id=own)
    key = mailbox.look(lambda s: s.get_one(Reply, message).key)
    mailbox.receives(mail("service@works.example", "Works", mentions=(key,)))
    assert ANNA in [way.shown for way in mailbox.look(lambda s: ways_out(s, 1))]
    assert "service@works.example" not in [
        way.shown for way in mailbox.look(lambda s: ways_out(s, 1))
    ]


def test_somebody_known_is_no_second_contact(mailbox: Mailbox) -> None:
    mailbox.receives(mail("service@works.example", "Works"), mail())
    pass_on(mailbox, message_id=2)
    assert mailbox.look(lambda s: s.scalar(select(func.count(Card.id)))) == 2


def test_two_clicks_at_the_same_moment_make_one_message_and_one_contact(
    mailbox: Mailbox,
) -> None:
    mailbox.receives(mail())
    begin_forward(mailbox)
    with ThreadPoolExecutor(2) as both:
        clicks = [
            both.submit(pass_on, mailbox, "Look", seen_message_id=1, begun=False) for _ in range(2)
        ]
    assert len({click.result() for click in clicks}) == 1
    assert mailbox.look(lambda s: s.scalar(select(func.count(Card.id)))) == 2


def test_what_its_author_took_back_is_not_passed_on(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    with mailbox.desk.writing() as session:
        message = session.get_one(Message, 1)
        message.withheld_at = now()
        with pytest.raises(CannotForward):
            begin(session, message, by=mailbox.agent_id)


def test_a_picture_that_the_text_shows_stands_in_it(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    shown, beside = File("a.png", "image/png", b"A"), File("b.png", "image/png", b"B")
    mailbox.answers(1, "See [image: a.png] and [image: c.png]", files=[shown, beside])
    mailbox.delivers()
    uses = {file.name: file.use for file in mailbox.source.sent[0].files}
    assert uses == {"a.png": FileUse.INLINE, "b.png": FileUse.ATTACHED}


def begin_forward(mailbox: Mailbox, message_id: int = 1) -> Draft:
    with mailbox.desk.writing() as session:
        return begin(session, session.get_one(Message, message_id), by=mailbox.agent_id)


def pass_on(
    mailbox: Mailbox,
    text: str = "Look",
    *recipients: Recipient,
    message_id: int = 1,
    seen_message_id: int | None = None,
    due_at: datetime | None = None,
    channel_id: int = 0,
    begun: bool = True,
) -> int:
    if begun:
        begin_forward(mailbox, message_id)
    with mailbox.desk.writing() as session:
        message = session.get_one(Message, message_id)
        return forward(
            session,
            mailbox.desk,
            session.get_one(Conversation, message.conversation_id),
            text,
            PassedOn(
                message_id,
                channel_id or mailbox.channel_id,
                recipients or (WORKS,),
                due_at=due_at or now(),
            ),
            by=mailbox.agent_id,
            seen_message_id=seen_message_id,
        ).id


def passed_on(mailbox: Mailbox, text: str = "Look") -> Outgoing:
    """What left when the first message was passed on to the works."""
    pass_on(mailbox, text)
    assert mailbox.delivers() == 1
    return mailbox.source.sent[-1]


def waiting(mailbox: Mailbox) -> datetime | None:
    return mailbox.conversations()[0].waiting_since


def state(mailbox: Mailbox, message: int) -> str:
    return mailbox.look(lambda s: s.get_one(Reply, message)).state
