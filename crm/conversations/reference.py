"""References: what says to which conversation a message belongs.

`[PK-1042-K7]` is for people: its check characters find misreadings and prove nothing. The signed
reply address `support+1042.<16 characters>@` is proof. Message-IDs and topics are for machines.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from dataclasses import dataclass

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message

ALPHABET = "ACDEFGHJKMNPQRTUVWXYZ234679"
"""For check characters: nothing that a reader or a scanner mistakes (no 0O 1IL 5S 8B)."""

LONGEST = 200

_OURS = re.compile(
    r"(?<![A-Za-z0-9])PK\s?[-\u2010-\u2015]\s?(\d{1,12})(?:[-\u2010-\u2015]([A-Za-z0-9]{2})(?![A-Za-z0-9]))?",
    re.I,
)
_SIGNED = re.compile(r"\+(\d{1,12})\.([a-z2-7]{16})@", re.I)


class Reference(Base):
    """A Message-ID or topic that a conversation bore (`message_id` set) or merely mentioned."""

    __tablename__ = "reference"

    value: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey(Conversation.id), primary_key=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey(Message.id))

    __table_args__ = (Index("ix_reference_conversation_id", "conversation_id"),)


@dataclass(frozen=True, slots=True)
class Quoted:
    """Our reference as somebody quoted it. `checks`: True right, False wrong, None left out."""

    number: int
    checks: bool | None


class Seal:
    """Makes and proves references with the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def reference(self, number: int) -> str:
        """`[PK-1042-K7]` for conversation 1042."""
        return f"[PK-{number}-{self._check(number)}]"

    def quoted(self, text: str) -> list[Quoted]:
        """Our references in a text, in order, each once."""
        found: dict[int, Quoted] = {}
        for match in _OURS.finditer(text[:100_000]):
            number, check = int(match[1]), match[2]
            right = None if check is None else check.upper() == self._check(number)
            found.setdefault(number, Quoted(number, right))
        return list(found.values())

    def reply_address(self, address: str, number: int, channel_id: int) -> str:
        """The address that proves by its signature which conversation is answered."""
        local, _, host = address.rpartition("@")
        return f"{local}+{number}.{self._signature(number, channel_id)}@{host}"

    def answered(self, address: str, channel_id: int) -> int | None:
        """The conversation that this recipient address proves, or None."""
        match = _SIGNED.search(address)
        if match is None:
            return None
        number = int(match[1])
        signature = self._signature(number, channel_id)
        return number if hmac.compare_digest(match[2].lower(), signature) else None

    def _check(self, number: int) -> str:
        digest = self._digest(f"reference:{number}")
        return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:2])

    def _signature(self, number: int, channel_id: int) -> str:
        digest = self._digest(f"reply:{number}:{channel_id}")
        return b32encode(digest)[:16].decode().lower()

    def _digest(self, text: str) -> bytes:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).digest()


def message_key(message_id: str) -> str:
    """A Message-ID as it stands in the table; a very long one by its hash."""
    return short(message_id.strip().strip("<>").strip())


def topic_key(channel_id: int, thread: str) -> str:
    """The key of a remote thread of a channel."""
    return short(f"topic:{channel_id}:{thread}")


def short(value: str) -> str:
    """A key as the table takes it: one over `LONGEST` bytes by its hash."""
    if len(value.encode()) <= LONGEST:
        return value
    return "sha256:" + hashlib.sha256(value.encode()).hexdigest()
