"""Storing a batch: contacts, conversations, messages, events and search rows in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.channels.contract import Batch, Role, Sort
from crm.contacts.resolve import Resolved
from crm.conversations.conversation import Conversation, Status
from crm.conversations.moments import give_moments
from crm.conversations.placing import put_in_place
from crm.conversations.receiving import answered_elsewhere, receive
from crm.conversations.reference import Seal
from crm.conversations.subject import read_subject
from crm.conversations.threading import Candidate, Threading
from crm.database import Turn, take_turn
from crm.desk import Desk
from crm.intake.answering import name_answer_addresses
from crm.intake.bounced import mark_bounced
from crm.intake.known import settle_known
from crm.intake.looping import Loops, turned
from crm.intake.newcomers import may_be_newcomer, tell_newcomers
from crm.intake.placing import Finder
from crm.intake.prepare import Prepared
from crm.intake.rows import (
    Placed,
    add_to_index,
    insert_events,
    insert_files,
    insert_messages,
    insert_references,
)
from crm.intake.senders import NOBODY, author_of, senders_of


def store(
    session: Session, desk: Desk, channel: Channel, batch: Batch, prepared: Sequence[Prepared]
) -> int:
    """Store what is new of a batch and move the cursor; returns how many messages were new.

    Batches of all channels are stored one at a time: two that bring the same new address or the
    same mail make one card and one conversation of it.
    """
    take_turn(session, Turn.INTAKE)
    fresh = settle_known(session, channel, prepared, renumbered=batch.renumbered)
    if fresh:
        senders = senders_of(session, desk, channel, fresh)
        placed = _place(session, desk, channel, fresh, senders)
        tell_newcomers(session, [item for item in placed if item.is_newcomer])
        name_answer_addresses(session, placed, desk.country)
        insert_messages(session, channel, placed)
        insert_files(session, placed)
        insert_references(session, channel, placed)
        insert_events(session, placed)
        _settle(session, placed)
        add_to_index(session, placed)
    channel.cursor = dict(batch.cursor)
    return len(fresh)


def _place(
    session: Session,
    desk: Desk,
    channel: Channel,
    fresh: Sequence[Prepared],
    senders: Sequence[Resolved],
) -> list[Placed]:
    """Each message in its conversation, whose state it has changed; conversations are written."""
    finder = Finder(
        session, channel, Seal(desk.secret), timedelta(days=desk.new_conversation_after_days)
    )
    finder.look_up(fresh)
    loops = Loops(session, channel)
    loops.look_up(fresh, senders)
    placed = []
    for one, sender in zip(fresh, senders, strict=True):
        threading = finder.decide(one, sender)
        turn = None if threading.copy_of else loops.turn_of(one, sender, threading.joins)
        if turn is not None:
            one, threading = turned(one), finder.keep_in(turn.place, threading)
        if threading.joins is None and sender is NOBODY:
            sender = author_of(session, desk, channel, one)
        candidate = threading.joins or _begin(channel, one, sender, threading)
        item = Placed(one, sender, candidate.conversation, threading)
        item.is_newcomer = may_be_newcomer(item, candidate)
        item.shares_id = finder.shares_id(one, threading)
        item.begins_loop = turn is not None and turn.is_first
        if threading.copy_of is None:
            item.opened = _move(candidate, channel, one, sender)
        finder.learn(candidate, one, sender.contact_id)
        loops.hear(one, sender, candidate)
        placed.append(item)
    _write_conversations(session, placed)
    moments = give_moments(session, [one.incoming.at for one in fresh])
    for item, moment in zip(placed, moments, strict=True):
        item.moment = moment
    return placed


def _begin(channel: Channel, one: Prepared, sender: Resolved, threading: Threading) -> Candidate:
    """A new conversation; it is open only when a customer waits since we are connected."""
    at = one.incoming.at
    waits = one.incoming.role is Role.CUSTOMER and one.counts and at >= channel.connected_at
    conversation = Conversation(
        card_id=sender.card_id,
        subject=one.subject,
        preview=one.preview,
        status=Status.OPEN if waits else Status.CLOSED,
        closed_at=None if waits else at,
        waiting_since=at if waits else None,
        last_message_at=at,
        last_channel_id=channel.id,
        created_at=at,
        message_count=0,
        wake_on_reply=True,
    )
    candidate = Candidate(conversation)
    if threading.follows is not None:
        threading.follows.follower = candidate
    return candidate


def _move(candidate: Candidate, channel: Channel, one: Prepared, sender: Resolved) -> bool:
    """What a message does to its conversation; returns whether it opened it.

    What one of us passed on to somebody else, in another mail program, answers nobody.
    """
    conversation, at, opened = candidate.conversation, one.incoming.at, False
    passed_on = read_subject(one.subject).is_forward and sender.contact_id not in candidate.contacts
    if one.counts and one.incoming.role is Role.CUSTOMER:
        opened = receive(conversation, at, one.preview, first=channel.connected_at)
    elif one.counts and not passed_on:
        answered_elsewhere(conversation, at)
    conversation.message_count += 1
    if at >= conversation.last_message_at:
        conversation.last_message_at, conversation.last_channel_id = at, channel.id
    if conversation.closed_at is not None and at < channel.connected_at:
        conversation.closed_at = max(conversation.closed_at, at)
    return opened


def _write_conversations(session: Session, placed: Sequence[Placed]) -> None:
    """New ones are given their numbers together, in the order of their first messages."""
    begun = [item for item in placed if item.threading.joins is None]
    session.add_all(item.conversation for item in begun)
    put_in_place(session, *dict.fromkeys(item.conversation for item in placed))
    for item in begun:
        if item.threading.follows is not None:
            item.conversation.follows_id = item.threading.follows.conversation.id


def _settle(session: Session, placed: Sequence[Placed]) -> None:
    """What can be said only of messages that have their numbers."""
    for item in placed:
        if item.waits:
            item.conversation.last_incoming_id = item.number
    session.flush()
    for item in placed:
        if item.one.incoming.sort is Sort.BOUNCE:
            mark_bounced(session, item.one.incoming)
