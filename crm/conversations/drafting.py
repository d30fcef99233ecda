"""Drafts: what an agent has written and not sent, kept while it is typed and on every device."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    delete,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm.base import Base, now, primary_key
from crm.channels.channel import Channel
from crm.channels.contract import File
from crm.contacts.identity import Identity
from crm.conversations.blob import Blob, BlobWriter, keep
from crm.conversations.conversation import Conversation
from crm.conversations.message import Message
from crm.staff.agent import Agent


class Draft(Base):
    """One per conversation, agent and kind ("reply", "forward" or "note").

    recipients        who else it goes to, as in Message.recipients; of a forward all of them
    from_address      which address of ours it leaves from; "" for the one written to
    forwards_id       the message that it passes on, instead of answering
    seen_message_id   the newest message when the agent began; for a held one, what they had seen
    held_at           the reply was overtaken and came back as this draft
    """

    __tablename__ = "draft"

    conversation_id: Mapped[int] = mapped_column(ForeignKey(Conversation.id), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey(Agent.id), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey(Channel.id))
    to_identity_id: Mapped[int | None] = mapped_column(ForeignKey(Identity.id))
    body: Mapped[str] = mapped_column(Text, default="")
    recipients: Mapped[list[Any]] = mapped_column(default=list)
    from_address: Mapped[str] = mapped_column(String(320), default="")
    forwards_id: Mapped[int | None] = mapped_column(ForeignKey(Message.id))
    seen_message_id: Mapped[int | None]
    held_at: Mapped[datetime | None]
    saved_at: Mapped[datetime]


class DraftFile(Base):
    """A file that goes along when the reply is sent; it leaves with its draft."""

    __tablename__ = "draft_file"

    id: Mapped[int] = primary_key()
    conversation_id: Mapped[int]
    agent_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10), default="reply")
    sha256: Mapped[str] = mapped_column(ForeignKey(Blob.sha256))
    name: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "agent_id", "kind"],
            [Draft.conversation_id, Draft.agent_id, Draft.kind],
            ondelete="CASCADE",
        ),
        Index("ix_draft_file_draft", "conversation_id", "agent_id"),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """A file whose bytes are among the blobs."""

    sha256: str
    name: str
    type: str
    size: int


def save(
    session: Session,
    conversation_id: int,
    agent_id: int,
    kind: str,
    body: str,
    *,
    channel_id: int | None = None,
    to_identity_id: int | None = None,
    seen_message_id: int | None = None,
    recipients: list[dict[str, str]] | None = None,
    from_address: str | None = None,
    forwards_id: int | None = None,
) -> Draft | None:
    """Keep the text, and what else is told; without text, files and recipients it is no draft.

    What passes a message on is one without words, too.
    """
    draft = session.get(Draft, (conversation_id, agent_id, kind))
    passes_on = forwards_id or (draft and draft.forwards_id)
    enclosed = files_of_draft(session, conversation_id, agent_id, kind)
    if not (body.strip() or enclosed or passes_on or recipients):
        discard(session, conversation_id, agent_id, kind)
        return None
    if draft is None:
        draft = Draft(
            conversation_id=conversation_id,
            agent_id=agent_id,
            kind=kind,
            seen_message_id=seen_message_id,
            saved_at=now(),
        )
        session.add(draft)
    draft.body, draft.saved_at = body, now()
    draft.channel_id = channel_id if channel_id is not None else draft.channel_id
    draft.to_identity_id = to_identity_id if to_identity_id is not None else draft.to_identity_id
    draft.recipients = recipients if recipients is not None else draft.recipients or []
    draft.from_address = from_address if from_address is not None else draft.from_address or ""
    draft.forwards_id = forwards_id if forwards_id is not None else draft.forwards_id
    return draft


def discard(session: Session, conversation_id: int, agent_id: int, kind: str) -> None:
    """Throw the draft away, and its files with it."""
    draft = session.get(Draft, (conversation_id, agent_id, kind))
    if draft is not None:
        session.delete(draft)
        session.flush()


def files_of_draft(
    session: Session, conversation_id: int, agent_id: int, kind: str = "reply"
) -> list[DraftFile]:
    """The files that go along with an agent's reply, as they were added."""
    return list(
        session.scalars(
            select(DraftFile)
            .where(
                DraftFile.conversation_id == conversation_id,
                DraftFile.agent_id == agent_id,
                DraftFile.kind == kind,
            )
            .order_by(DraftFile.id)
        )
    )


def keep_files(session: Session, blobs: Path, files: Sequence[File]) -> list[Kept]:
    """Write the bytes of these files to the disk."""
    writer = BlobWriter(blobs)
    kept = [
        Kept(
            writer.write(file.content),
            " ".join(file.name.replace("\0", "").split())[:200],
            file.type[:200],
            len(file.content),
        )
        for file in files
    ]
    writer.sync()
    keep(session, {one.sha256: one.size for one in kept})
    return kept


def enclose(session: Session, draft: Draft, files: Iterable[Kept]) -> None:
    """Add files to a draft; one that it has already is not added again."""
    session.flush()
    there = files_of_draft(session, draft.conversation_id, draft.agent_id, draft.kind)
    known = {(file.sha256, file.name) for file in there}
    for file in files:
        if (file.sha256, file.name) not in known:
            known.add((file.sha256, file.name))
            session.add(
                DraftFile(
                    conversation_id=draft.conversation_id,
                    agent_id=draft.agent_id,
                    kind=draft.kind,
                    sha256=file.sha256,
                    name=file.name,
                    type=file.type,
                    size=file.size,
                )
            )
    session.flush()


def remove_file(session: Session, conversation_id: int, agent_id: int, file_id: int) -> None:
    """Let a file not go along; one that is not there changes nothing."""
    session.execute(
        delete(DraftFile).where(
            DraftFile.id == file_id,
            DraftFile.conversation_id == conversation_id,
            DraftFile.agent_id == agent_id,
        )
    )
