"""What a message from outside does to its conversation: states change by rule."""

from __future__ import annotations

from datetime import datetime

from crm.conversations.conversation import Conversation, Status


def receive(conversation: Conversation, at: datetime, preview: str, *, first: datetime) -> bool:
    """A customer wrote: opens pending, snoozed (unless "regardless"), closed and binned ones.

    Somebody who waits already goes on waiting since then. What is older than `first` (when the
    channel was connected) makes nobody wait. Returns whether the conversation was opened by it.
    """
    if at >= conversation.last_message_at or not conversation.preview:
        conversation.preview = preview or conversation.preview
    if at < first or conversation.status == Status.SPAM:
        return False
    conversation.waiting_since = min(at, conversation.waiting_since or at)
    sleeps_on = conversation.status == Status.SNOOZED and not conversation.wake_on_reply
    if conversation.status == Status.OPEN or sleeps_on:
        return False
    conversation.status = Status.OPEN
    conversation.closed_at = conversation.snoozed_until = None
    return True


def answered_elsewhere(conversation: Conversation, at: datetime) -> None:
    """One of us answered at the source (another mail program, the forum itself)."""
    if conversation.waiting_since is not None and conversation.waiting_since <= at:
        conversation.waiting_since = None
