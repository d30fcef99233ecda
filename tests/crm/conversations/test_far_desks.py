"""Other help desks strip our headers and rewrite the subject; their own name for it leads home."""

from __future__ import annotations

import pytest

from crm.conversations.far import far_key
from tests.crm.conftest import Mailbox, mail

DESK = "servicedesk@vendor.example"


def test_each_mail_of_one_far_matter_joins(mailbox: Mailbox) -> None:
    mailbox.receives(mail(DESK, far="INC0012345", subject="INC0012345 opened: Battery"))
    mailbox.receives(mail(DESK, far="INC0012345", subject="Resolved INC0012345"))
    mailbox.receives(mail("otto@vendor.example", far="inc0012345", subject="Comment INC0012345"))
    assert threads(mailbox) == [3]


def test_mails_of_one_batch_join_as_well(mailbox: Mailbox) -> None:
    mailbox.receives(mail(DESK, far="INC0012345"), mail("o@vendor.example", far="INC0012345"))
    assert threads(mailbox) == [2]


def test_it_is_learned_from_an_answer_that_still_had_its_headers(mailbox: Mailbox) -> None:
    mailbox.receives(mail("otto@vendor.example"))
    mailbox.answers(1)
    mailbox.delivers()
    mailbox.receives(mail(DESK, mentions=(mailbox.source.sent[0].key,), far="[#4711]"))
    mailbox.receives(mail("robot@vendor.example", far="[#4711]", subject="[#4711] Your request"))
    assert threads(mailbox) == [4]


def test_another_matter_of_that_desk_is_another(mailbox: Mailbox) -> None:
    mailbox.receives(mail(DESK, far="INC0012345"), mail(DESK, far="INC0054321"))
    assert threads(mailbox) == [1, 1]


def test_the_same_number_of_another_desk_is_another(mailbox: Mailbox) -> None:
    mailbox.receives(mail(DESK, far="INC0012345"), mail("desk@other.example", far="INC0012345"))
    assert threads(mailbox) == [1, 1]


@pytest.mark.parametrize("domain", ["gmail.com", "gmx.de", "Web.DE", "t-online.de"])
def test_where_anybody_has_an_address_it_proves_nothing(mailbox: Mailbox, domain: str) -> None:
    mailbox.receives(mail(f"a@{domain}", far="[#4711]"), mail(f"b@{domain}", far="[#4711]"))
    assert threads(mailbox) == [1, 1]


def test_companies_that_share_a_desks_domain_are_told_by_the_whole_address() -> None:
    keys = {far_key(f"{who}@service-now.com", "INC0012345") for who in ("acme", "bolt")}
    assert len(keys) == 2


def threads(mailbox: Mailbox) -> list[int]:
    return [conversation.message_count for conversation in mailbox.conversations()]
