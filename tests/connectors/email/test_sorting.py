"""What a person wrote is told from lists, automatic answers and mail systems."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.email.read import read_mail
from crm.channels.contract import Role, Sort

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OURS = ("support@lindenrad.example",)

AUTOMATIC = (
    "Auto-Submitted: auto-replied",
    "Auto-Submitted: auto-generated (vacation)",
    'Auto-Submitted: Auto-Replied; owner-email="a@x.org"',
    "X-Autoreply: yes",
    "X-Auto-Reply: true",
    "X-Autorespond: vacation",
    "Precedence: auto_reply",
    "Subject: Automatische Antwort: Akku\nIn-Reply-To: <a@b>",
    "Subject: Automatic reply: Battery\nX-Auto-Response-Suppress: All",
    "Subject: Réponse automatique : Batterie\nReferences: <a@b>",
    "Subject: Respuesta automática: Batería\nIn-Reply-To: <a@b>",
    "Subject: Risposta automatica: R: Batteria\nIn-Reply-To: <a@b>",
    "Subject: Automatisch antwoord: Accu\nIn-Reply-To: <a@b>",
    "Subject: Odpowiedź automatyczna: Bateria\nIn-Reply-To: <a@b>",
    "Subject: Automatiskt svar: Batteri\nIn-Reply-To: <a@b>",
    "Subject: Out of Office\nReturn-Path: <>",
    "Subject: Away: Delivery problems\nReturn-Path: <>\nAuto-Submitted: auto-replied",
    "Subject: Automatic reply: Delivery failure of my order\nReturn-Path: <>",
)

PERSONS = (
    "Auto-Submitted: no",
    "Auto-Submitted: NO",
    "X-Auto-Response-Suppress: All",
    "X-Auto-Response-Suppress: DR, OOF, AutoReply",
    "X-Autoreply: no",
    "Subject: Automatische Antwort nicht erhalten",
    "Subject: Out of office chairs",
    "Precedence: normal",
    "From: Postmaster <postmaster@example.org>\nSubject: Re: Delivery problems",
    "From: Otto <postmaster@example.org>\nSubject: Battery",
    "From: Royal Mail Delivery <otto@example.org>\nSubject: Delivery failed, who pays?",
    "Subject: Fwd: Undelivered Mail Returned to Sender",
    "Subject: Undelivered Mail Returned to Sender, what now?",
    "Subject: Delivery status of order 4711?",
    "Return-Path: <>\nSubject: Your message was great",
    "From: Norbert <norbert.replyer@example.org>",
)

LISTS = (
    "List-Id: <news.shop.example>",
    "List-Unsubscribe: <https://shop.example/u>",
    "Mailing-List: contact cyclists-help@x.example; run by ezmlm",
    "Precedence: bulk",
    "From: noreply@shop.example",
    "From: account-no-reply@shop.example",
    "From: nicht-antworten@shop.example",
    "From: noreply@shop.example\nReply-To: do-not-reply@shop.example",
)


@pytest.mark.parametrize("headers", AUTOMATIC)
def test_what_a_machine_answers_is_told_by_its_headers(headers: str) -> None:
    assert sort(headers) is Sort.AUTO_REPLY


@pytest.mark.parametrize("headers", PERSONS)
def test_a_person_is_a_person(headers: str) -> None:
    assert sort(headers) is Sort.CUSTOMER


@pytest.mark.parametrize("headers", LISTS)
def test_lists_and_addresses_that_nobody_reads_wait_for_nobody(headers: str) -> None:
    assert sort(headers) is Sort.LIST


def test_who_filled_in_a_form_is_a_person() -> None:
    assert sort("From: noreply@shop.example\nReply-To: anna@example.org") is Sort.CUSTOMER


@pytest.mark.parametrize(
    "group",
    [
        "List-Id: <support.lindenrad.example>\nPrecedence: list",
        "List-ID: Help <help.lists.lindenrad.example>\nList-Post: <mailto:help@lindenrad.example>",
        "Mailing-list: list support@lindenrad.example; contact support+owners@lindenrad.example",
    ],
)
def test_what_customers_write_to_a_group_of_ours_is_a_customers_mail(group: str) -> None:
    assert sort(group) is Sort.CUSTOMER
    assert sort(f"{group}\nFrom: news@lindenrad.example") is Sort.LIST


@pytest.mark.parametrize("kind", ["disposition-notification", "feedback-report"])
def test_read_receipts_and_complaints_are_no_bounces(kind: str) -> None:
    assert sort(f"Content-Type: multipart/report; report-type={kind}; boundary=b") is (
        Sort.AUTO_REPLY
    )


def test_our_own_mail_is_ours() -> None:
    mail = read_mail(b"From: Support@Lindenrad.example\nMessage-ID: <k@x>\n\nHello", "1", AT, OURS)
    assert (mail.role, mail.key) == (Role.US, "k@x")


def sort(headers: str) -> Sort:
    lines = headers if headers.startswith("From:") or "\nFrom:" in headers else f"{FROM}\n{headers}"
    return read_mail(f"{lines}\n\nHello\n".encode(), "1", AT, OURS).sort


FROM = "From: Anna Berg <anna@example.org>"
