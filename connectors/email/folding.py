"""The quoted history inside an HTML mail, folded away where it stands; nothing is taken out."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.email.introductions import LONG_RULE
from connectors.email.markers import has_hint, may_hold_containers
from connectors.email.plain import Page, children, is_tangled, walk
from connectors.email.quotes import Kind, kinds_of

LONGEST = 1_000_000
DEEPEST = 190
"""Characters and nesting beyond which a mail is left as it came; `crm` shows no HTML beyond them."""

_OPENING = "<details><summary>···</summary>"
_CLOSING = "</details>"
_BEGINS, _ENDS = "\ue0f0begins\ue0f1", "\ue0f0ends\ue0f1"
_DASHES = ("--", "–", "—", "―", "__", "- -")
_ROWS = frozenset(["table", "tbody", "thead", "tfoot", "tr", "ul", "ol", "dl", "select", "details"])
"""Elements that may hold nothing but their own kind: what is old in them is folded deeper down."""

_QUOTED, _NEW = 1, 2


def fold(html: str, subject: str = "", is_likely: bool = False) -> str:
    """Wrap the history of an HTML mail into <details>; the same HTML where there is none.

    Decides as `quotes.separate` does for a text, of the same lines: answers between the quotations
    stay visible, a mail that is passed on stays, and where nothing new would remain all of it does.
    A signature behind "-- " is folded, too. `is_likely`: its text is known to hold history; else
    only HTML with the marks of some program is looked at. Linear in its length, never raises.
    """
    if not is_likely and not has_hint(html):
        return html
    if len(html) > LONGEST or _BEGINS[0] in html or is_tangled(html, DEEPEST):
        return html
    parsed = LexborHTMLParser(html)
    body = parsed.body
    if body is None:
        return html
    page = _TracedPage(may_hold_containers(html))
    page.read(body)
    leaves = page.leaves(subject)
    if _QUOTED not in leaves.values():
        return html
    for first, last in list(_runs(body, _states(body, leaves))):
        first.insert_before(_BEGINS)
        last.insert_after(_ENDS)
    folded = (parsed.html or html).replace(_BEGINS, _OPENING).replace(_ENDS, _CLOSING)
    return folded if len(folded) <= LONGEST else html


class _TracedPage(Page):
    """A page that knows of each line which texts, pictures and rules it was made of."""

    def __init__(self, has_containers: bool) -> None:
        super().__init__(has_containers)
        self.sources: list[list[int]] = []
        self.pending: list[int] = []
        self.answers: list[int] = []
        self.last_words = ""
        self.spanning: int | None = None

    def write(self, text: str) -> None:
        if text.isspace():
            super().write(text)
            return
        # A preformatted text may make several lines.
        self.spanning = self.node.mem_id
        super().write(text)
        self.spanning = None
        if self.line.strip():
            self.pending.append(self.node.mem_id)

    def open(self, tag: str) -> None:
        super().open(tag)
        if tag == "img":
            self.pictured()

    def pictured(self) -> None:
        """A picture belongs to the words before it; between quotations it is an answer."""
        if self.pending or not self.sources:
            self.pending.append(self.node.mem_id)
        elif not self.quoting and self.last_words.startswith(">"):
            self.answers.append(self.node.mem_id)
        else:
            self.sources[-1].append(self.node.mem_id)

    def put(self, line: str) -> None:
        super().put(line)
        self.last_words = self.lines[-1] if line.strip() else self.last_words
        if line == LONG_RULE:
            self.pending.append(self.node.mem_id)
        if self.spanning is not None:
            self.pending.append(self.spanning)
        self.sources.append(self.pending)
        self.pending = []

    def leaves(self, subject: str) -> dict[int, int]:
        """Each text, picture and rule: whether it is old, new or (lines of a text) both."""
        kinds, _ = kinds_of(self.lines, subject)
        found = dict.fromkeys(self.answers, _NEW)
        is_signed = False
        for at, (line, kind) in enumerate(zip(self.lines, kinds, strict=True)):
            begins = kind is Kind.SIGNATURE and (at == 0 or kinds[at - 1] is not Kind.SIGNATURE)
            is_signed = line.startswith(_DASHES) if begins else is_signed
            is_old = kind is Kind.QUOTED or (kind is Kind.SIGNATURE and is_signed)
            for leaf in self.sources[at]:
                found[leaf] = found.get(leaf, 0) | (_QUOTED if is_old else _NEW)
        return found


def _states(body: LexborNode, leaves: dict[int, int]) -> dict[int, int]:
    """What each element holds: nothing, old, new or (both bits) both."""
    states: dict[int, int] = {}
    above: list[int] = []
    for node, opens in walk(body):
        key = node.mem_id
        if opens:
            states[key] = leaves.get(key, 0)
        if opens and node.tag != "-text":
            above.append(key)
            continue
        if not opens:
            above.pop()
        if above:
            states[above[-1]] |= states[key]
    return states


def _runs(body: LexborNode, states: dict[int, int]) -> Iterator[tuple[LexborNode, LexborNode]]:
    """First and last of the neighbours that hold nothing but what is old."""
    pending = [body]
    while pending:
        node = pending.pop()
        may_hold = node.tag not in _ROWS
        first = last = None
        for child in children(node):
            state = states.get(child.mem_id, 0)
            if state == _QUOTED and may_hold:
                first, last = first or child, child
                continue
            if state == 0:
                continue
            if first is not None and last is not None:
                yield first, last
                first = last = None
            if child.tag != "-text":
                pending.append(child)
        if first is not None and last is not None:
            yield first, last
