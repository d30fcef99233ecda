"""Newcomers: who joins a conversation by naming its mails, and took no part in it before.

Whoever has seen a customer's mail knows its Message-ID. Their message is shown there, but an answer
goes to them only where an agent says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.channels.contract import Role
from crm.conversations.message import Message
from crm.conversations.threading import Candidate, Why
from crm.intake.rows import Placed


def may_be_newcomer(item: Placed, candidate: Candidate) -> bool:
    """Whether nothing but its references leads the message there; ask before it is learned."""
    if item.threading.why is not Why.REFERENCES or item.one.incoming.role is not Role.CUSTOMER:
        return False
    return item.sender.contact_id not in candidate.contacts


def tell_newcomers(session: Session, doubtful: Sequence[Placed]) -> None:
    """Mark those to whom no earlier message of the conversation went."""
    if not doubtful:
        return
    written_to: dict[int, set[str]] = defaultdict(set)
    numbers = {item.conversation.id for item in doubtful}
    for number, recipients in session.execute(
        select(Message.conversation_id, Message.recipients).where(
            Message.conversation_id.in_(numbers)
        )
    ):
        written_to[number] |= {one["value"].casefold() for one in recipients}
    for item in doubtful:
        address = item.one.incoming.sender.address
        known = written_to[item.conversation.id]
        item.is_newcomer = address is not None and address.value.casefold() not in known
