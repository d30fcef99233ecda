"""Serving kept bytes: by their SHA-256 alone, harmless to the browser that takes them."""

from __future__ import annotations

from flask import Response, abort, send_file

from crm.conversations.attachment import SHOWN_TYPES
from crm.conversations.blob import path_of
from inbox.request import desk

POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
KEPT_SECONDS = 365 * 24 * 60 * 60


def show(sha256: str, kind: str, name: str) -> Response:
    """A picture in the browser, anything else as a download."""
    return _send(sha256, kind, name, as_attachment=kind not in SHOWN_TYPES)


def download(sha256: str, kind: str, name: str) -> Response:
    """The bytes as a file, whatever they are."""
    return _send(sha256, kind, name, as_attachment=True)


def _send(sha256: str, kind: str, name: str, *, as_attachment: bool) -> Response:
    path = path_of(desk().blobs, sha256)
    if not path.exists():
        abort(404)
    response = send_file(
        path.absolute(),
        mimetype=kind if kind in SHOWN_TYPES else "application/octet-stream",
        as_attachment=as_attachment,
        download_name=" ".join(name.split()) or "file",
        etag=sha256,
    )
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}, immutable"
    response.headers["Content-Security-Policy"] = POLICY
    return response
