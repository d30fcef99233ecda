"""The signature below a mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm.channels.channel import declare
from crm.conversations.reference import Seal
from crm.outgoing.signature import VARIABLES, expand, unknown, values_for
from crm.staff.agent import Agent
from tests.crm.conftest import Mailbox, mail

COMPANY = {"name": "Lindenrad GmbH", "street": "Werkstr. 1", "phone": "0555 1"}


@pytest.mark.parametrize(
    ("template", "expanded"),
    [
        ("", ""),
        ("{agent}\n{company}", "Mara Feldkamp\nLindenrad GmbH"),
        ("Hi, {first_name}", "Hi, Mara"),
        ("{agent}\nTel. {phone}\nFax {website}\nBye", "Mara Feldkamp\nTel. 0555 1\nBye"),
        ("{postcode} {city}", ""),
        ("{street}, {city}", "Werkstr. 1,"),
        ("{telefax} {x} {{agent}}", "{telefax} {x} {Mara Feldkamp}"),
        ("{agent", "{agent"),
        ("{customer}", "Anna {agent} Berg"),
        ("a\r\n\r\nb  ", "a\n\nb"),
    ],
)
def test_variables_are_filled_in_once_and_unknown_ones_stay(template: str, expanded: str) -> None:
    values = values_for("Mara Feldkamp", COMPANY, customer="Anna {agent}\nBerg")
    assert expand(template, values) == expanded


def test_unknown_variables_are_named_once() -> None:
    assert unknown("{agent} {fax} {Agent} {fax} {}") == ["{fax}", "{Agent}"]


def test_every_variable_has_a_value() -> None:
    assert set(values_for("Mara", {})) == set(VARIABLES)


def test_a_mail_leaves_with_its_writers_signature(mailbox: Mailbox) -> None:
    mailbox.desk = replace(mailbox.desk, signature="Common", company=COMPANY)
    sign(mailbox, "{first_name}, {company}, {reference}, for {customer}")
    reference = Seal(mailbox.desk.secret).reference(1)
    expected = f"Mara, Lindenrad GmbH, {reference}, for Anna Berg"
    assert left(mailbox) == expected
    assert mailbox.messages()[1].signature == expected


def test_who_has_none_signs_with_the_common_one(mailbox: Mailbox) -> None:
    mailbox.desk = replace(mailbox.desk, signature="{agent}\n{company}", company=COMPANY)
    sign(mailbox, " \n")
    assert left(mailbox) == "Mara Feldkamp\nLindenrad GmbH"


def test_what_is_no_mail_is_not_signed(mailbox: Mailbox) -> None:
    mailbox.desk = replace(mailbox.desk, signature="Common")
    with mailbox.desk.writing() as session:
        declare(session, mailbox.name, "discourse", "community")
    assert left(mailbox) == ""


def sign(mailbox: Mailbox, signature: str) -> None:
    with mailbox.desk.writing() as session:
        session.get_one(Agent, mailbox.agent_id).signature = signature


def left(mailbox: Mailbox) -> str:
    mailbox.receives(mail())
    mailbox.answers(1)
    mailbox.delivers()
    return mailbox.source.sent[0].signature
