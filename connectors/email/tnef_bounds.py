"""How much work a winmail.dat makes, counted before it is opened ([MS-OXTNEF], 2.1.3).

The library believes every count that stands in the file: 34 bytes keep it busy for an hour, 42 bytes
fill the memory, and mails within each other are copied once for each depth.
"""

from __future__ import annotations

from struct import Struct, error

MOST_OBJECTS = 1_000
MOST_VALUES = 20_000
DEEPEST = 3
"""Mails within each other; real ones have one."""

_HEAD = 6
_OBJECT = Struct("<BHHI")
_SHORT, _LONG = Struct("<H"), Struct("<I")
_LEAST_OBJECT = 12
_OBJECT_ENDS = 2
_PROPERTIES, _RECIPIENTS, _ATTACHMENT = 0x9003, 0x9004, 0x9005

_MULTIPLE = 0x1000
_NAMED = 0x8000
_DATA_OBJECT = 0x3701
_EMBEDDED = bytes.fromhex("0703020000000000c000000000000046")
_FIXED = {2: 2, 11: 2, 3: 4, 4: 4, 10: 4, 5: 8, 6: 8, 7: 8, 20: 8, 64: 8, 72: 16}
_VARIABLE = frozenset({0, 13, 30, 31, 258})


class Excessive(Exception):
    """It says that it holds more than any mail does."""


def is_bounded(content: bytes) -> bool:
    """Whether its objects, their values and the mails within each other are within reason."""
    try:
        _Count().mail(content, 0)
    except Excessive:
        return False
    return True


class _Count:
    """What has been counted of one winmail.dat, and of all within it."""

    def __init__(self) -> None:
        self.objects = self.values = 0

    def mail(self, content: bytes, depth: int) -> None:
        """Raises Excessive."""
        if depth > DEEPEST:
            raise Excessive
        at = _HEAD
        while at + _LEAST_OBJECT < len(content):
            self.objects += 1
            if self.objects > MOST_OBJECTS:
                raise Excessive
            _, name, _, size = _OBJECT.unpack_from(content, at)
            ends = min(len(content), at + _OBJECT.size + size + _OBJECT_ENDS)
            if name in (_PROPERTIES, _RECIPIENTS, _ATTACHMENT):
                inside = content[at + _OBJECT.size : ends - _OBJECT_ENDS]
                self._rows(inside, depth, is_table=name == _RECIPIENTS)
            at = ends

    def _rows(self, content: bytes, depth: int, *, is_table: bool) -> None:
        """The properties of the mail or of a file, or those of each recipient."""
        at, rows = 0, 1
        try:
            if is_table:
                rows, at = _LONG.unpack_from(content)[0], _LONG.size
                self._add(rows)
            for _ in range(rows):
                at = self._properties(content, at, depth)
        except error:
            # Here the library stops as well.
            return

    def _properties(self, content: bytes, at: int, depth: int) -> int:
        count, at = _LONG.unpack_from(content, at)[0], at + _LONG.size
        self._add(count + 1)
        for _ in range(count):
            kind, name = _SHORT.unpack_from(content, at)[0], _SHORT.unpack_from(content, at + 2)[0]
            at = _behind_name(content, at + 4, name)
            several = 0
            if kind & _MULTIPLE:
                several, at = _LONG.unpack_from(content, at)[0], at + _LONG.size
                self._add(several)
            kind &= ~_MULTIPLE
            for _ in range(several or 1):
                value, at = self._value(content, at, kind, is_single=not several)
                if name == _DATA_OBJECT and value.startswith(_EMBEDDED):
                    self.mail(value[len(_EMBEDDED) :], depth + 1)
            if (several or 1) % 2 and _FIXED.get(kind) == _SHORT.size:
                at += _SHORT.size
        return at

    def _value(self, content: bytes, at: int, kind: int, *, is_single: bool) -> tuple[bytes, int]:
        """What it holds, as far as mails can be within it, and where it ends."""
        if kind in _FIXED:
            return b"", at + _FIXED[kind]
        if kind not in _VARIABLE:
            raise error
        pieces, count = [], 1
        if is_single:
            count, at = _LONG.unpack_from(content, at)[0], at + _LONG.size
            self._add(count)
        for _ in range(count):
            size, at = _LONG.unpack_from(content, at)[0], at + _LONG.size
            size += -size % 4
            pieces.append(content[at : at + size].rstrip(b"\0"))
            at += size
        return b"".join(pieces), at

    def _add(self, count: int) -> None:
        self.values += count
        if self.values > MOST_VALUES:
            raise Excessive


def _behind_name(content: bytes, at: int, name: int) -> int:
    """A property may bear a name of its own: a GUID, and a number or a text ([MS-OXTNEF], 2.1.3.4)."""
    if name < _NAMED:
        return at
    is_text, at = _LONG.unpack_from(content, at + 16)[0], at + 20
    if not is_text:
        return at + 4
    size = _LONG.unpack_from(content, at)[0]
    return int(at + 4 + size + -size % 4)
