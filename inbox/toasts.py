"""Toasts: one line that says what the server did, with the way back where there is one."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from flask import flash, get_flashed_messages

SECONDS = 6
CATEGORY = "toast"


@dataclass(frozen=True)
class Toast:
    """`undo` is the address that takes it back (by POST); `seconds` how long that is possible.

    A bad one stays until it is put away; `see` is where to look.
    """

    text: str
    undo: str = ""
    seconds: int = SECONDS
    bad: bool = False
    see: str = ""


def say(text: Any, *, undo: str = "", seconds: int = SECONDS) -> None:
    """Report what was done, on the page that follows."""
    _keep(Toast(str(text), undo, seconds))


def warn(text: Any, *, see: str = "") -> None:
    """Report what was not done; it stays until it is put away."""
    _keep(Toast(str(text), bad=True, see=see))


def said() -> list[Toast]:
    """What is to be shown now; each once."""
    return [Toast(**json.loads(str(kept))) for kept in get_flashed_messages(False, [CATEGORY])]


def _keep(toast: Toast) -> None:
    flash(json.dumps(asdict(toast)), CATEGORY)
