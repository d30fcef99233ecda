"""A reply that does not go is a draft again: its words, its files, and what its writer had seen."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from crm.base import now
from crm.channels.contract import File
from crm.conversations.attachment import Attachment
from crm.conversations.conversation import Conversation
from crm.conversations.drafting import Draft, discard, files_of_draft, remove_file, save
from crm.conversations.noting import note
from crm.outgoing.hold import newer_than
from crm.outgoing.queue import Overtaken, cancel
from tests.crm.conftest import Mailbox, mail

FORM = File("form.pdf", "application/pdf", b"%PDF")
PLAN = File("plan.png", "image/png", b"PNG")


def test_an_overtaken_reply_keeps_its_files_until_it_is_sent(mailbox: Mailbox) -> None:
    seen = overtaken(mailbox, FORM)
    assert names(mailbox) == ["form.pdf"]
    mailbox.answers(1, "Hello", seen_message_id=seen, regardless=True, files=[PLAN])
    assert mailbox.delivers() == 1
    assert [file.content for file in mailbox.source.sent[0].files] == [b"%PDF", b"PNG"]
    assert names(mailbox) == []


def test_undo_gives_the_files_back(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1, due_at=now() + timedelta(hours=1), files=[FORM, PLAN])
    with mailbox.desk.writing() as session:
        cancel(session, message, by=mailbox.agent_id)
    assert names(mailbox) == ["form.pdf", "plan.png"]


def test_a_held_reply_gives_the_files_back(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.answers(1, files=[FORM])
    mailbox.receives(mail(mentions=("q@x",)))
    mailbox.delivers()
    assert names(mailbox) == ["form.pdf"]


def test_the_same_file_chosen_again_goes_along_once(mailbox: Mailbox) -> None:
    seen = overtaken(mailbox, FORM)
    mailbox.answers(1, "Hello", seen_message_id=seen, regardless=True, files=[FORM])
    attached = mailbox.look(lambda s: s.scalars(select(Attachment.name)).all())
    assert attached == ["form.pdf"]


def test_a_file_that_was_removed_does_not_go_along(mailbox: Mailbox) -> None:
    seen = overtaken(mailbox, FORM, PLAN)
    with mailbox.desk.writing() as session:
        first = files_of_draft(session, 1, mailbox.agent_id)[0]
        remove_file(session, 1, mailbox.agent_id, first.id)
    mailbox.answers(1, "Hello", seen_message_id=seen, regardless=True)
    mailbox.delivers()
    assert [file.name for file in mailbox.source.sent[0].files] == ["plan.png"]


def test_nobody_removes_the_files_of_a_colleague(mailbox: Mailbox) -> None:
    overtaken(mailbox, FORM)
    with mailbox.desk.writing() as session:
        first = files_of_draft(session, 1, mailbox.agent_id)[0]
        remove_file(session, 1, mailbox.agent_id + 1, first.id)
    assert names(mailbox) == ["form.pdf"]


def test_a_draft_with_files_outlives_its_text_and_leaves_with_them(mailbox: Mailbox) -> None:
    overtaken(mailbox, FORM)
    with mailbox.desk.writing() as session:
        save(session, 1, mailbox.agent_id, "reply", "")
    assert names(mailbox) == ["form.pdf"]
    with mailbox.desk.writing() as session:
        discard(session, 1, mailbox.agent_id, "reply")
    assert names(mailbox) == []


def test_a_held_draft_says_what_is_new_however_often_it_is_asked(mailbox: Mailbox) -> None:
    overtaken(mailbox)
    mailbox.receives(mail(mentions=("q@x",), text="And another thing."))
    assert news(mailbox) == ["Wait!", "And another thing."]


def test_what_came_while_a_reply_waited_is_all_that_is_new(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    with mailbox.desk.writing() as session:
        note(session, session.get_one(Conversation, 1), "Seen.", by=mailbox.agent_id)
    mailbox.answers(1, "We will see")
    mailbox.receives(mail(mentions=("q@x",), text="It works again!"))
    mailbox.delivers()
    assert news(mailbox) == ["It works again!"]


def test_mail_that_comes_in_late_is_new_although_it_was_sent_before(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    seen = mailbox.messages()[0].id
    mailbox.receives(mail(mentions=("q@x",), at=now() - timedelta(hours=2)))
    assert isinstance(mailbox.answers(1, seen_message_id=seen), Overtaken)


def overtaken(mailbox: Mailbox, *files: File) -> int:
    """A reply that a customer's further mail has held; gives what its writer had seen."""
    mailbox.receives(mail(message_id="q@x"))
    seen = mailbox.messages()[0].id
    mailbox.receives(mail(mentions=("q@x",), text="Wait!"))
    assert isinstance(mailbox.answers(1, "Hello", seen_message_id=seen, files=files), Overtaken)
    return seen


def names(mailbox: Mailbox) -> list[str]:
    return [file.name for file in mailbox.look(lambda s: files_of_draft(s, 1, mailbox.agent_id))]


def news(mailbox: Mailbox) -> list[str]:
    draft = mailbox.look(lambda s: s.scalars(select(Draft)).one())
    newer = mailbox.look(lambda s: newer_than(s, 1, draft.seen_message_id))
    return [message.text for message in newer]
