"""What sending promises: once as far as SMTP allows, and an error that says what to do."""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from connectors.email.smtp import Smtp, deliver, would_take
from crm.channels.contract import Misconfigured, Rejected, Temporary
from tests.servers.smtp_sink import SmtpSink

MAIL = b"From: a@example.org\r\nSubject: Hi\r\n\r\n.dot\r\n..two\r\nend\r\n"


def settings(sink, **changes):
    return Smtp(**({"host": "localhost", "port": sink.port, "tls": "none"} | changes))


def test_a_mail_arrives_byte_by_byte_with_its_dots(sink):
    receipt = deliver(settings(sink), MAIL, "a@example.org", ["b@example.com", "c@example.com"])
    [got] = sink.wait_for(1)
    assert (got.raw, got.recipients) == (MAIL, ("b@example.com", "c@example.com"))
    assert receipt.words == "OK"


def test_one_refused_recipient_stops_the_whole_mail_and_is_named_with_the_servers_words(sink):
    sink.refusals["b@example.com"] = "550 5.1.1 No such user here"
    with pytest.raises(Rejected, match=r"b@example\.com: 550 5\.1\.1 No such user here$"):
        deliver(settings(sink), MAIL, "a@example.org", ["c@example.com", "b@example.com"])
    assert sink.received == []


def test_all_who_are_refused_for_good_are_named_at_once(sink):
    sink.refusals = {
        "b@example.com": "550 5.1.1 No such user",
        "c@example.com": "451 4.7.1 Greylisted",
        "d@example.com": "550 5.1.1 No such user",
    }
    with pytest.raises(Rejected) as found:
        deliver(settings(sink), MAIL, "a@example.org", sink.refusals)
    assert found.value.words == (
        "b@example.com: 550 5.1.1 No such user; d@example.com: 550 5.1.1 No such user"
    )


def test_a_sender_that_may_not_send_is_named(sink):
    sink.refusals["a@example.org"] = "550 5.7.60 Not permitted to send as this sender"
    with pytest.raises(Rejected, match="sender") as found:
        deliver(settings(sink), MAIL, "a@example.org", ["b@example.com"])
    assert "a@example.org" in found.value.words
    assert "another" in found.value.remedy


def test_a_mail_larger_than_the_server_takes_is_refused_before_it_is_sent():
    with SmtpSink(largest=1_000_000) as small:
        with pytest.raises(Rejected, match=r"1\.2 MB > 1\.0 MB") as found:
            deliver(settings(small), MAIL + b"x" * 1_200_000, "a@example.org", ["b@example.com"])
        deliver(settings(small), MAIL, "a@example.org", ["b@example.com"])
        assert len(small.wait_for(1)) == 1
    assert "smaller" in found.value.remedy


def test_a_recipient_refused_for_now_may_work_later(sink):
    sink.refusals["b@example.com"] = "451 4.7.1 Greylisted"
    with pytest.raises(Temporary, match="Greylisted"):
        deliver(settings(sink), MAIL, "a@example.org", ["b@example.com"])


@pytest.mark.parametrize(
    ("answer", "error"),
    [("554 5.6.0 Looks like spam", Rejected), ("452 4.3.1 Disk full", Temporary)],
)
def test_a_refusal_after_the_last_byte_is_a_refusal(sink, answer, error):
    sink.final = answer
    with pytest.raises(error, match=answer[4:]):
        deliver(settings(sink), MAIL, "a@example.org", ["b@example.com"])


def test_silence_after_the_last_byte_means_it_may_have_gone(sink):
    sink.final = ""
    with pytest.raises((smtplib.SMTPException, OSError)):
        deliver(settings(sink), MAIL, "a@example.org", ["b@example.com"])
    assert len(sink.received) == 1


def test_nobody_listening_may_work_later(sink):
    sink.stop()
    with pytest.raises(Temporary, match="reached"):
        deliver(settings(sink), MAIL, "a@example.org", ["b@example.com"])


