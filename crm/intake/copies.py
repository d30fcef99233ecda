"""Copies: one mail that comes twice, to two boxes of ours or into two folders of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.channels.contract import Role
from crm.contacts.resolve import Resolved
from crm.conversations.message import Message
from crm.conversations.reference import message_key
from crm.conversations.subject import read_subject
from crm.intake.prepare import Prepared


class Bearers:
    """Which messages bear the Message-IDs that a batch brings.

    An id is no identity: some programs give one to all their mails.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stored: dict[str, list[Message]] = defaultdict(list)
        self._ids: set[str] = set()

    def look_up(self, batch: Sequence[Prepared], found: Sequence[tuple[str, int | None]]) -> None:
        """Read those of `found` (reference, message) that bear an id of the batch."""
        own = {message_key(one.incoming.message_id) for one in batch if one.incoming.message_id}
        numbers = [message for value, message in found if message and value in own]
        if not numbers:
            return
        for message in self._session.scalars(
            select(Message).where(Message.id.in_(numbers), Message.identity_id.is_not(None))
        ):
            self._stored[message_key(message.message_id)].append(message)
            self._ids.add(message_key(message.message_id))

    def learn(self, one: Prepared) -> None:
        """The rest of the batch shall know of this one, too."""
        if one.incoming.message_id and one.incoming.role is Role.CUSTOMER:
            self._ids.add(message_key(one.incoming.message_id))

    def original(self, one: Prepared, sender: Resolved) -> Message | None:
        """The same mail of the same sender under the same Message-ID."""
        for message in self._stored.get(message_key(one.incoming.message_id), ()):
            if message.identity_id == sender.identity_id and is_copy(one, message):
                return message
        return None

    def is_borne(self, one: Prepared) -> bool:
        """Whether a customer's mail that came before bears its id."""
        incoming = one.incoming
        if not incoming.message_id or incoming.role is not Role.CUSTOMER:
            return False
        return message_key(incoming.message_id) in self._ids


def is_copy(one: Prepared, message: Message) -> bool:
    """Whether a mail of the same sender and id is that message, only altered on its way.

    Lists add a footer and a tag to the subject; so one text holds the other and the date is the
    same. More may differ only in another mail, as some programs give every mail one id.
    """
    if (message.subject, message.text) == (one.subject, one.text):
        return True
    if read_subject(message.subject).base != read_subject(one.subject).base:
        return False
    ours, theirs = "".join(message.text.split()), "".join(one.text.split())
    dated = message.dated is not None and message.dated == one.incoming.dated
    return dated and bool(ours and theirs) and (ours in theirs or theirs in ours)
