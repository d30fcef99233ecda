"""The counts: the side bar's places as a fragment of their own, polled."""

from __future__ import annotations

from flask import Blueprint, render_template, request

pages = Blueprint("counts", __name__)


@pages.get("/counts")
def show() -> str:
    """The places with their counts; `view` is the one that is open."""
    return render_template("parts/places.html", view=request.args.get("view", ""))
