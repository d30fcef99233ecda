"""Who an answer goes to, and from which of our addresses it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crm.base import now
from crm.channels.contract import Address, IdentityKind, Outgoing, Recipient, Rejected
from crm.conversations.drafting import Draft
from crm.conversations.reference import Seal
from crm.outgoing.queue import cancel
from crm.outgoing.recipients import each_once, everybody, is_ours, typed, written_to
from crm.outgoing.reply import Reply, State
from crm.outgoing.retry import change
from crm.outgoing.settling import settle_failed
from crm.outgoing.ways import WayOut, ways_out
from tests.crm.conftest import Mailbox, mail

OURS = "support@lindenrad.example"
ANNA = "anna@example.org"
SECOND = "anna.berg@work.example"


def person(value: str, way: str = "to", name: str = "") -> Recipient:
    return Recipient(Address(IdentityKind.EMAIL, value), name, way)


def values(recipients: object) -> list[str]:
    return [one.address.value for one in recipients]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "found", "wrong"),
    [
        ("", [], []),
        (ANNA, [ANNA], []),
        ("Anna Berg <anna@example.org>", [ANNA], []),
        ('"Berg, Anna" <anna@example.org>; b@x.org', [ANNA, "b@x.org"], []),
        ("a@x.org, b@x.org\nc@x.org", ["a@x.org", "b@x.org", "c@x.org"], []),
        ("a@x.org, A@X.org", ["a@x.org"], []),
        ("mailto:a@x.org,", ["a@x.org"], []),
        ("müller@bücher.example", ["müller@bücher.example"], []),
        ("anna", [], ["anna"]),
        ("a@x", [], ["a@x"]),
        ("a@x..org, b@x.org", ["b@x.org"], ["a@x..org"]),
        ("a b@x.org", [], ["a b@x.org"]),
        ("Anna <anna>", [], ["Anna <anna>"]),
        ("a@x.org\r\nBcc: b@x.org", ["a@x.org"], ["Bcc: b@x.org"]),
    ],
)
def test_addresses_are_read_as_people_type_them(
    text: str, found: list[str], wrong: list[str]
) -> None:
    read = typed(text, "cc")
    assert (values(read.recipients), list(read.wrong)) == (found, wrong)


def test_a_typed_name_goes_along() -> None:
    assert typed('"Berg, Anna" <anna@example.org>', "cc").recipients[0].name == "Berg, Anna"


@given(st.text(max_size=400))
def test_whatever_is_typed_is_addresses_or_wrong(text: str) -> None:
    read = typed(text, "to")
    assert all("@" in value and " " not in value for value in values(read.recipients))


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("Support@Lindenrad.example", True),
        ("support+1042.abcdefghijklmnop@lindenrad.example", True),
        ("support+news@lindenrad.example", True),
        ("shop+de@lindenrad.example", True),
        ("shop+de+7.abcdefghijklmnop@lindenrad.example", True),
        ("shop@lindenrad.example", False),
        ("supporter@lindenrad.example", False),
        ("support@else.example", False),
    ],
)
def test_mail_to_one_of_our_addresses_is_mail_to_us(address: str, ours: bool) -> None:
    assert is_ours(address, [OURS, "shop+de@lindenrad.example", ""]) is ours


def test_all_are_those_whom_the_message_went_to_without_us() -> None:
    rows = [
        {"name": "Us", "kind": "email", "value": "SUPPORT@lindenrad.example", "way": "to"},
        {"name": "Bo", "kind": "email", "value": "bo@x.org", "way": "to"},
        {"name": "Cy", "kind": "email", "value": "cy@x.org", "way": "cc"},
        {"name": "", "kind": "email", "value": "CY@x.org", "way": "cc"},
        {"name": "Anna", "kind": "email", "value": "Anna@Example.org", "way": "cc"},
        {"name": "", "kind": "email", "value": "hidden@x.org", "way": "bcc"},
        {"name": "", "kind": "email", "value": "shop@lindenrad.example", "way": "cc"},
    ]
    found = everybody(rows, person(ANNA), [OURS, "shop@lindenrad.example"])
    assert [(one.name, one.address.value, one.way) for one in found] == [
        ("Bo", "bo@x.org", "cc"),
        ("Cy", "cy@x.org", "cc"),
    ]


@pytest.mark.parametrize(
    ("went_to", "answers_from"),
    [
        ([("to", "Shop@lindenrad.example")], "shop@lindenrad.example"),
        ([("to", "bo@x.org"), ("cc", "shop@lindenrad.example")], "shop@lindenrad.example"),
        ([("bcc", "shop@lindenrad.example")], "shop@lindenrad.example"),
        ([("bcc", "support@lindenrad.example"), ("to", "shop@lindenrad.example")],
         "shop@lindenrad.example"),
        ([("to", "shop+7.abcdefghijklmnop@lindenrad.example")], "shop@lindenrad.example"),
        ([("to", "list@x.org")], OURS),
        ([], OURS),
    ],
)  # fmt: skip
def test_the_answer_leaves_from_the_address_that_was_written_to(
    went_to: list[tuple[str, str]], answers_from: str
) -> None:
    rows = [{"name": "", "kind": "email", "value": value, "way": way} for way, value in went_to]
    assert written_to(rows, [OURS, "shop@lindenrad.example"]) == answers_from


def test_nobody_gets_it_twice() -> None:
    found = each_once([person(ANNA, "bcc"), person("ANNA@example.org", "cc"), person(ANNA)])
    assert [one.way for one in found] == ["to"]


def test_copies_go_out_and_stand_in_the_thread(mailbox: Mailbox) -> None:
    sent = answered(mailbox, person(ANNA), person("bo@x.org", "cc"), person("cy@x.org", "bcc"))
    ways = [(one.address.value, one.way) for one in sent.recipients]
    assert ways == [(ANNA, "to"), ("bo@x.org", "cc"), ("cy@x.org", "bcc")]
    assert [row["way"] for row in mailbox.messages()[1].recipients] == ["to", "cc", "bcc"]


def test_who_was_removed_gets_nothing(mailbox: Mailbox) -> None:
    sent = answered(mailbox, person("bo@x.org", "to"))
    assert values(sent.recipients) == ["bo@x.org"]


def test_a_reply_with_copies_posted_twice_is_one(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    seen = mailbox.messages()[0].id
    copies = [person(ANNA), person("bo@x.org", "cc")]
    first = mailbox.answers(1, "Hello", recipients=copies, seen_message_id=seen)
    assert mailbox.answers(1, "Hello", recipients=copies, seen_message_id=seen) == first
    assert mailbox.delivers() == 1


def test_undo_gives_the_recipients_and_the_sender_back(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(
        1,
        recipients=[person(ANNA), person("bo@x.org", "cc")],
        from_address="shop@lindenrad.example",
        due_at=now() + timedelta(hours=1),
    )
    with mailbox.desk.writing() as session:
        cancel(session, message, by=mailbox.agent_id)
    draft = mailbox.look(lambda s: s.scalars(select(Draft)).one())
    assert [row["value"] for row in draft.recipients] == [ANNA, "bo@x.org"]
    assert draft.from_address == "shop@lindenrad.example"


def test_the_signed_address_is_made_from_the_one_it_leaves_from(mailbox: Mailbox) -> None:
    mailbox.source.addresses = (OURS, "shop@lindenrad.example")
    sent = answered(mailbox, person(ANNA), from_address="shop@lindenrad.example")
    assert sent.sender == "shop@lindenrad.example"
    assert sent.reply_to.startswith("shop+1.")
    assert Seal(mailbox.desk.secret).answered(sent.reply_to, mailbox.channel_id) == 1


def test_an_address_that_was_given_up_meanwhile_gives_way_to_the_first(mailbox: Mailbox) -> None:
    sent = answered(mailbox, person(ANNA), from_address="old@lindenrad.example")
    assert (sent.sender, sent.reply_to.partition("+")[0]) == (OURS, "support")


def test_an_answer_to_the_signed_address_of_an_alias_joins_its_conversation(
    mailbox: Mailbox,
) -> None:
    mailbox.source.addresses = (OURS, "shop@lindenrad.example")
    sent = answered(mailbox, person(ANNA), from_address="shop@lindenrad.example")
    mailbox.receives(mail(SECOND, recipients=(person(sent.reply_to),)))
    assert {one.conversation_id for one in mailbox.messages()} == {1}


def test_the_answer_goes_to_the_address_last_used(mailbox: Mailbox) -> None:
    sent = answered(mailbox, person(ANNA))
    mailbox.receives(mail(SECOND, recipients=(person(sent.reply_to),)))
    assert [way.shown for way in ways(mailbox)] == [SECOND]


def test_another_address_of_the_conversation_can_be_answered_by_choice(mailbox: Mailbox) -> None:
    sent = answered(mailbox, person(ANNA))
    first = mailbox.messages()[0]
    mailbox.receives(mail(SECOND, recipients=(person(sent.reply_to),)))
    found = ways(mailbox, first.identity_id)
    assert [(way.shown, way.answers_id) for way in found] == [(ANNA, first.id)]


def test_a_mail_to_two_of_our_channels_is_answered_to_its_writer_alone(mailbox: Mailbox) -> None:
    shop = Mailbox(mailbox.desk, name="shop")
    shop.source.account = "shop@lindenrad.example"
    both = (person(OURS), person("shop@lindenrad.example"))
    written = mail(recipients=both, message_id="two@x", text="Both of you.")
    mailbox.receives(written)
    shop.receives(written)
    way = ways(mailbox)[0]
    others = everybody(way.went_to, person(way.shown), [OURS, "shop@lindenrad.example"])
    assert (way.shown, others, len(mailbox.conversations())) == (ANNA, (), 1)


def test_a_copy_that_failed_fails_the_reply_by_its_name(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1, recipients=[person(ANNA), person("gone@x.org", "cc")])
    mailbox.source.refusal = Rejected("The mail server refused the mail.", "550 gone@x.org: none")
    mailbox.delivers()
    reply = mailbox.look(lambda s: s.get_one(Reply, message))
    assert (reply.state, "gone@x.org" in reply.error_words) == (State.FAILED, True)


@pytest.mark.parametrize("left_us", [False, True])
def test_what_failed_can_be_corrected_and_stays_where_it_reached_others(
    mailbox: Mailbox, left_us: bool
) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1, recipients=[person(ANNA), person("gone@x.org", "cc")])
    mailbox.source.refusal = None if left_us else Rejected("Refused.", "550 gone@x.org")
    mailbox.delivers()
    with mailbox.desk.writing() as session:
        settle_failed(session, session.get_one(Reply, message), Rejected("It came back."))
        assert change(session, message, by=mailbox.agent_id)
    draft = mailbox.look(lambda s: s.scalars(select(Draft)).one())
    assert [row["value"] for row in draft.recipients] == [ANNA, "gone@x.org"]
    state = mailbox.look(lambda s: s.get_one(Reply, message)).state
    assert state == (State.FAILED if left_us else State.CANCELLED)
    assert mailbox.conversations()[0].waiting_since is not None


def test_only_what_failed_can_be_corrected(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    message = mailbox.answers(1)
    with mailbox.desk.writing() as session:
        assert not change(session, message, by=mailbox.agent_id)


def ways(mailbox: Mailbox, to: int | None = None) -> list[WayOut]:
    return mailbox.look(lambda s: ways_out(s, 1, to))


def answered(mailbox: Mailbox, *recipients: Recipient, **more: object) -> Outgoing:
    """What left in answer to a mail of Anna's."""
    mailbox.receives(mail())
    mailbox.answers(1, recipients=recipients, **more)
    assert mailbox.delivers() == 1
    return mailbox.source.sent[0]
