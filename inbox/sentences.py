"""The connectors' fixed sentences: translated when shown, and found for the catalogue."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import IO, Any

from flask_babel import gettext

ERRORS = {"ChannelError", "Temporary", "Misconfigured", "Rejected"}
SUMMARY, REMEDY = 0, 2


def sentence(text: str) -> str:
    """A connector's summary or remedy in the page's language; as it is where nobody knows it."""
    return str(gettext(text)) if text else ""


def extract(
    fileobj: IO[bytes], _keywords: Any, _comments: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """What `pybabel extract` finds in a connector: summaries and remedies of its errors."""
    tree = ast.parse(fileobj.read())
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ERRORS:
            for argument in _shown(call):
                for text in _texts(argument, constants):
                    yield call.lineno, "gettext", text, []


def _shown(call: ast.Call) -> Iterator[ast.expr]:
    for position in (SUMMARY, REMEDY):
        yield from call.args[position : position + 1]
    for keyword in call.keywords:
        if keyword.arg in {"summary", "remedy"}:
            yield keyword.value


def _texts(argument: ast.expr, constants: Mapping[str, ast.expr]) -> Iterator[str]:
    """The sentences an argument may be: written there, named, or one of two."""
    match argument:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.Name(id=name) if name in constants:
            yield from _texts(constants[name], constants)
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one, constants)
            yield from _texts(other, constants)
