"""Errors: what failed, what was kept, what to do, and a reference to find it in the log."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from flask import Flask, current_app, render_template
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from inbox.request import by_htmx


def answer(app: Flask) -> None:
    """Error pages for everything that goes wrong; in debug, exceptions rise."""
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _refused)
    if not app.debug:
        app.register_error_handler(Exception, _failed)


def _stale(_error: CSRFError) -> Any:
    return _page(
        400,
        gettext("The page was open too long"),
        gettext("Nothing was changed. Go back, load the page again and repeat the step."),
    )


def _refused(error: HTTPException) -> Any:
    code = error.code or 500
    title, words = {
        403: (gettext("Not for this account"), gettext("An administrator can do this.")),
        404: (
            gettext("Nothing here"),
            gettext("The address is wrong, or what stood here is gone."),
        ),
        413: (
            gettext("Too large"),
            gettext("The files are larger than can be taken. Nothing was changed."),
        ),
    }.get(code, (gettext("This did not work"), gettext("Nothing was changed.")))
    return _page(code, title, words)


def _failed(error: Exception) -> Any:
    reference = token_hex(4).upper()
    current_app.logger.error("error %s", reference, exc_info=error)
    return _page(
        500,
        gettext("This did not work"),
        gettext("Nothing was changed. The reason stands in the log under this reference."),
        reference,
    )


def _page(code: int, title: str, words: str, reference: str = "") -> Any:
    template = "errors/part.html" if by_htmx() else "errors/show.html"
    page = render_template(template, title=title, words=words, reference=reference, code=code)
    return page, code
