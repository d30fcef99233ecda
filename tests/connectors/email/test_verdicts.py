"""What the receiving server found out is believed, and nothing a sender wrote himself."""

from __future__ import annotations

from email import message_from_string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.headers import Headers
from connectors.email.verdicts import verdicts_of
from crm.channels.contract import VERDICTS

IN = "Received: from mail.sender.example (unknown [203.0.113.9]) by mx.example.org with ESMTPS\n"
INNER = "Received: from mx.example.org (mx.example.org [10.0.0.2]) by store.example.org with LMTP\n"
OUT = "Received: from laptop (dsl.example.net [198.51.100.7]) by mail.sender.example with ESMTPA\n"
OURS = "Authentication-Results: mx.example.org;\n spf=pass smtp.mailfrom=a@b.example;\n dkim=fail\n"
FORGED = "Authentication-Results: mail.sender.example; spf=pass; dkim=pass; dmarc=pass\n"


def verdicts(raw):
    return dict(verdicts_of(Headers(message_from_string(raw + "From: a@b.example\n\n"))))


@pytest.mark.parametrize(
    "raw",
    [
        OURS + IN + OUT,
        IN + OURS + OUT,
        INNER + OURS + IN + OUT,
        OURS + IN + FORGED + OUT,
        OURS + IN + OUT + FORGED,
        OURS,
    ],
)
def test_the_topmost_result_of_our_own_server_counts(raw):
    assert verdicts(raw) == {"spf": "pass", "dkim": "fail"}


def test_our_own_name_forged_below_a_hop_adds_nothing():
    forged = "Authentication-Results: mx.example.org; dmarc=pass\n"
    assert verdicts(OURS + IN + forged + OUT) == {"spf": "pass", "dkim": "fail"}


@pytest.mark.parametrize("raw", [IN + FORGED, IN + OUT + FORGED, INNER + IN + FORGED + OUT])
def test_what_the_senders_server_says_of_itself_does_not_count(raw):
    assert verdicts(raw) == {}


def test_a_sender_who_greets_as_one_of_our_machines_stays_outside():
    """The name he gives (HELO) stands before the address that our server saw."""
    greeting = (
        "Received: from [10.0.0.1] (unknown [203.0.113.9]) by mx.example.org with ESMTP\n"
        "Received: from evil.example by mail.sender.example with ESMTP\n"
    )
    assert verdicts(greeting + FORGED + "X-Spam-Flag: NO\n") == {}


def test_several_filters_of_one_server_are_read_together_and_the_upper_one_wins():
    raw = (
        "Authentication-Results: mx.example.org; dmarc=fail (p=none) header.from=b.example\n"
        "Authentication-Results: mx.example.org; dkim=pass; dmarc=pass\n"
        "Authentication-Results: elsewhere.example; spf=pass\n" + IN
    )
    assert verdicts(raw) == {"dmarc": "fail", "dkim": "pass"}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("mx.example.org 1; spf=softfail (a; dkim=pass) smtp.helo=x", {"spf": "softfail"}),
        ("mx.example.org; dkim=fail; dkim=pass header.d=b.example", {"dkim": "pass"}),
        ('mx.example.org; dmarc=none reason="dkim=pass; spf=pass"', {"dmarc": "none"}),
        ("mx.example.org; DKIM / 1 = Pass", {"dkim": "pass"}),
        ("MX.Example.ORG; spf=pass", {"spf": "pass"}),
        ("mx.example.org; none", {}),
        ("mx.example.org; iprev=pass; x-dkim=pass", {}),
        ("", {}),
    ],
)
def test_results_are_read_past_comments_and_quotations(said, found):
    assert verdicts(f"Authentication-Results: {said}\n{IN}") == found


def test_exchange_online_names_no_server():
    raw = (
        "Received: from a.outbound.example (203.0.113.9) by AM7.mail.protection.outlook.com\n"
        "Authentication-Results: spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=b.example;"
        " dkim=pass header.d=b.example;dmarc=bestguesspass action=none\n"
        "X-Forefront-Antispam-Report: CIP:203.0.113.9;CTRY:DE;SCL:5;SFV:SPM;\n"
    )
    assert verdicts(raw) == {
        "spf": "pass",
        "dkim": "pass",
        "dmarc": "bestguesspass",
        "spam": "yes",
    }


def test_gmail_stands_below_its_own_hops():
    raw = (
        "Delivered-To: support@gmail.com\n"
        "Received: by 2002:a05:6504:1234 with SMTP id a1\n"
        "ARC-Authentication-Results: i=1; mx.google.com; spf=fail\n"
        "Received: from mail.sender.example (mail.sender.example. [203.0.113.9])"
        " by mx.google.com with ESMTPS\n"
        "Received-SPF: pass (google.com: domain of a@b.example designates it) client-ip=203.0.113.9\n"
        "Authentication-Results: mx.google.com; dkim=pass header.i=@b.example\n"
    )
    assert verdicts(raw) == {"dkim": "pass", "spf": "pass"}


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("ARC-Authentication-Results: i=2; mx.example.org; dmarc=pass\n" + IN, {"dmarc": "pass"}),
        ("ARC-Authentication-Results: i=1; mail.sender.example; dmarc=pass\n" + IN, {}),
        ("Received-SPF: Fail (mailfrom) receiver=mx.example.org\n" + IN, {"spf": "fail"}),
        ("Received-SPF: pass receiver=mail.sender.example\n" + IN, {}),
        (IN + "Received-SPF: pass\n", {}),
    ],
)
def test_older_and_sealed_results_count_where_ours_says_nothing(raw, found):
    assert verdicts(raw) == found


@pytest.mark.parametrize(
    ("raw", "spam"),
    [
        ("X-Spam-Flag: YES\n" + IN, "yes"),
        ("X-Spam-Status: Yes, score=7.2 required=5.0\n" + IN, "yes"),
        ("X-Spam-Status: No, score=-1.2\n" + IN + OUT, "no"),
        ("X-Spam: Yes\n" + IN, "yes"),
        ("X-Spamd-Result: default: False [1.20 / 15.00]\n" + IN, "no"),
        ("X-Spamd-Result: default: True [16.20 / 15.00]\n" + IN, "yes"),
        (IN + OUT + "X-Spam-Status: No\n", None),
        (IN + OUT + "X-Spam-Flag: YES\n", "yes"),
        (IN + OUT + "X-Forefront-Antispam-Report: SCL:1\n", None),
        ("X-MS-Exchange-Organization-SCL: 6\n" + IN, "yes"),
        ("X-MS-Exchange-Organization-SCL: -1\nReceived: by a.prod.outlook.com\n", "no"),
        ("X-Spam-Status: maybe\n", None),
    ],
)
def test_a_spam_filters_yes_counts_and_its_no_only_on_our_side(raw, spam):
    assert verdicts(raw).get("spam") == spam


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["Received", "Authentication-Results", "Received-SPF", "X-Spam-Status"]
            ),
            st.text(st.sampled_from('abfromyspdki=;:.()[]"10/ \t')) | st.text(max_size=40),
        )
    )
)
def test_whatever_stands_there_the_keys_are_known(headers):
    raw = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in headers)
    assert set(verdicts(raw)) <= set(VERDICTS)
