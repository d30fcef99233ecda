"""Pictures within a text: what its HTML does not show stays a file of its own, and is listed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from urllib.parse import unquote

from crm.channels.contract import File, FileUse
from crm.conversations.attachment import MOST_SHOWN_BYTES, SHOWN_TYPES

_SOURCE = re.compile(r' src="cid:([^"]*)"')


def listed_unless_shown(files: Sequence[File], html: str) -> tuple[File, ...]:
    """The files with those inline that sanitised HTML really shows; whoever delivered them.

    A letter in PDF that a comment mentions, a picture that no browser knows, is damaged, shares
    its id with another or is too large for the page would be seen by nobody.
    """
    there = Counter(file.cid for file in files)
    shown = {unquote(unescape(cid)) for cid in _SOURCE.findall(html)}
    left = MOST_SHOWN_BYTES
    told = []
    for file in files:
        if file.use is FileUse.INLINE:
            is_shown = file.cid in shown and there[file.cid] == 1 and _is_picture(file)
            if is_shown and len(file.content) <= left:
                left -= len(file.content)
            else:
                file = replace(file, use=FileUse.ATTACHED)
        told.append(file)
    return tuple(told)


def _is_picture(file: File) -> bool:
    return file.type in SHOWN_TYPES and not file.damaged
