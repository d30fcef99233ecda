"""What the answers of a mail server are taken for."""

from __future__ import annotations

import pytest

from connectors.email.refusals import Answer, expect_mail, expect_recipients, expect_sender
from crm.channels.contract import Misconfigured, Rejected, Temporary


@pytest.mark.parametrize(
    ("code", "words", "error", "remedy"),
    [
        (452, b"4.3.1 Insufficient system storage", Temporary, ""),
        (421, b"4.3.2 Shutting down", Temporary, ""),
        (550, b"5.7.1 Looks like spam", Rejected, "operator"),
        (552, b"5.3.4 Message size exceeds fixed maximum", Rejected, "smaller files"),
        (554, b"5.3.4 Too big", Rejected, "smaller files"),
        (552, b"Message too large", Rejected, "smaller files"),
        (552, b"5.2.2 Mailbox full", Rejected, "operator"),
        (530, b"5.7.0 Authentication required", Misconfigured, "password"),
    ],
)
def test_what_a_refused_mail_means(code, words, error, remedy):
    with pytest.raises(error, match=words[6:].decode()) as found:
        expect_mail(Answer(code, words))
    assert remedy in found.value.remedy


@pytest.mark.parametrize(
    ("code", "words", "error", "remedy"),
    [
        (452, b"4.5.3 Too many recipients", Temporary, ""),
        (450, b"4.2.0 Greylisted", Temporary, ""),
        (550, b"5.1.1 No such user", Rejected, "Correct the recipient"),
        (552, b"5.2.2 Mailbox full", Rejected, "Correct the recipient"),
        (553, b"5.7.1 Sender address rejected: not owned by user", Rejected, "operator"),
        (554, b"5.7.1 Relay access denied", Rejected, "operator"),
        (530, b"5.7.0 Authentication required", Misconfigured, "password"),
    ],
)
def test_what_a_refused_recipient_means(code, words, error, remedy):
    answers = {"a@example.com": Answer(250, b"OK"), "b@example.com": Answer(code, words)}
    with pytest.raises(error) as found:
        expect_recipients(answers)
    assert remedy in found.value.remedy
    assert "a@example.com" not in found.value.words


@pytest.mark.parametrize(
    ("code", "words", "error", "remedy"),
    [
        (452, b"4.3.1 Disk full", Temporary, ""),
        (550, b"5.7.60 SendAsDenied", Rejected, "this address"),
        (552, b"5.3.4 Too big", Rejected, "smaller files"),
        (530, b"5.7.0 Authentication required", Misconfigured, "password"),
    ],
)
def test_what_a_refused_sender_means(code, words, error, remedy):
    with pytest.raises(error) as found:
        expect_sender(Answer(code, words), "support@example.org")
    assert remedy in found.value.remedy


@pytest.mark.parametrize("code", [250, 251])
def test_who_is_taken_or_passed_on_is_no_error(code):
    expect_recipients({"a@example.com": Answer(code, b"OK")})
