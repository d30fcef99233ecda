"""The example configuration, printed from the types, so that neither can fall behind the other."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from inspect import getdoc
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from postkorb.complaints import expected, section_in, settings_of

KEY_WIDTH = 44


def section(kind: Any, header: str = "", commented: bool = False) -> Iterator[str]:
    """The lines of one section and of those inside it; a key with a default stands as a comment."""
    if header:
        yield ""
        yield from _words(kind)
        yield _line(f"[{header}]", commented)
    inner = {}
    for name, wanted in settings_of(kind).items():
        if section_in(wanted):
            inner[name] = section_in(wanted)
        elif not _is_channels(wanted):
            yield _key(kind, name, wanted, commented)
    for name, wanted in inner.items():
        optional = not _is_required(kind, name) and _has_required_keys(wanted)
        yield from section(wanted, f"{header}.{name}".lstrip("."), commented or optional)


def channel(name: str, common: Any, settings: Any) -> Iterator[str]:
    """A channel of one kind, as a comment: its own keys, then those that every channel has."""
    yield ""
    yield from _words(settings)
    yield f"# [channels.{name}]"
    yield f'# kind = "{name}"'
    for part in (settings, common):
        for key, wanted in settings_of(part).items():
            if not section_in(wanted):
                yield _key(part, key, wanted, commented=True)
    for key, wanted in settings_of(settings).items():
        if inner := section_in(wanted):
            yield from section(inner, f"channels.{name}.{key}", commented=True)


def _words(kind: Any) -> Iterator[str]:
    """The docstring's first paragraph; a dataclass without one has its signature there."""
    paragraph = (getdoc(kind) or "").partition("\n\n")[0]
    if not paragraph.startswith(f"{kind.__name__}("):
        yield from (f"# {line}" for line in paragraph.splitlines())


def _key(kind: Any, name: str, wanted: Any, commented: bool) -> str:
    required = _is_required(kind, name)
    value = _toml(_shown(kind, name, wanted))
    setting = _line(f"{name} = {value}".rstrip(), commented or not required)
    return f"{setting:{KEY_WIDTH}}  # {expected(wanted)}{'; must be told' if required else ''}"


def _line(words: str, commented: bool) -> str:
    return f"# {words}" if commented else words


def _field(kind: Any, name: str) -> FieldInfo:
    return kind.__pydantic_fields__[name]


def _is_required(kind: Any, name: str) -> bool:
    return _field(kind, name).is_required()


def _has_required_keys(kind: Any) -> bool:
    return any(_is_required(kind, name) for name in settings_of(kind))


def _is_channels(wanted: Any) -> bool:
    """Channels differ by their kind; they are printed by `channel`."""
    return expected(wanted) == "a section for each channel"


def _shown(kind: Any, name: str, wanted: Any) -> Any:
    """The value to show: an example where there is one, else the default, else an empty one."""
    field = _field(kind, name)
    if field.examples:
        return field.examples[0]
    if field.is_required():
        return [] if expected(wanted).startswith("a list") else ""
    return field.get_default(call_default_factory=True)


def _toml(value: Any) -> str:
    match value:
        case None:
            return ""
        case SecretStr() | Path():
            return _toml("" if isinstance(value, SecretStr) else str(value))
        case Enum():
            return _toml(value.value)
        case list() | tuple() | set() | frozenset():
            return f"[{', '.join(_toml(item) for item in value)}]"
        case Mapping():
            pairs = (f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"
    if dataclasses.is_dataclass(value):
        return ""
    return json.dumps(value, ensure_ascii=False)
