"""Who takes part in a conversation: the identities that wrote in it or were written to."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base
from crm.contacts.identity import Identity
from crm.conversations.conversation import Conversation

AUTHOR = "author"
FORWARDED_TO = "forwarded"
"""The role of who was brought in by a message that was passed on to them."""

NEWCOMER = "newcomer"
"""The role of who came in by naming a mail of the conversation, and nothing else."""


class Participant(Base):
    """`role` is AUTHOR, FORWARDED_TO or NEWCOMER."""

    __tablename__ = "participant"

    identity_id: Mapped[int] = mapped_column(ForeignKey(Identity.id), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey(Conversation.id), primary_key=True)
    role: Mapped[str] = mapped_column(String(10), default=AUTHOR)

    __table_args__ = (Index("ix_participant_conversation", "conversation_id", "identity_id"),)
