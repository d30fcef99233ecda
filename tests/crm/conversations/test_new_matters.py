"""An old mail taken for a new matter: forwards, new subjects, subjects used again."""

from __future__ import annotations

import pytest

from crm.channels.contract import Address, IdentityKind, Recipient, Role, Sort
from crm.conversations.reference import Seal
from tests.crm.conftest import Mailbox, mail

FORWARDS = ("WG: Battery", "Fwd: Battery", "TR: Battery", "RV: Battery", "Doorst: Battery")


@pytest.fixture
def other(mailbox: Mailbox) -> Mailbox:
    """Another address of ours, with a mailbox of its own."""
    return Mailbox(mailbox.desk, name="sales")


@pytest.mark.parametrize("subject", FORWARDS)
def test_a_mail_passed_on_to_another_of_our_addresses_is_a_new_matter(
    mailbox: Mailbox, other: Mailbox, subject: str
) -> None:
    mailbox.receives(mail(message_id="q@x"))
    other.receives(mail(mentions=("q@x",), subject=subject))
    assert threads(mailbox) == [1, 1]
    assert mailbox.messages()[1].flags["offers"] == 1


@pytest.mark.parametrize("subject", FORWARDS)
def test_our_reply_passed_on_by_somebody_else_is_a_new_matter(
    mailbox: Mailbox, subject: str
) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.answers(1)
    mailbox.delivers()
    key = mailbox.source.sent[0].key
    mailbox.receives(mail("friend@example.net", mentions=(key, "q@x"), subject=subject))
    assert threads(mailbox) == [2, 1]


def test_who_passes_their_own_mail_on_to_us_once_more_stays(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.receives(mail(mentions=("q@x",), subject="WG: Battery"))
    assert threads(mailbox) == [2]


def test_an_answer_to_a_mail_that_was_passed_on_is_an_answer(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x", subject="WG: Battery"))
    mailbox.receives(mail("boss@example.org", mentions=("q@x",), subject="AW: WG: Battery"))
    assert threads(mailbox) == [2]


def test_the_same_subject_used_again_is_a_new_matter(mailbox: Mailbox) -> None:
    mailbox.receives(mail(subject="Question"))
    mailbox.receives(mail(subject="Re: Question"))
    assert threads(mailbox) == [1, 1]


def test_an_old_mail_taken_for_a_new_subject_is_a_new_matter(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x", subject="Battery does not charge"))
    mailbox.receives(mail(mentions=("q@x",), subject="Invoice wanted"))
    assert threads(mailbox) == [1, 1]
    assert mailbox.messages()[1].flags["offers"] == 1


@pytest.mark.parametrize("subject", ["URGENT: Battery", "Re: Battery, two photos", "", "AW:"])
def test_a_subject_that_is_only_changed_stays(mailbox: Mailbox, subject: str) -> None:
    mailbox.receives(mail(message_id="q@x", subject="Battery"))
    mailbox.receives(mail(mentions=("q@x",), subject=subject))
    assert threads(mailbox) == [2]


def test_an_answer_to_our_reply_stays_whatever_its_subject(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    mailbox.answers(1)
    mailbox.delivers()
    mailbox.receives(mail(mentions=(mailbox.source.sent[0].key,), subject="Where is it???"))
    assert threads(mailbox) == [3]


def test_an_answer_to_our_signed_address_stays_even_passed_on(
    mailbox: Mailbox, other: Mailbox
) -> None:
    mailbox.receives(mail())
    signed = Seal(mailbox.desk.secret).reply_address("sales@x.example", 1, other.channel_id)
    recipient = Recipient(Address(IdentityKind.EMAIL, signed))
    other.receives(mail("b@x.org", subject="Fwd: Something else", recipients=(recipient,)))
    assert threads(mailbox) == [2]


def test_once_changed_the_subject_goes_on_as_it_is(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.answers(1)
    mailbox.delivers()
    key = mailbox.source.sent[0].key
    mailbox.receives(mail(mentions=(key,), message_id="n@x", subject="Where is it?"))
    mailbox.receives(mail(mentions=("n@x",), subject="Re: Where is it?"))
    assert threads(mailbox) == [4]


@pytest.mark.parametrize("sort", [Sort.AUTO_REPLY, Sort.LIST])
def test_machines_may_call_it_what_they_like(mailbox: Mailbox, sort: Sort) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.receives(mail(sort=sort, mentions=("q@x",), subject="Away until Monday"))
    assert threads(mailbox) == [2]


def test_our_own_people_may_call_it_what_they_like(mailbox: Mailbox) -> None:
    mailbox.receives(mail(message_id="q@x"))
    mailbox.receives(mail("us@x.org", role=Role.US, mentions=("q@x",), subject="Invoice wanted"))
    assert threads(mailbox) == [2]


def threads(mailbox: Mailbox) -> list[int]:
    return [conversation.message_count for conversation in mailbox.conversations()]
