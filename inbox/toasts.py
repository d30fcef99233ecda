"""Toasts: one line that says what the server did, with the way back where there is one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask import flash, get_flashed_messages

SECONDS = 6


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
    flash(asdict(Toast(str(text), undo, seconds)), "toast")


def warn(text: Any, *, see: str = "") -> None:
    """Report what was not done; it stays until it is put away."""
    flash(asdict(Toast(str(text), bad=True, see=see)), "toast")


def said() -> list[Toast]:
    """What is to be shown now; each once."""
    return [Toast(**toast) for toast in get_flashed_messages(category_filter=["toast"])]
