"""What is told about a certificate that is not believed."""

from __future__ import annotations

import ssl

import pytest

from connectors.email.trust import untrusted


@pytest.mark.parametrize(
    ("code", "words", "remedy"),
    [
        (10, "certificate has expired", "valid certificate"),
        (18, "self-signed certificate", "ca_file"),
        (62, "Hostname mismatch", "host name"),
    ],
)
def test_the_remedy_fits_the_reason(code, words, remedy):
    error = ssl.SSLCertVerificationError()
    error.verify_code, error.verify_message = code, words
    told = untrusted(error, "mail.example.org:993", "")
    assert told.words == f"mail.example.org:993: {words}"
    assert remedy in told.remedy
