"""Which conversation a message belongs to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm.base import now
from crm.channels.contract import Address, IdentityKind, Recipient, Role, Sort
from crm.conversations.closing import close
from crm.conversations.conversation import Conversation, Status
from crm.conversations.reference import ALPHABET, Seal
from crm.outgoing.ways import ways_out
from tests.crm.conftest import Mailbox, mail

RE = "Re: Our spring"


def test_an_answer_joins_by_its_references(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.receives(mail(mentions=("q@x",), subject="Re: Battery"))
    assert threads(mailbox) == [2]


def test_answers_that_share_only_a_root_never_seen_are_one(mailbox: Mailbox) -> None:
    mailbox.receives(mail(mentions=("lost@x",)))
    mailbox.receives(mail(mentions=("lost@x",)))
    assert threads(mailbox) == [2]


def test_a_newsletter_answered_by_many_is_many_conversations(mailbox: Mailbox) -> None:
    mailbox.receives(
        mail("a@x.org", mentions=("news@x",)),
        mail("b@x.org", mentions=("news@x",)),
        mail("c@x.org", mentions=("news@x",)),
    )
    assert threads(mailbox) == [1, 1, 1]


def test_a_newsletter_of_ours_from_another_program_is_many_conversations(mailbox: Mailbox) -> None:
    """Stored once, as it came from the Sent folder; each who answers it has a matter of their own."""
    news = mail(
        "support@lindenrad.example",
        role=Role.US,
        message_id="news@us",
        recipients=(to("a@x.org"),),
        subject="Our spring",
    )
    mailbox.receives(news)
    mailbox.receives(*(mail(f"{who}@x.org", mentions=("news@us",), subject=RE) for who in "abc"))
    mailbox.receives(mail("b@x.org", mentions=("news@us",), subject=RE))
    assert threads(mailbox) == [2, 2, 1]


def test_a_bounce_of_a_newsletter_goes_where_the_newsletter_is(mailbox: Mailbox) -> None:
    mailbox.receives(mail("support@lindenrad.example", role=Role.US, message_id="news@us"))
    mailbox.receives(
        mail("mailer-daemon@x.org", sort=Sort.BOUNCE, bounced="news@us", subject="Undelivered")
    )
    assert threads(mailbox) == [2]


def test_an_answer_to_what_a_colleague_wrote_in_outlook_joins(mailbox: Mailbox) -> None:
    """Nobody has seen the mail it answers; but the customer's own stands among its references."""
    mailbox.receives(mail(message_id="q@x"))
    mailbox.receives(mail(mentions=("outlook@us", "q@x"), subject="Re: Battery"))
    assert threads(mailbox) == [2]


