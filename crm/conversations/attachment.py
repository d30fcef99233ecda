"""An attachment: a file of a message."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import Base, primary_key
from crm.conversations.blob import Blob
from crm.conversations.message import Message

SHOWN_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""The types of pictures that every browser shows."""

MOST_SHOWN_BYTES = 8_000_000
"""Of all the pictures that one message shows within its text."""


class Attachment(Base):
    """`use` is contract.FileUse: attached, inline (by `cid`), or the picture of a page.

    `damaged`: its encoding could not be undone.
    """

    __tablename__ = "attachment"

    id: Mapped[int] = primary_key()
    message_id: Mapped[int] = mapped_column(ForeignKey(Message.id), index=True)
    sha256: Mapped[str] = mapped_column(ForeignKey(Blob.sha256))
    name: Mapped[str] = mapped_column(Text, default="")
    type: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    use: Mapped[str] = mapped_column(String(10))
    cid: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int]
    damaged: Mapped[bool] = mapped_column(default=False)
