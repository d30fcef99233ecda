"""What agents wrote themselves, made searchable in the transaction that stores it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.conversations.message import Message
from crm.search import index


def index_written(session: Session, message: Message) -> None:
    """Index a reply or a note."""
    index.add(session, [_entry(message)])


def forget_written(session: Session, message: Message) -> None:
    """Take out a reply that was taken back or held: it is a draft again."""
    index.remove(session, [_entry(message)])


def _entry(message: Message) -> index.Entry:
    return index.entry(
        message.moment,
        message.subject,
        message.text,
        (message.sender_name, ""),
        message.recipients,
    )
