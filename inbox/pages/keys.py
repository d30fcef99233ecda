"""The keys: the help sheet as a page, for those without scripts."""

from __future__ import annotations

from flask import Blueprint, render_template

pages = Blueprint("keys", __name__)


@pages.get("/keys")
def show() -> str:
    """All keys of the command table."""
    return render_template("keys/show.html", view="")
