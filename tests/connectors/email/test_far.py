"""How other help desks call a matter: only in forms that are known to be theirs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.far import far_reference


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("INC0012345 has been opened on your behalf: Battery", "inc0012345"),
        ("Re: Battery - RITM0054321 - comments added", "ritm0054321"),
        ("[JIRA] (ABC-123) Battery does not charge", "abc-123"),
        ("[Jira] Otto mentioned you on ABC-123 (Jira)", "abc-123"),
        ("AW: [SUP-4711] Battery", "sup-4711"),
        ("[Ticket#2026112510000012] Battery", "ticket#2026112510000012"),
        ("Re: [Ticket#: 2026112510000012] RE: Battery", "ticket#2026112510000012"),
        ("Ticket #12345 was updated", "12345"),
        ("##12345## Battery", "12345"),
        ("[##RE-12345##] : Battery", "re-12345"),
        ("[#123456] Battery", "#123456"),
        ("[vendor.example #12345] AutoReply: Battery", "vendor.example#12345"),
        ("[#ABC-123-45678]: Battery", "#abc-123-45678"),
        ("[Vendor - Bug #17] (New) Battery", "vendor-bug#17"),
        ("[Case 1234567890] Battery", "case1234567890"),
        ("Battery [Vorgang-Nr. 4711]", "vorgang-nr.4711"),
        ("Battery [ ref:_00D58JMvr._50058xAbC:ref ]", "_00d58jmvr._50058xabc"),
        ("Battery - TrackingID#2311200050001234", "2311200050001234"),
        ("[8-1234000012345] Battery", "8-1234000012345"),
        ("Re: [owner/project] Battery does not charge (Issue #123)", "owner/project#123"),
        ("Re: [owner/project] Battery does not charge (#123)", "owner/project#123"),
    ],
)
def test_a_desks_name_for_the_matter_is_read(subject: str, name: str) -> None:
    assert far_reference(subject) == name
    assert far_reference(f"AW: {subject}".upper()) == name


@pytest.mark.parametrize(
    "subject",
    [
        "Battery",
        "Re: [PK-1042-K7] Battery",
        "Re: [PK-1042] Battery",
        "Invoice 2026-4711",
        "Order #4711",
        "Invoice of 12.03.2026",
        "COVID-19",
        "ISO-9001 certificate",
        "[EXTERN] Battery",
        "[list] Battery",
        "We want 1234567 pieces",
        "Inc 2026",
        "",
    ],
)
def test_what_is_no_desks_name_is_none(subject: str) -> None:
    assert far_reference(subject) == ""


@given(st.text(max_size=200))
def test_any_subject_is_read(subject: str) -> None:
    assert far_reference(subject) == far_reference(subject).casefold()


@pytest.mark.parametrize("piece", ["[", "[a/b]", "[#", "##1", "ref:", "[Ticket ", "INC", "(#1"])
def test_no_subject_takes_long(piece: str) -> None:
    began = time.process_time()
    far_reference(piece * 100_000)
    assert time.process_time() - began < 2
