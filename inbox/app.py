"""The application: puts the pages, the sign-in and the language together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import blake2b
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from flask import Blueprint, Flask, request, url_for
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import scoped_session

from crm.channels.contract import Limits
from crm.database import sessions
from crm.desk import Desk
from inbox import (
    commands,
    language,
    marking,
    naming,
    pages,
    rail,
    security,
    sentences,
    times,
    toasts,
)
from inbox.pages import errors
from inbox.request import KEY, Inbox, by_htmx, current_agent, only_stage
from inbox.sign_in import door

STATIC = Path(__file__).parent / "static"
FIRST_STYLES = ("tokens", "base", "layout")


def create_app(
    desk: Desk,
    *,
    site_name: str,
    base_url: str,
    ways: Mapping[int, Limits],
    debug: bool = False,
) -> Flask:
    """The inbox as a WSGI application. `ways`: what each channel (by id) can carry."""
    app = Flask("inbox", template_folder=str(files("inbox.templates")), static_folder=str(STATIC))
    app.debug = debug
    app.extensions[KEY] = Inbox(
        desk, site_name, base_url.rstrip("/"), ways, scoped_session(sessions(desk.engine))
    )
    app.teardown_appcontext(lambda _error: app.extensions[KEY].sessions.remove())
    security.guard(app)
    CSRFProtect(app)
    language.speak(app)
    door.open_door(app)
    errors.answer(app)
    _equip_templates(app)
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)
    return app


def _blueprints() -> Iterator[Blueprint]:
    """The `pages` of every module of inbox/pages: a new page touches no other file."""
    for module in iter_modules(pages.__path__):
        blueprint = getattr(import_module(f"{pages.__name__}.{module.name}"), "pages", None)
        if blueprint is not None:
            yield blueprint


def _equip_templates(app: Flask) -> None:
    """What every template may call."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {**times.FILTERS, "hits": marking.hits}
    app.jinja_env.globals |= {
        "asset": _asset,
        "stylesheets": _stylesheets(),
        "scripts": _scripts(),
        "site_name": app.extensions[KEY].site_name,
        "by_htmx": by_htmx,
        "only_stage": only_stage,
        "current_agent": current_agent,
        "key_of": commands.key_of,
        "commands_by_place": commands.by_place,
        "commands_of": commands.for_script,
        "rail": rail.rail,
        "toasts": toasts.said,
        "family_name": language.family_name,
        "kind_name": naming.kind_name,
        "role_name": naming.role_name,
        "sentence": sentences.sentence,
        "reply_words": naming.reply_words,
        "theme": language.theme,
        "page_language": language.page_language,
    }


def _asset(name: str) -> str:
    """The address of a static file; it changes with the content, so that caches never mislead."""
    return _address(name, request.script_root)


@cache
def _address(name: str, _root: str) -> str:
    """Asked for every sign on a page, so each is made once for each place the inbox stands at."""
    return url_for("static", filename=name, v=_VERSIONS.get(name))


def _version(path: Path) -> str:
    return blake2b(path.read_bytes(), digest_size=6).hexdigest()


_VERSIONS: dict[str, Any] = {
    str(path.relative_to(STATIC)): _version(path)
    for path in sorted(STATIC.rglob("*.*"))
    if path.suffix in {".css", ".js", ".svg"}
}


def _stylesheets() -> list[str]:
    """A file per thing on the page; the values and the ground come first."""
    names = {path.stem for path in (STATIC / "css").glob("*.css")}
    return [f"css/{name}.css" for name in (*FIRST_STYLES, *sorted(names - {*FIRST_STYLES}))]


def _scripts() -> list[str]:
    """Small modules, one behaviour each."""
    return [f"js/{path.name}" for path in sorted((STATIC / "js").glob("*.js"))]
