"""Composing: which ways out the composer offers, what it begins with, and what holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from crm.channels.contract import Family, Limits
from crm.contacts.card import Card
from crm.conversations.conversation import Conversation
from crm.conversations.drafting import Draft, DraftFile, files_of_draft
from crm.conversations.message import Message
from crm.conversations.reference import Seal
from crm.conversations.timeline import Thread
from crm.outgoing.hold import newer_than
from crm.outgoing.signature import expand, signature_of, values_for
from crm.outgoing.ways import WayOut, ways_out
from inbox.addressing import Addressing, addressing
from inbox.limits import in_short, in_words
from inbox.passing_on import PassingOn, passing_on
from inbox.request import current_agent, desk, ways


@dataclass(frozen=True, slots=True)
class Tab:
    """A way out: its limits in words are read before it is chosen.

    `addressing` is whom it goes to, where several can be written to; `signed`: a signature
    stands below what goes this way.
    """

    way: WayOut
    limits: Limits
    short: str
    words: str
    chosen: bool
    addressing: Addressing | None
    signed: bool


@dataclass(frozen=True, slots=True)
class Composer:
    """`files` go along with the reply, `newer` is what overtook a held one; `seen_message_id`
    the newest message that the page shows, `to` the identity that is answered by choice,
    `forwardable` the message that a key passes on."""

    tabs: list[Tab]
    reply: Draft | None
    note: Draft | None
    mode: str
    files: list[DraftFile]
    newer: list[Message]
    seen_message_id: int
    to: int | None
    forward: PassingOn | None
    forwardable: int | None
    signature: str

    @property
    def held(self) -> bool:
        """Whether the reply waits for a word of its writer."""
        return self.reply is not None and self.reply.held_at is not None


def composer(session: Session, thread: Thread) -> Composer:
    """What stands under the thread for the agent who asks."""
    number, agent = thread.conversation.id, current_agent().id
    reply = session.get(Draft, (number, agent, "reply"))
    note = session.get(Draft, (number, agent, "note"))
    forward = passing_on(session, thread, session.get(Draft, (number, agent, "forward")))
    to = request.args.get("to", type=int) or (reply.to_identity_id if reply else None)
    tabs = _tabs(ways_out(session, number, to), request.args.get("way", type=int), reply)
    return Composer(
        tabs=tabs,
        reply=reply,
        note=note,
        mode=_mode(tabs, forward),
        files=files_of_draft(session, number, agent),
        newer=_newer(session, reply),
        seen_message_id=max((item.message.id for item in thread.messages), default=0),
        to=to,
        forward=forward,
        forwardable=_forwardable(thread),
        signature=_signature(session, thread.conversation),
    )


def _mode(tabs: Sequence[Tab], forward: PassingOn | None) -> str:
    """ "reply", "note" or "forward": what was asked for, else what is possible."""
    asked = request.args.get("mode", "")
    if asked == "forward" and forward is not None:
        return asked
    return "note" if asked == "note" or not tabs else "reply"


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
            addressing(way, limits, reply) if limits.copies else None,
            way.family == Family.EMAIL,
        )
        for way, limits in able
    ]


def _forwardable(thread: Thread) -> int | None:
    """The newest message from outside that can be passed on; ours where there is none."""
    able = [
        item.message
        for item in thread.messages
        if item.message.direction != "note" and item.message.withheld_at is None
    ]
    able.sort(key=lambda message: (message.direction == "incoming", message.id))
    return able[-1].id if able else None


def _signature(session: Session, conversation: Conversation) -> str:
    """What stands below a mail of this agent, as it will leave."""
    agent = current_agent()
    values = values_for(
        agent.name,
        desk().company,
        reference=Seal(desk().secret).reference(conversation.id),
        customer=session.get_one(Card, conversation.card_id).name,
    )
    return expand(signature_of(agent.signature, desk().signature), values)
