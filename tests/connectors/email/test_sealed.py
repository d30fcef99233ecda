"""Signed mail is readable, encrypted mail is kept and told (S/MIME, OpenPGP)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.armour import without_armour
from connectors.email.read import read_mail
from connectors.email.smime import Envelope, open_envelope

AT = datetime(2026, 3, 1, tzinfo=UTC)
INSIDE = (
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße, signiert.\r\n"
    '--b\r\nContent-Type: application/pdf; name="a.pdf"\r\n\r\n%PDF\r\n--b--\r\n'
).encode()


@pytest.fixture(scope="module")
def signer():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Anna")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=9000))
        .sign(key, hashes.SHA256())
    )
    return certificate, key


@pytest.fixture(scope="module")
def signed(signer):
    builder = pkcs7.PKCS7SignatureBuilder().set_data(INSIDE)
    builder = builder.add_signer(*signer, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


@pytest.fixture(scope="module")
def encrypted(signer):
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(INSIDE).add_recipient(signer[0])
    return builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def enveloped(content, kind="pkcs7-mime", **parameters):
    mail = EmailMessage()
    mail["From"] = "anna@example.org"
    mail["Subject"] = "Vertrag"
    mail.set_content(content, "application", kind, filename="smime.p7m", params=parameters)
    return read_mail(mail.as_bytes(), "1", AT)


@pytest.mark.parametrize("kind", ["pkcs7-mime", "x-pkcs7-mime", "octet-stream"])
def test_a_mail_within_its_signature_is_read(signed, kind):
    mail = enveloped(signed, kind)
    assert (mail.subject, mail.text.strip(), mail.flags) == (
        "Vertrag",
        "Grüße, signiert.",
        ("signed",),
    )
    assert [file.name for file in mail.files] == ["a.pdf"]


def test_a_signed_mail_within_a_signed_mail_is_read(signer, signed):
    outer = b"Content-Type: application/pkcs7-mime\r\n\r\n" + signed
    builder = pkcs7.PKCS7SignatureBuilder().set_data(outer).add_signer(*signer, hashes.SHA256())
    twice = builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    assert enveloped(twice).text.strip() == "Grüße, signiert."


def test_envelopes_within_each_other_are_opened_no_deeper_than_anybody_signs(signer, signed):
    content = signed
    for _ in range(6):
        outer = b"Content-Type: application/pkcs7-mime; name=inner.p7m\r\n\r\n" + content
        builder = pkcs7.PKCS7SignatureBuilder().set_data(outer)
        builder = builder.add_signer(*signer, hashes.SHA256())
        content = builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    mail = enveloped(content)
    assert ([file.name for file in mail.files], mail.flags) == (["inner.p7m"], ("signed",))


def test_an_encrypted_mail_stays_a_file_and_says_so(encrypted):
    mail = enveloped(encrypted, **{"smime-type": "enveloped-data"})
    assert (mail.text, mail.flags) == ("", ("encrypted",))
    assert [(file.name, file.content) for file in mail.files] == [("smime.p7m", encrypted)]


def test_an_envelope_that_is_none_stays_a_file():
    mail = enveloped(b"\x30\x03\x06\x01\x00")
    assert ([file.name for file in mail.files], mail.flags) == (["smime.p7m"], ())


@given(st.binary(max_size=300))
def test_no_envelope_raises(content):
    assert open_envelope(content).content is None


def test_a_damaged_envelope_raises_nothing(signed):
    for at in range(0, len(signed), 7):
        assert isinstance(open_envelope(signed[:at] + b"\xff" + signed[at + 1 :]), Envelope)


def test_a_mail_beside_its_signature_is_read_and_the_signature_kept():
    mail = read_mail(
        b"From: a@example.org\nContent-Type: multipart/signed; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\n\nSigniert.\n"
        b'--b\nContent-Type: application/pkcs7-signature; name="smime.p7s"\n\nx\n--b--\n',
        "1",
        AT,
    )
    assert (mail.text, mail.flags) == ("Signiert.", ("signed",))
    assert [file.name for file in mail.files] == ["smime.p7s"]


def test_pgp_mime_is_kept_in_its_parts_and_says_so():
    mail = read_mail(
        b"From: a@example.org\nContent-Type: multipart/encrypted; boundary=b\n\n"
        b"--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
        b'--b\nContent-Type: application/octet-stream; name="encrypted.asc"\n\nx\n--b--\n',
        "1",
        AT,
    )
    assert mail.flags == ("encrypted",)
    assert [file.type for file in mail.files] == [
        "application/pgp-encrypted",
        "application/octet-stream",
    ]


CLEAR = """Vorweg.
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Guten Tag,
- -- 
Anna
-----BEGIN PGP SIGNATURE-----

iQEzBAEBCAAdFiEE
-----END PGP SIGNATURE-----
Danach."""
SEALED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----"


@pytest.mark.parametrize(
    ("text", "bare", "flags"),
    [
        (CLEAR, "Vorweg.\nGuten Tag,\n-- \nAnna\nDanach.", ("signed",)),
        (SEALED, SEALED, ("encrypted",)),
        ("Hallo", "Hallo", ()),
        (
            "-----BEGIN PGP SIGNED MESSAGE-----\nhalb",
            "-----BEGIN PGP SIGNED MESSAGE-----\nhalb",
            (),
        ),
        ("> -----BEGIN PGP MESSAGE-----\n> x", "> -----BEGIN PGP MESSAGE-----\n> x", ()),
    ],
)
def test_a_text_loses_its_signature_and_keeps_its_words(text, bare, flags):
    assert without_armour(text) == (bare, flags)
