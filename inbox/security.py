"""Security: sealed cookies, and the headers that forbid a page what it does not need."""

from __future__ import annotations

import hmac
from datetime import timedelta

from flask import Flask, Response

from inbox.request import KEY

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""The policy of every page; a page that shows foreign HTML sets its own before."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Frame-Options": "DENY",
}
SESSION_LASTS = timedelta(days=14)
LARGEST_REQUEST_BYTES = 60 * 1024 * 1024


def guard(app: Flask) -> None:
    """Seal the cookies with the installation's secret and put the headers on every answer."""
    inbox = app.extensions[KEY]
    app.config.update(
        SECRET_KEY=derived(inbox.desk.secret, "session"),
        SESSION_COOKIE_NAME="postkorb",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=inbox.base_url.startswith("https:"),
        PERMANENT_SESSION_LIFETIME=SESSION_LASTS,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=8 * 1024 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
    )
    app.after_request(_protect)


def derived(secret: bytes, purpose: str) -> str:
    """A secret of its own for one purpose, made from the installation's."""
    return hmac.new(secret, f"inbox:{purpose}".encode(), "sha256").hexdigest()


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.update(("HX-Request", "HX-Target"))
    return response