def test_what_a_colleague_wrote_in_outlook_joins_by_the_sent_folder(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.receives(
        mail(
            "support@lindenrad.example",
            role=Role.US,
            message_id="outlook@us",
            mentions=("q@x",),
            recipients=(to("anna@example.org"),),
            subject="AW: Battery",
        )
    )
    mailbox.receives(mail(mentions=("outlook@us",), subject="Re: AW: Battery"))
    assert threads(mailbox) == [3]


def test_an_answer_joins_whichever_of_two_ids_it_names(mailbox: Mailbox) -> None:
    """Outlook gives a mail an id of its own and keeps the first one beside it."""
    mailbox.receives(mail(message_id="new@outlook", other_ids=("first@x",)))
    mailbox.receives(mail("boss@example.org", mentions=("first@x",)))
    mailbox.receives(mail("wife@example.org", mentions=("new@outlook",)))
    assert threads(mailbox) == [3]


def test_who_answers_from_a_second_address_takes_part_and_is_answered_there(
    mailbox: Mailbox,
) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.answers(1)
    mailbox.delivers()
    mailbox.receives(mail("private@example.net", mentions=(mailbox.source.sent[0].key,)))
    assert mailbox.look(lambda s: ways_out(s, 1))[0].shown == "private@example.net"
    mailbox.receives(mail("private@example.net", subject=Seal(mailbox.desk.secret).reference(1)))
    assert threads(mailbox) == [4]


def test_question_and_answer_of_one_batch_are_one(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"), mail(mentions=("q@x",)))
    assert threads(mailbox) == [2]


def test_a_colleague_who_answers_the_customers_mail_joins(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.receives(mail("boss@example.org", "Boss", mentions=("q@x",)))
    assert threads(mailbox) == [2]


def test_who_answers_our_reply_from_another_address_joins(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    mailbox.answers(1)
    mailbox.delivers()
    key = mailbox.source.sent[0].key
    mailbox.receives(mail("private@example.org", mentions=(key,)))
    assert threads(mailbox) == [3]


def test_our_reference_joins_who_takes_part(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    reference = Seal(mailbox.desk.secret).reference(1)
    mailbox.receives(mail(subject=f"About {reference}"))
    assert threads(mailbox) == [2]


def test_a_stranger_quoting_our_reference_is_offered_not_let_in(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    reference = Seal(mailbox.desk.secret).reference(1)
    mailbox.receives(mail("stranger@example.net", "Stranger", subject=f"Re: {reference}"))
    assert threads(mailbox) == [1, 1]
    assert mailbox.messages()[1].flags["offers"] == 1


def test_a_misread_reference_joins_nothing(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    right = Seal(mailbox.desk.secret).reference(1)
    wrong = "A" if right[-2] != "A" else "C"
    mailbox.receives(mail(subject=f"{right[:-2]}{wrong}]"))
    assert threads(mailbox) == [1, 1]


def test_the_signed_reply_address_proves(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    address = Seal(mailbox.desk.secret).reply_address(
        "support@lindenrad.example", 1, mailbox.channel_id
    )
    mailbox.receives(mail("new@example.net", "New", recipients=(to(address),)))
    assert threads(mailbox) == [2]


def test_a_forged_reply_address_proves_nothing(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    forged = to("support+1.aaaaaaaaaaaaaaaa@lindenrad.example")
    mailbox.receives(mail("new@example.net", "New", recipients=(forged,)))
    assert threads(mailbox) == [1, 1]


def test_posts_of_one_topic_are_one_conversation(mailbox: Mailbox) -> None:
    mailbox.receives(mail("a@x.org", remote_thread="77"), mail("b@x.org", remote_thread="77"))
    mailbox.receives(mail("c@x.org", remote_thread="77"))
    assert threads(mailbox) == [3]


def test_long_after_closing_a_new_conversation_follows(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    with mailbox.desk.writing() as session:
        conversation = session.get_one(Conversation, 1)
        close(session, conversation, by=mailbox.agent_id)
        conversation.closed_at = now() - timedelta(days=31)
    mailbox.receives(mail(mentions=("q@x",)))
    first, second = mailbox.conversations()
    assert (first.status, second.follows_id) == (Status.CLOSED, first.id)


def test_what_comes_after_joins_the_conversation_that_followed(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x", remote_thread="77"))
    with mailbox.desk.writing() as session:
        conversation = session.get_one(Conversation, 1)
        close(session, conversation, by=mailbox.agent_id)
        conversation.closed_at = now() - timedelta(days=31)
    mailbox.receives(mail(mentions=("q@x",)))
    mailbox.receives(mail(mentions=("q@x",)), mail("b@x.org", remote_thread="77"))
    assert threads(mailbox) == [1, 3]


def test_old_mails_of_one_thread_taken_in_at_once_stay_together(mailbox: Mailbox) -> None:
    days = (200, 180, 160, 140)
    mailbox.receives(
        *(
            mail(message_id=f"{day}@x", mentions=("root@x",), at=now() - timedelta(days=day))
            for day in days
        )
    )
    assert threads(mailbox) == [4]


def test_a_reply_of_ours_leads_home_though_others_have_mentioned_it(mailbox: Mailbox) -> None:
    mailbox.receives(mail("first@x.org"), mail("second@x.org", message_id="s@x"))
    mailbox.answers(2)
    mailbox.delivers()
    key = mailbox.source.sent[0].key
    mailbox.receives(mail("first@x.org", mentions=(key,)))
    address = Seal(mailbox.desk.secret).reply_address(
        "support@lindenrad.example", 1, mailbox.channel_id
    )
    mailbox.receives(mail("first@x.org", mentions=(key,), recipients=(to(address),)))
    mailbox.receives(mail("third@x.org", mentions=(key,)))
    assert threads(mailbox) == [2, 4]


@pytest.mark.parametrize(
    "text", ["[PK-1042-{}]", "PK-1042", "pk-1042-{}", "Ihr Zeichen: PK\u20131042", "PK - 1042"]
)
def test_our_reference_is_read_in_every_spelling(text: str) -> None:
    seal = Seal(b"secret")
    check = seal.reference(1042)[-3:-1]
    assert [quoted.number for quoted in seal.quoted(text.format(check))] == [1042]


def test_check_characters_are_never_those_that_scanners_mistake() -> None:
    checks = "".join(Seal(b"secret").reference(number)[-3:-1] for number in range(500))
    assert not set(checks) & set("0O1IL5S8B")
    assert set(checks) <= set(ALPHABET)


def to(address: str) -> Recipient:
    return Recipient(Address(IdentityKind.EMAIL, address))


def threads(mailbox: Mailbox) -> list[int]:
    """How many messages each conversation has, oldest first."""
    return [conversation.message_count for conversation in mailbox.conversations()]


def test_who_merely_names_a_customers_mail_is_shown_and_not_answered_unasked(
    mailbox: Mailbox,
) -> None:
    """Whoever has seen the mail knows its Message-ID."""
    mailbox.receives(mail(message_id="one@x"))
    mailbox.receives(mail("mallory@example.net", "Mallory", mentions=("one@x",)))
    mailbox.receives(mail("mallory@example.net", "Mallory", mentions=("one@x",)))
    assert [message.conversation_id for message in mailbox.messages()] == [1, 1, 1]
    assert ["newcomer" in message.flags for message in mailbox.messages()] == [False, True, False]
    assert mailbox.look(lambda s: ways_out(s, 1))[0].shown == "anna@example.org"


def test_who_is_no_stranger_any_more_is_answered_like_anybody(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="one@x"))
    mailbox.receives(mail("bea@example.net", "Bea", mentions=("one@x",)))
    bea = mailbox.messages()[1].identity_id
    mailbox.answers(1, "Hello Bea", to_identity_id=bea)
    assert mailbox.look(lambda s: ways_out(s, 1))[0].shown == "bea@example.net"


def test_to_whom_a_mail_went_may_answer_it(mailbox: Mailbox) -> None:
    bea = Recipient(Address(IdentityKind.EMAIL, "bea@example.net"), "Bea", "cc")
    mailbox.receives(mail(message_id="one@x", recipients=(bea,)))
    mailbox.receives(mail("Bea@example.net", "Bea", mentions=("one@x",)))
    assert "newcomer" not in mailbox.messages()[1].flags
    assert mailbox.look(lambda s: ways_out(s, 1))[0].shown == "Bea@example.net"
