"""Trust: which certificates of mail servers are believed, and what to do about the others."""

from __future__ import annotations

import ssl
from pathlib import Path

from crm.channels.contract import Misconfigured

NOT_BELIEVED = "The mail server's certificate cannot be trusted."

CHECK_CERTIFICATE = "Check the host name, or set ca_file for a certificate of your own."
RENEW_CERTIFICATE = "Ask the operator of the server for a valid certificate."
CHECK_CA_FILE = "Set ca_file to a readable file of certificates in PEM form."

_EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Believes what the system believes, or this file alone. Raises Misconfigured."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        words = f"{ca_file}: no certificates in it"
    except OSError as error:
        words = f"{ca_file}: {error.strerror}"
    raise Misconfigured("The file of certificates cannot be used.", words, CHECK_CA_FILE)


def untrusted(error: ssl.SSLError, place: str, remedy: str) -> Misconfigured:
    """What to tell about TLS that failed at `place` (host:port).

    `remedy` is for a server that speaks it otherwise, not for a certificate.
    """
    if not isinstance(error, ssl.SSLCertVerificationError):
        return Misconfigured(
            "The mail server does not speak TLS this way.",
            f"{place}: {error.reason or error}",
            remedy,
        )
    return Misconfigured(
        "The mail server's certificate cannot be trusted.",
        f"{place}: {error.verify_message}",
        RENEW_CERTIFICATE if error.verify_code == _EXPIRED else CHECK_CERTIFICATE,
    )
