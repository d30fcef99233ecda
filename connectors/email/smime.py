"""S/MIME envelopes (RFC 8551): what is only signed is opened, what is encrypted is told."""

from __future__ import annotations

from typing import NamedTuple

from asn1crypto.cms import ContentInfo

_KINDS = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_NAME = "smime.p7m"
_ENCRYPTED = frozenset({"enveloped_data", "authenticated_enveloped_data", "encrypted_data"})


class Envelope(NamedTuple):
    """The mail inside, None where it cannot be read, and the flags "signed" or "encrypted"."""

    content: bytes | None = None
    flags: tuple[str, ...] = ()


def is_enveloped(kind: str, name: str) -> bool:
    """Whether a part of this media type and file name is such an envelope (RFC 8551, 3.2.1)."""
    return kind in _KINDS or (kind == "application/octet-stream" and name.casefold() == _NAME)


def open_envelope(content: bytes) -> Envelope:
    """Take the signed content out; no signature is verified, and nothing is decrypted."""
    try:
        info = ContentInfo.load(content)
        kind = info["content_type"].native
        if kind in _ENCRYPTED:
            return Envelope(flags=("encrypted",))
        if kind != "signed_data":
            return Envelope()
        inside = info["content"]["encap_content_info"]["content"].native
    except Exception:
        # A parser of foreign binaries: whatever it stumbles over, the file stays what it was.
        return Envelope()
    return Envelope(inside, ("signed",)) if isinstance(inside, bytes) else Envelope()
