"""What is wrong with a configuration, said with the key's path, what was expected, what was found."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

Location: TypeAlias = tuple[str | int, ...]

NAMES: dict[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    Path: "a path",
    SecretStr: 'a text, {env = "NAME"} or {file = "path"}',
}
SEVERAL: dict[Any, str] = {str: "texts", int: "numbers", float: "numbers", Path: "paths"}


@dataclass(frozen=True, slots=True)
class Expected:
    """Stands in a type's annotations where its name alone would not tell what is wanted."""

    words: str
    secret: bool = False


def complaints(
    error: ValidationError,
    kind: Any,
    data: Mapping[str, Any],
    at: Location = (),
    also: tuple[str, ...] = (),
) -> Iterator[str]:
    """A line for each thing that is wrong; `kind` validated `data`, which stands under `at`.

    `also` names keys that are read elsewhere and may have been meant by one nobody knows.
    The value of a secret is never told, nor that of a key nobody knows.
    """
    problems = error.errors(include_url=False)
    for problem in problems:
        location = _as_written(problem["loc"], data)
        path = ".".join(str(part) for part in (*at, *location))
        wanted = _at(kind, location)
        match problem["type"]:
            case "missing" | "missing_argument":
                yield f"{path}: missing; expected {expected(wanted)}"
            case "unexpected_keyword_argument" | "extra_forbidden":
                known = [*_keys(kind, location), *(also if len(location) == 1 else ())]
                yield f"{path}: unknown key; {nearest(str(location[-1]), known)}"
            case "default_factory_not_called":
                pass  # follows from another error, which is told
            case "too_short":
                # What an entry lacks is told; that it does not count follows from that.
                if not any(problem["loc"] == one["loc"][:-1] for one in problems):
                    yield f"{path}: empty; expected {expected(wanted)}"
            case "value_error":
                words = str(problem["ctx"]["error"])
                instead = found(problem["input"]) if words.startswith("expected ") else ""
                yield f"{path}: {words}{'' if is_secret(wanted) else instead}"
            case _:
                instead = "" if is_secret(wanted) else found(problem["input"])
                yield f"{path}: expected {expected(wanted)}{instead}"


def expected(kind: Any) -> str:
    """What a type asks for, in words."""
    kind, marks = _bare(kind)
    for mark in reversed(marks):
        if isinstance(mark, Expected):
            return mark.words
    if get_origin(kind) is Literal:
        return one_of(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return one_of(member.value for member in kind)
    if is_dataclass(kind):
        return "a section"
    if kind is int:
        return _range(marks)
    if kind in NAMES:
        return NAMES[kind]
    if _is_table(kind):
        return "a table"
    if not get_args(kind):
        return "a list"
    item, _ = _bare(get_args(kind)[0])
    return f"a list of {SEVERAL.get(item, 'values')}"


def one_of(choices: Any) -> str:
    """The choices in the words of a sentence: "de" or "en"."""
    words = [json.dumps(choice, ensure_ascii=False) for choice in choices]
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def nearest(word: str, known: list[str]) -> str:
    """The known word that was probably meant, or all of them."""
    match get_close_matches(word, known, n=1):
        case [close]:
            return f'did you mean "{close}"?'
    return f"known: {', '.join(sorted(known)) or 'none'}"


def found(value: Any) -> str:
    """What stood there instead, to end a sentence with; of sections and lists only that."""
    match value:
        case Mapping():
            return ", found a section"
        case list():
            return ", found a list"
    words = json.dumps(value, ensure_ascii=False, default=str)
    return f", found {words if len(words) <= 60 else words[:57] + '...'}"


def settings_of(kind: Any) -> dict[str, Any]:
    """The keys a section takes, each with its type as annotated."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: _annotated(kind, field.name, hints) for field in fields(kind) if field.init}


def is_secret(kind: Any) -> bool:
    """Whether its value must never be told."""
    kind, marks = _bare(kind)
    if any(isinstance(mark, Expected) and mark.secret for mark in marks):
        return True
    return kind is SecretStr or any(is_secret(part) for part in get_args(kind))


def section_in(kind: Any) -> Any:
    """The dataclass that a type stands for, also where it may be left out; else None."""
    kind, _ = _bare(kind)
    return kind if is_dataclass(kind) else None


def _annotated(kind: Any, name: str, hints: dict[str, Any]) -> Any:
    """The type with the bounds that stand in `= Field(ge=...)` beside it."""
    field: FieldInfo | None = getattr(kind, "__pydantic_fields__", {}).get(name)
    marks = tuple(field.metadata) if field else ()
    return Annotated[hints[name], *marks] if marks else hints[name]


def _bare(kind: Any) -> tuple[Any, list[Any]]:
    """A type without its annotations and without "or None", and those annotations."""
    marks: list[Any] = []
    while True:
        if get_origin(kind) is Annotated:
            kind, *more = get_args(kind)
            marks += more
            continue
        choices = [choice for choice in get_args(kind) if choice is not types.NoneType]
        if get_origin(kind) in (Union, types.UnionType) and len(choices) == 1:
            [kind] = choices
            continue
        return kind, marks


def _range(marks: list[Any]) -> str:
    bounds = {
        name: getattr(part, name)
        for mark in marks
        for part in (mark, *getattr(mark, "metadata", ()))
        for name in ("ge", "le")
        if hasattr(part, name)
    }
    match bounds:
        case {"ge": low, "le": high}:
            return f"a number from {low} to {high}"
        case {"ge": low}:
            return f"a number from {low}"
        case {"le": high}:
            return f"a number up to {high}"
    return NAMES[int]


def _is_table(kind: Any) -> bool:
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _as_written(location: Location, data: Any) -> Location:
    """Only what stands in the file: pydantic adds the names of a union's types."""
    written: list[str | int] = []
    for part in location:
        if isinstance(data, Mapping):
            written.append(part)
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            written.append(part)
            data = data[part]
        else:
            break
    return tuple(written)


def _at(kind: Any, location: Location) -> Any:
    """The type that is wanted at a place; Any where the types do not say."""
    for part in location:
        kind, _ = _bare(kind)
        if is_dataclass(kind):
            kind = settings_of(kind).get(str(part), Any)
        else:
            kind = (get_args(kind) or (Any,))[-1 if _is_table(kind) else 0]
    return kind


def _keys(kind: Any, location: Location) -> list[str]:
    section, _ = _bare(_at(kind, location[:-1]))
    return list(settings_of(section))
