"""Passing on: what the composer shows of a message that is forwarded, and what its form says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from crm.channels.contract import Limits, Recipient
from crm.conversations.drafting import Draft, DraftFile, files_of_draft
from crm.conversations.message import Message
from crm.conversations.timeline import MessageItem, Thread
from crm.outgoing.forwarding import mailboxes
from crm.outgoing.recipients import from_rows, written_to
from inbox.addressing import Chip
from inbox.request import current_agent, ways


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One of our addresses, and the channel by which it leaves."""

    channel_id: int
    address: str

    @property
    def value(self) -> str:
        """As the form says it."""
        return f"{self.channel_id} {self.address}"


@dataclass(frozen=True, slots=True)
class PassingOn:
    """`item` is the message that is passed on; `files` what goes along."""

    draft: Draft
    item: MessageItem
    recipients: list[Recipient]
    files: list[DraftFile]
    mailboxes: Sequence[Mailbox]
    sender: str

    def named(self, way: str) -> list[Chip]:
        """Who is named already, by the way."""
        return [Chip(one) for one in self.recipients if one.way == way]


def passing_on(session: Session, thread: Thread, draft: Draft | None) -> PassingOn | None:
    """What stands in the composer's forward tab; None without one, or without a mailbox."""
    item = next(
        (one for one in thread.messages if draft and one.message.id == draft.forwards_id), None
    )
    offered = offers(session)
    if draft is None or item is None or not offered:
        return None
    chosen = next((one for one in offered if one.address == draft.from_address), None)
    return PassingOn(
        draft,
        item,
        list(from_rows(draft.recipients)),
        files_of_draft(session, draft.conversation_id, draft.agent_id, "forward"),
        offered,
        (chosen or usual(offered, item.message)).value,
    )


def offers(session: Session) -> list[Mailbox]:
    """Our addresses from which a message can be passed on."""
    return [
        Mailbox(channel.id, address)
        for channel in mailboxes(session)
        for limits in [ways().get(channel.id, Limits())]
        if limits.can_send and limits.copies
        for address in limits.addresses or (limits.address,)
    ]


def usual(offered: Sequence[Mailbox], message: Message) -> Mailbox:
    """The address that the message was written to, on its own channel; else the first."""
    own = [one for one in offered if one.channel_id == message.channel_id] or offered
    wanted = written_to(message.recipients, [one.address for one in own])
    return next((one for one in own if one.address == wanted), own[0])


def mailbox_of_form(offered: Sequence[Mailbox]) -> Mailbox | None:
    """The one that the form chose, where it is offered."""
    wanted = request.form.get("from-forward", "")
    return next((one for one in offered if one.value == wanted), None)


def waiting(session: Session, number: int) -> Draft | None:
    """What this agent is about to pass on out of a conversation."""
    return session.get(Draft, (number, current_agent().id, "forward"))
