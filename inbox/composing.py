"""Composing: which ways out the composer offers, what it begins with, and what holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from crm.channels.contract import Limits
from crm.conversations.drafting import Draft, DraftFile, files_of_draft
from crm.conversations.message import Message
from crm.conversations.timeline import Thread
from crm.outgoing.hold import newer_than
from crm.outgoing.ways import WayOut, ways_out
from inbox.limits import in_short, in_words
from inbox.request import current_agent, ways


@dataclass(frozen=True, slots=True)
class Tab:
    """A way out: its limits in words are read before it is chosen."""

    way: WayOut
    limits: Limits
    short: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Composer:
    """`files` go along with the reply, `newer` is what overtook a held one; `seen_message_id`
    the newest message that the page shows."""

    tabs: list[Tab]
    reply: Draft | None
    note: Draft | None
    noting: bool
    files: list[DraftFile]
    newer: list[Message]
    seen_message_id: int

    @property
    def held(self) -> bool:
        """Whether the reply waits for a word of its writer."""
        return self.reply is not None and self.reply.held_at is not None


def composer(session: Session, thread: Thread) -> Composer:
    """What stands under the thread for the agent who asks."""
    number, agent = thread.conversation.id, current_agent().id
    reply = session.get(Draft, (number, agent, "reply"))
    note = session.get(Draft, (number, agent, "note"))
    tabs = _tabs(ways_out(session, number), request.args.get("way", type=int), reply)
    return Composer(
        tabs=tabs,
        reply=reply,
        note=note,
        noting=request.args.get("mode") == "note" or not tabs,
        files=files_of_draft(session, number, agent),
        newer=_newer(session, reply),
        seen_message_id=max((item.message.id for item in thread.messages), default=0),
    )


def _newer(session: Session, reply: Draft | None) -> list[Message]:
    """What overtook a held reply: since the message that its writer had seen."""
    if reply is None or reply.held_at is None:
        return []
    return newer_than(session, reply.conversation_id, reply.seen_message_id)


def _tabs(found: Sequence[WayOut], wanted: int | None, reply: Draft | None) -> list[Tab]:
    """The ways that can carry a reply; chosen is the wanted one, else the draft's, else the last used."""
    able = [(way, ways().get(way.channel_id, Limits())) for way in found]
    able = [(way, limits) for way, limits in able if limits.can_send]
    offered = {way.channel_id for way, _ in able}
    preferred = [wanted, reply.channel_id if reply else None, *(way.channel_id for way, _ in able)]
    chosen = next((channel for channel in preferred if channel in offered), None)
    return [
        Tab(
            way,
            limits,
            in_short(limits, way.visibility),
            in_words(limits, way.visibility),
            way.channel_id == chosen,
        )
        for way, limits in able
    ]
