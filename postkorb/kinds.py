"""The kinds of channel that are installed: ours, and those of anybody else's package."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from crm.channels.contract import Connector

GROUP = "postkorb.connectors"


class BrokenKind(Exception):
    """A connector that is installed and cannot be loaded; says whose it is and what to do."""


def names() -> list[str]:
    """What may stand after `kind =`."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def kind_called(name: str) -> type[Connector]:
    """The connector of that name, one of `names()`; raises BrokenKind when it fails."""
    entry = next(iter(entry_points(group=GROUP, name=name)))
    try:
        kind = entry.load()
    except Exception as error:  # somebody else's code: whatever it raises, the remedy is the same
        raise _broken(entry, f"{type(error).__name__}: {error}") from error
    for part in ("Settings", "family", "who_am_i", "check", "pull", "send", "find_sent", "limits"):
        if not hasattr(kind, part):
            raise _broken(entry, f"it has no {part}")
    return kind


def _broken(entry: EntryPoint, reason: str) -> BrokenKind:
    package = entry.dist.name if entry.dist else "an unknown package"
    return BrokenKind(
        f'the connector "{entry.name}" of {package} cannot be loaded ({reason});'
        f" repair or remove {package}"
    )
