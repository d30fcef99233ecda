"""One kind of channel: what a connector must be able to do, and what it may."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Event
from typing import Any, ClassVar, Protocol, runtime_checkable

from crm.channels.contract.incoming import Batch, Cursor
from crm.channels.contract.outgoing import CannotTell, Limits, NotThere, Outgoing, Receipt


class Family(StrEnum):
    """Which sign a channel wears on the page."""

    EMAIL = "email"
    POST = "post"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True)
class Site:
    """Who we are: told to every connector. `company` has the keys of FACTS, plus phone and email."""

    name: str
    language: str = "en"
    country: str = "DE"
    time_zone: str = "UTC"
    company: Mapping[str, str] = field(default_factory=dict)
    version: str = ""


@runtime_checkable
class Connector(Protocol):
    """One kind of channel, found by the entry point group `postkorb.connectors`.

    `Settings` is a pydantic dataclass; an instance is made with `Kind(settings, site)`, which
    must neither connect nor read anything yet.
    """

    Settings: ClassVar[type[Any]]
    family: ClassVar[Family]

    def who_am_i(self) -> str:
        """The remote account this channel reads; a cursor belongs to it. Raises ChannelError."""
        ...

    def check(self) -> None:
        """Connect and sign in, both ways, and change nothing. Raises ChannelError."""
        ...

    def pull(self, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """Everything new after the cursor; without one, everything received from `since` on.

        Batches are bounded (100 messages, 8 MB). Raises ChannelError; one bad message is no error
        but an Incoming with flags.
        """
        ...

    def send(self, outgoing: Outgoing) -> Receipt:
        """Deliver it once. Raises Temporary only where it surely was not taken, and Rejected.

        Any other exception means that it may have gone.
        """
        ...

    def find_sent(self, key: str, since: datetime) -> Receipt | NotThere | CannotTell:
        """Whether the message with this key arrived; asked after a crash."""
        ...

    def limits(self) -> Limits:
        """What can be sent this way; asks nobody."""
        ...


@runtime_checkable
class Watches(Protocol):
    """A connector that is told at once of what is new (IMAP IDLE); the others are asked by the clock."""

    def watch(self, news: Callable[[], None], stop: Event) -> None:
        """Call `news` whenever there may be something to pull, until `stop` is set.

        Raises ChannelError where it cannot watch; returns at once where the other side has no way
        to tell, or none is wanted.
        """
        ...


class Vault(Protocol):
    """What a program alone knows and must write: tokens that change with each use."""

    def read(self, name: str) -> str:
        """What was kept under the name; "" for nothing."""
        ...

    def keep(self, name: str, value: str) -> None:
        """Keep it, on the disk when this returns."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else changes anything of this channel meanwhile; waits for whoever does."""
        ...


@runtime_checkable
class KeepsSecrets(Protocol):
    """A connector that needs a vault; it is given one before anything else is asked of it."""

    def trust_with(self, vault: Vault) -> None: ...