def test_starttls_where_there_is_none_is_a_setting(sink):
    with pytest.raises(Misconfigured, match="STARTTLS"):
        deliver(settings(sink, tls="starttls"), MAIL, "a@example.org", ["b@example.com"])


@pytest.fixture
def strict_sink(dovecot):
    certificate, key = dovecot.folder / "cert.pem", dovecot.folder / "key.pem"
    with SmtpSink(certificate=certificate, key=key, password="secret") as server:
        yield server


def signed_in(sink, dovecot, **changes):
    return settings(
        sink,
        **{"tls": "starttls", "ca_file": dovecot.ca_file, "user": "u", "password": "secret"}
        | changes,
    )


def signed_out(sink, dovecot):
    return signed_in(sink, dovecot, user="", password=None)


def test_it_signs_in_over_a_verified_connection(strict_sink, dovecot):
    deliver(signed_in(strict_sink, dovecot), MAIL, "a@example.org", ["b@example.com"])
    assert len(strict_sink.wait_for(1)) == 1


def test_a_wrong_password_is_a_setting_and_stays_secret(strict_sink, dovecot):
    with pytest.raises(Misconfigured, match="535") as found:
        deliver(
            signed_in(strict_sink, dovecot, password="wrong-horse"),
            MAIL,
            "a@example.org",
            ["b@example.com"],
        )
    assert "wrong-horse" not in str(found.value)


def test_no_password_where_one_is_wanted_is_a_setting(strict_sink, dovecot):
    with pytest.raises(Misconfigured, match="530"):
        deliver(signed_out(strict_sink, dovecot), MAIL, "a@example.org", ["b@example.com"])


def test_a_password_with_letters_beyond_ascii_signs_in(dovecot):
    certificate, key = dovecot.folder / "cert.pem", dovecot.folder / "key.pem"
    with SmtpSink(certificate=certificate, key=key, password="pässwört") as server:
        right, wrong = (signed_in(server, dovecot, password=word) for word in ("pässwört", "ö"))
        deliver(right, MAIL, "a@example.org", ["b@example.com"])
        assert len(server.wait_for(1)) == 1
        with pytest.raises(Misconfigured, match="535"):
            deliver(wrong, MAIL, "a@example.org", ["b@example.com"])


def test_whether_mail_would_be_taken_is_asked_without_sending_any(strict_sink, dovecot):
    would_take(signed_in(strict_sink, dovecot), "a@example.org")
    with pytest.raises(Misconfigured, match="530"):
        would_take(signed_out(strict_sink, dovecot), "a@example.org")
    assert strict_sink.received == []


def test_a_fault_names_the_server(sink):
    sink.stop()
    with pytest.raises(Temporary, match=f"localhost:{sink.port}"):
        would_take(settings(sink), "a@example.org")


@pytest.mark.parametrize("words", [None, "no certificate"])
def test_a_ca_file_that_is_none_is_named(strict_sink, dovecot, tmp_path, words):
    path = tmp_path / "ca.pem"
    if words:
        path.write_text(words)
    with pytest.raises(Misconfigured, match=r"ca\.pem") as found:
        would_take(signed_in(strict_sink, dovecot, ca_file=Path(path)), "a@example.org")
    assert "ca_file" in found.value.remedy


def test_a_certificate_of_somebody_else_is_refused(strict_sink, dovecot):
    with pytest.raises(Misconfigured, match="certificate"):
        deliver(
            signed_in(strict_sink, dovecot, ca_file=None), MAIL, "a@example.org", ["b@example.com"]
        )


def test_tls_from_the_first_byte_where_the_server_speaks_none_is_a_setting(sink):
    with pytest.raises((Misconfigured, Temporary)):
        deliver(settings(sink, tls="tls"), MAIL, "a@example.org", ["b@example.com"])


def test_letters_beyond_ascii_in_an_address_go_where_the_server_takes_them(sink):
    deliver(settings(sink), MAIL, "a@example.org", ["pelé@example.com"])
    assert sink.wait_for(1)[0].recipients == ("pelé@example.com",)
