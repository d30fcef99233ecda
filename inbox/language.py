"""Language: the page's words, dates and colours as the agent wants them."""

from __future__ import annotations

from typing import Any

from flask import Flask, request, session
from flask_babel import Babel, get_locale, lazy_gettext
from flask_security import current_user

LANGUAGES = {"de": "Deutsch", "en": "English"}
THEMES = {
    "auto": lazy_gettext("As the system"),
    "light": lazy_gettext("Light"),
    "dark": lazy_gettext("Dark"),
}
FAMILIES = {
    "email": lazy_gettext("E-mail"),
    "post": lazy_gettext("Letter"),
    "community": lazy_gettext("Forum"),
    "phone": lazy_gettext("Phone"),
    "note": lazy_gettext("Note"),
}


def speak(app: Flask) -> None:
    """Choose the language and zone of every request."""
    Babel(app, locale_selector=_choose, timezone_selector=_zone)


def page_language() -> str:
    """The language of this page: "de" or "en"."""
    return str(get_locale() or "en").partition("_")[0]


def theme() -> str:
    """ "light", "dark", or "" for what the system says."""
    chosen = getattr(current_user, "theme", "auto")
    return "" if chosen == "auto" else chosen


def family_name(family: str) -> Any:
    """What a family of channels is called."""
    return FAMILIES.get(family, family)


def _choose() -> str:
    """The agent's language; before sign-in the one chosen there, else the browser's."""
    if current_user and current_user.is_authenticated:
        wanted = current_user.agent.language
    else:
        wanted = session.get("language", "")
    if wanted in LANGUAGES:
        return str(wanted)
    return request.accept_languages.best_match(LANGUAGES) or "en"


def _zone() -> str | None:
    if current_user and current_user.is_authenticated:
        return str(current_user.agent.time_zone)
    return None
