"""A source of messages in memory, to put any batch before the intake and see what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from crm.base import now
from crm.channels.contract import (
    Batch,
    CannotTell,
    Cursor,
    Family,
    Incoming,
    Limits,
    NotThere,
    Outgoing,
    Receipt,
)


@dataclass
class Source:
    """Delivers `batches` once each; keeps what is sent, or raises `refusal`."""

    Settings = object
    family = Family.EMAIL
    account: str = "support@lindenrad.example"
    addresses: tuple[str, ...] = ()
    batches: list[Batch] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)
    refusal: BaseException | None = None
    found: Receipt | NotThere | CannotTell = field(default_factory=CannotTell)
    pulled: list[Cursor | None] = field(default_factory=list)

    def brings(self, *messages: Incoming, cursor: int = 0, renumbered: bool = False) -> None:
        self.batches.append(Batch(messages, {"n": cursor or len(self.batches) + 1}, renumbered))

    def who_am_i(self) -> str:
        return self.account

    def check(self) -> None:
        """Nothing to connect to."""

    def pull(self, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        self.pulled.append(cursor)
        while self.batches:
            yield self.batches.pop(0)

    def send(self, outgoing: Outgoing) -> Receipt:
        if self.refusal is not None:
            raise self.refusal
        self.sent.append(outgoing)
        return Receipt(at=now(), words="250 taken")

    def find_sent(self, key: str, since: datetime) -> Receipt | NotThere | CannotTell:
        return self.found

    def limits(self) -> Limits:
        return Limits(
            can_send=True,
            files=None,
            address=self.account,
            addresses=self.addresses or (self.account,),
            copies=True,
        )
