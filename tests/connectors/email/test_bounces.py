"""A bounce names the mail of ours that came back and why, with and without a report."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.failures import failure_of
from connectors.email.read import read_mail
from crm.channels.contract import Failure, Incoming, Sort

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "pk-17-0123456789abcdef01234567@lindenrad.example"
EARLIER = "pk-17-76543210fedcba9876543210@lindenrad.example"
ORIGINAL = f"""Received: from a by b
From: support@lindenrad.example
To: anna@example.org
References: <{EARLIER}>
 <q@example.org>
Message-ID: <{KEY}>
Subject: Re: Battery

Your user unknown mailbox is full of spam.
"""

WITHOUT_REPORT = {
    "qmail": (
        "Subject: failure notice\nReturn-Path: <>\nFrom: MAILER-DAEMON@mx.example",
        "Hi. This is the qmail-send program at mx.example.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
        "<anna@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\n",
        Failure.NO_SUCH_ADDRESS,
    ),
    "exim": (
        "X-Failed-Recipients: anna@example.org\nFrom: Mail Delivery System <Mailer-Daemon@mx>",
        "This message was created automatically by mail delivery software.\n\n"
        "  anna@example.org\n    host mx: 552 5.2.2 mailbox over quota\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\n",
        Failure.MAILBOX_FULL,
    ),
    "old postfix": (
        "From: MAILER-DAEMON@mx.example (Mail Delivery System)\n"
        "Subject: Undelivered Mail Returned to Sender",
        "<anna@example.org>: Host or domain name not found. Name service error\n\n",
        Failure.NO_SUCH_DOMAIN,
    ),
    "exchange in German": (
        "From: Microsoft Outlook <postmaster@mx.example>\nSubject: Unzustellbar: Akku",
        "Fehler bei der Nachrichtenzustellung an folgende Empfänger:\n"
        "Das Postfach des Empfängers ist voll und kann jetzt keine Nachrichten annehmen.\n\n",
        Failure.MAILBOX_FULL,
    ),
    "exchange in French": (
        "From: postmaster@mx.example\nSubject: Non remis : Batterie",
        "L'adresse de messagerie que vous avez entrée est introuvable.\n\n",
        Failure.NO_SUCH_ADDRESS,
    ),
    "domino": (
        "From: Postmaster@mx.example\nSubject: DELIVERY FAILURE: User anna not listed",
        "User anna (anna@example.org) not listed in Domino Directory\n\n",
        Failure.NO_SUCH_ADDRESS,
    ),
    "GMX": (
        "From: mailer-daemon@gmx.example\nSubject: Mail delivery failed: returning message",
        "Diese Nachricht wurde automatisch von einer Software erzeugt.\n"
        "Für den Empfänger anna@example.org ist das Postfach gesperrt.\n\n"
        "--- Der Kopf der ursprünglichen Nachricht ---\n\n",
        Failure.MAILBOX_CLOSED,
    ),
    "Gmail": (
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\n"
        "Subject: Delivery Status Notification (Failure)",
        "** Address not found **\n\nYour message wasn't delivered to anna@example.org because the "
        "address couldn't be found, or is unable to receive mail.\n\n",
        Failure.NO_SUCH_ADDRESS,
    ),
    "a subject of nothing": (
        "Return-Path: <>\nFrom: <>\nSubject: Your mail",
        "Your message could not be delivered: 554 5.7.1 blocked using dnsbl.example\n\n",
        Failure.SPAM,
    ),
}


@pytest.mark.parametrize("name", WITHOUT_REPORT)
def test_a_bounce_without_a_report_is_understood(name: str) -> None:
    headers, words, failure = WITHOUT_REPORT[name]
    mail = read(f"{headers}\n\n{words}{ORIGINAL}")
    assert (mail.sort, mail.bounced, mail.failure) == (Sort.BOUNCE, KEY, failure)
    assert mail.reason


@pytest.mark.parametrize(
    "shown",
    [
        f"Message-ID: <{KEY}>",
        f"> Message-Id:\t<{KEY}>",
        f"Original id {KEY} (kept)",
        f"References: <{EARLIER}>\n <old@x>\nMessage-ID: <new@smtp.example>\nX-Id: {KEY}",
    ],
)
def test_an_id_of_ours_is_known_wherever_it_stands(shown: str) -> None:
    assert read(f"{DAEMON}\n\nNo such user.\n\n{shown}\n").bounced == KEY


def test_an_earlier_answer_that_it_refers_to_has_not_come_back() -> None:
    shown = f"Message-ID: <1@ses.example>\nReferences: <{EARLIER}>\n\t<q@x>"
    assert read(f"{DAEMON}\n\nNo such user.\n\n{shown}\n").bounced == "1@ses.example"


def test_a_bounce_that_returns_nothing_may_answer_the_mail() -> None:
    assert read(f"{DAEMON}\nIn-Reply-To: <{KEY}>\n\nNo such user.\n").bounced == KEY


@pytest.mark.parametrize(
    "words",
    [
        "THIS IS A WARNING MESSAGE ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.",
        "The message has not yet been delivered. Delivery will be retried for 3 days.",
        "Ihre Nachricht konnte noch nicht zugestellt werden, es wird weiterhin versucht.",
    ],
)
def test_a_warning_without_a_report_is_late_and_no_failure(words: str) -> None:
    mail = read(f"{DAEMON}\n\n{words}\n\n{ORIGINAL}")
    assert (mail.sort, mail.bounced, mail.mentions) == (Sort.BOUNCE, "", (KEY,))


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_that_it_arrived_is_no_failure(action: str) -> None:
    mail = read(
        report(f"Final-Recipient: rfc822; anna@example.org\nAction: {action}\nStatus: 2.0.0")
    )
    assert (mail.bounced, mail.mentions) == ("", (KEY,))


def test_of_several_addresses_the_reason_says_which() -> None:
    mail = read(
        report(
            "Final-Recipient: rfc822; anna@example.org\nAction: delivered\nStatus: 2.0.0\n\n"
            "Final-Recipient: rfc822; Otto@example.net\nAction: failed\nStatus: 5.2.2\n"
            "Diagnostic-Code: smtp; 552 full"
        )
    )
    assert (mail.reason, mail.failure) == ("otto@example.net: 552 full", Failure.MAILBOX_FULL)


def test_of_one_address_the_reason_is_the_words_alone() -> None:
    mail = read(
        report(
            "Final-Recipient: rfc822; anna@example.org\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp; 550 5.1.1 gone"
        )
    )
    assert mail.reason == "550 5.1.1 gone"


def test_an_automatic_answer_is_no_bounce_though_it_speaks_of_delivery() -> None:
    raw = (
        "From: a@x.org\nReturn-Path: <>\nAuto-Submitted: auto-replied\nSubject: Re: Delivery failed"
    )
    assert read(f"{raw}\nIn-Reply-To: <{KEY}>\n\nI am away.\n").sort is Sort.AUTO_REPLY


@pytest.mark.parametrize(
    ("words", "failure"),
    [
        ("550 5.1.1 <a@x.org>: Recipient address rejected: User unknown", Failure.NO_SUCH_ADDRESS),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", Failure.NO_SUCH_ADDRESS),
        ("556 5.1.10 Recipient address has null MX", Failure.NO_SUCH_DOMAIN),
        ("550 5.4.1 Recipient address rejected: Access denied", Failure.NO_SUCH_ADDRESS),
        ("Invalid final delivery userid", Failure.NO_SUCH_ADDRESS),
        ("The server did not accept our requests to connect", Failure.UNREACHABLE),
        ("Empfänger unbekannt", Failure.NO_SUCH_ADDRESS),
        ("Diese Adresse existiert nicht", Failure.NO_SUCH_ADDRESS),
        ("destinataire inconnu", Failure.NO_SUCH_ADDRESS),
        ("El usuario no existe", Failure.NO_SUCH_ADDRESS),
        ("Il destinatario è inesistente", Failure.NO_SUCH_ADDRESS),
        ("Onbekende gebruiker", Failure.NO_SUCH_ADDRESS),
        ("Адрес не существует", Failure.NO_SUCH_ADDRESS),
        ("5.1.2", Failure.NO_SUCH_DOMAIN),
        ("Domain example.org existiert nicht", Failure.NO_SUCH_DOMAIN),
        ("552 5.2.2 Over quota", Failure.MAILBOX_FULL),
        ("452 mailbox size limit exceeded", Failure.MAILBOX_FULL),
        ("La boîte aux lettres est pleine", Failure.MAILBOX_FULL),
        ("El buzón del destinatario está lleno", Failure.MAILBOX_FULL),
        ("La casella del destinatario è piena", Failure.MAILBOX_FULL),
        ("Postvak van de ontvanger is vol", Failure.MAILBOX_FULL),
        ("552", Failure.MAILBOX_FULL),
        ("550 5.2.1 The account is disabled", Failure.MAILBOX_CLOSED),
        ("Das Konto wurde deaktiviert", Failure.MAILBOX_CLOSED),
        ("552 5.3.4 Message size exceeds fixed limit", Failure.TOO_LARGE),
        ("Die Nachricht ist zu groß", Failure.TOO_LARGE),
        ("554 5.7.1 Message looks like spam", Failure.SPAM),
        ("550 blocked using spamhaus", Failure.SPAM),
        ("550 5.7.1 Relaying denied", Failure.REFUSED),
        ("550 5.7.26 fails DMARC", Failure.REFUSED),
        ("553 5.1.8 Domain of sender address a@b does not exist", Failure.REFUSED),
        ("5.7.0", Failure.REFUSED),
        ("connect to mx: Connection timed out", Failure.UNREACHABLE),
        ("4.4.7", Failure.UNREACHABLE),
        ("421", Failure.UNREACHABLE),
        ("192.0.5.1.1", Failure.OTHER),
        ("spam@full.example", Failure.OTHER),
        ("", Failure.OTHER),
    ],
)
def test_words_and_codes_mean_what_agents_tell_apart(words: str, failure: Failure) -> None:
    assert failure_of(words) is failure


@given(st.text(max_size=300), st.text(max_size=10))
def test_any_words_mean_something(words: str, status: str) -> None:
    assert failure_of(words, status) in Failure


@pytest.mark.parametrize(
    "piece", ["mailbox ", "550 ", "5.1.1", "domain ", "a@b", "\n>", "recipient"]
)
def test_no_bounce_takes_long(piece: str) -> None:
    began = time.process_time()
    read(f"{DAEMON}\n\n{piece * 100_000}")
    assert time.process_time() - began < 2


DAEMON = "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender"


def report(recipients: str) -> str:
    return (
        f"{DAEMON}\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nThis is the mail system.\n"
        "--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example\n\n{recipients}\n\n"
        f"--b\nContent-Type: message/rfc822\n\n{ORIGINAL}\n--b--\n"
    )


def read(text: str) -> Incoming:
    return read_mail(text.encode(), "1", AT, ["support@lindenrad.example"])
