"""The customer answers what was delivered, once, twice in a conversation, and never a machine."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from connectors.email.write import write_mail
from crm.channels.contract import Address, IdentityKind, Outgoing, Recipient
from postkorb.demo.customer import Customer

REPLY_TO = "service+1042.abcdefghijklmnop@lindenrad.example"


def delivered(key="one", text="Guten Tag, wir tauschen den Akku für Sie.", **more):
    """A mail as our own writer makes it."""
    to = more.pop("to", "a.holthausen@nordmail.example")
    outgoing = Outgoing(
        key=f"{key}@lindenrad.example",
        at=datetime(2026, 11, 25, 14, 2, tzinfo=UTC),
        recipients=(Recipient(Address(IdentityKind.EMAIL, to), "Annegret Holthausen-Brandt"),),
        subject="Akku T7 lädt nicht mehr",
        text=text,
        sender_name="Mara Feldkamp",
        reference="[PK-1042-K7]",
        reply_to=more.pop("reply_to", REPLY_TO),
        answers="akku-3@nordmail.example",
        mentions=("akku-2@lindenrad.example",),
        **more,
    )
    return write_mail(outgoing, "service@lindenrad.example", "Lindenrad")


def answered(path):
    return message_from_bytes(path.read_bytes(), policy=default)


def test_the_answer_goes_where_our_mail_asked_for_it_and_names_it(maildir):
    mail = answered(Customer(maildir).answer(delivered()))
    assert mail["To"] == REPLY_TO
    assert mail["From"] == "Annegret Holthausen-Brandt <a.holthausen@nordmail.example>"
    assert mail["In-Reply-To"] == "<one@lindenrad.example>"
    assert mail["References"].split()[-2:] == [
        "<akku-3@nordmail.example>",
        "<one@lindenrad.example>",
    ]
    assert mail["Subject"] == "Re: Akku T7 lädt nicht mehr [PK-1042-K7]"
    assert "> Guten Tag, wir tauschen den Akku für Sie." in mail.get_content()


def test_a_mail_is_answered_once_however_often_it_is_delivered(maildir):
    customer = Customer(maildir)
    customer.answer(delivered())
    assert customer.answer(delivered()) is None
    assert len(list((maildir / "new").iterdir())) == 1


def test_an_answer_that_was_read_meanwhile_is_not_given_again(maildir):
    path = Customer(maildir).answer(delivered())
    path.rename(maildir / "cur" / f"{path.name}:2,S")
    assert Customer(maildir).answer(delivered()) is None


def test_a_conversation_has_two_answers_and_no_more(maildir):
    customer = Customer(maildir)
    first, second, third = (customer.answer(delivered(key)) for key in ("one", "two", "three"))
    assert answered(first).get_content() != answered(second).get_content()
    assert third is None


def test_another_conversation_has_answers_of_its_own(maildir):
    customer = Customer(maildir)
    for key in ("one", "two"):
        customer.answer(delivered(key))
    assert customer.answer(delivered("three", reply_to="service+7.abc@lindenrad.example"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Guten Tag, wir tauschen den Akku für Sie.", "vielen Dank für die schnelle Antwort"),
        ("Hello, we will replace the battery for you.", "thank you for the quick answer"),
    ],
)
def test_the_answer_is_in_the_language_of_our_mail(text, words, maildir):
    assert words in answered(Customer(maildir).answer(delivered(text=text))).get_content()


def test_the_first_customer_has_words_of_her_own(maildir):
    mail = answered(Customer(maildir).answer(delivered(to="paula@probefahrt.example")))
    assert "Maildir" in mail.get_content()


@pytest.mark.parametrize(
    "raw",
    [
        delivered(automatic=True),
        delivered(to="mara@lindenrad.example"),
        b"no mail at all",
        b"",
    ],
    ids=["a machine's", "a colleague's", "no mail", "nothing"],
)
def test_what_no_customer_would_answer_stays_without_answer(raw, maildir):
    assert Customer(maildir).answer(raw) is None


def test_the_customer_never_answers_their_own_answer(maildir):
    customer = Customer(maildir)
    own = customer.answer(delivered()).read_bytes()
    assert customer.answer(own) is None
