"""The one table of commands: which key does what, and where; keys, help and hints come from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class Where(StrEnum):
    """On which pages a command has something to act on."""

    EVERYWHERE = "everywhere"
    LIST = "list"
    CONVERSATION = "conversation"
    DUPLICATES = "duplicates"


WHERE = {
    Where.EVERYWHERE: _l("Everywhere"),
    Where.LIST: _l("In a list"),
    Where.CONVERSATION: _l("In a conversation"),
    Where.DUPLICATES: _l("Comparing duplicates"),
}


@dataclass(frozen=True)
class Command:
    """`key` is the typed character, or a name such as Enter, or two in a row ("g m").

    A key acts on the element with data-command="<name>"; where there is none, it goes to `url`.
    """

    key: str
    name: str
    label: Any
    where: Where = Where.CONVERSATION
    url: str = ""


COMMANDS = (
    Command("j", "next", _l("Next conversation"), Where.LIST),
    Command("k", "previous", _l("Previous conversation"), Where.LIST),
    Command("Enter", "open", _l("Open conversation"), Where.LIST),
    Command("u", "back", _l("Back to the list")),
    Command("r", "reply", _l("Reply")),
    Command("R", "reply-all", _l("Reply to all")),
    Command("f", "forward", _l("Forward")),
    Command("n", "note", _l("Note")),
    Command("e", "close", _l("Close")),
    Command("E", "reopen", _l("Reopen")),
    Command("h", "snooze", _l("Snooze")),
    Command("p", "pending", _l("Pending")),
    Command("a", "assign", _l("Assign")),
    Command("i", "assign-to-me", _l("Assign to me")),
    Command("t", "tag", _l("Tag")),
    Command("y", "same", _l("Same person"), Where.DUPLICATES),
    Command("n", "different", _l("Different persons"), Where.DUPLICATES),
    Command("l", "later", _l("Decide later"), Where.DUPLICATES),
    Command("z", "undo", _l("Undo"), Where.EVERYWHERE),
    Command("/", "search", _l("Search"), Where.EVERYWHERE, "/search"),
    Command("?", "keys", _l("All keys"), Where.EVERYWHERE, "/keys"),
    Command("g m", "go-mine", _l("Go to mine"), Where.EVERYWHERE, "/mine"),
    Command("g u", "go-unassigned", _l("Go to unassigned"), Where.EVERYWHERE, "/unassigned"),
    Command("g o", "go-open", _l("Go to all open"), Where.EVERYWHERE, "/open"),
    Command("g h", "go-snoozed", _l("Go to snoozed"), Where.EVERYWHERE, "/snoozed"),
    Command("g d", "go-duplicates", _l("Go to duplicates"), Where.EVERYWHERE, "/suggestions"),
    Command("g c", "go-channels", _l("Go to channels"), Where.EVERYWHERE, "/channels"),
)
_KEYS = {command.name: command.key for command in COMMANDS}


def key_of(name: str) -> str:
    """The key of a command; anything else stands for itself."""
    return _KEYS.get(name, name)


def by_place() -> Iterable[tuple[Any, list[Command]]]:
    """The commands for the help sheet, by where they apply."""
    for where, words in WHERE.items():
        yield words, [command for command in COMMANDS if command.where is where]


def for_script() -> list[dict[str, str]]:
    """The table as the page's script reads it."""
    return [{"key": command.key, "name": command.name, "url": command.url} for command in COMMANDS]
