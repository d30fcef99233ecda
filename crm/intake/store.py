"""Storing a batch: contacts, conversations, messages, events and search rows in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from crm.channels.channel import Channel
from crm.channels.contract import Batch, Role, Sort
from crm.contacts.resolve import Resolved, Seen, resolve
from crm.conversations.conversation import Conversation, Status
from crm.conversations.moments import give_moments
from crm.conversations.placing import put_in_place
from crm.conversations.receiving import answered_elsewhere, receive
from crm.conversations.reference import Seal
from crm.conversations.threading import Threading
from crm.desk import Desk
from crm.history.record import record
from crm.intake.bounced import mark_bounced
from crm.intake.joining import join_letter
from crm.intake.known import settle_known
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


def store(
    session: Session, desk: Desk, channel: Channel, batch: Batch, prepared: Sequence[Prepared]
) -> int:
    """Store what is new of a batch and move the cursor; returns how many messages were new."""
    fresh = settle_known(session, channel, prepared, renumbered=batch.renumbered)
    if fresh:
        senders = _resolve(session, desk, channel, fresh)
        placed = _place(session, desk, channel, fresh, senders)
        insert_messages(session, channel, placed)
        insert_files(session, placed)
        _update_conversations(session, channel, placed)
        insert_references(session, channel, placed)
        insert_events(session, placed)
        add_to_index(session, placed)
    channel.cursor = dict(batch.cursor)
    return len(fresh)


def _resolve(
    session: Session, desk: Desk, channel: Channel, fresh: Sequence[Prepared]
) -> list[Resolved]:
    """The contact a message is about: its sender, or whom we wrote to."""
    people = []
    for one in fresh:
        incoming = one.incoming
        person = incoming.sender
        if incoming.role is not Role.CUSTOMER and incoming.recipients:
            first = incoming.recipients[0]
            person = type(person)(name=first.name, address=first.address)
        people.append(Seen(person, incoming.at))
    resolved = resolve(
        session, people, source=channel.family, channel_id=channel.id, country=desk.country
    )
    return [
        join_letter(session, answer, seen.person) if answer.is_new else answer
        for answer, seen in zip(resolved, people, strict=True)
    ]


def _place(
    session: Session,
    desk: Desk,
    channel: Channel,
    fresh: Sequence[Prepared],
    senders: Sequence[Resolved],
) -> list[Placed]:
    finder = Finder(
        session, channel, Seal(desk.secret), timedelta(days=desk.new_conversation_after_days)
    )
    finder.look_up(fresh)
    moments = give_moments(session, [one.incoming.at for one in fresh])
    placed = []
    for one, sender, moment in zip(fresh, senders, moments, strict=True):
        threading = finder.decide(one, sender)
        if threading.conversation is None:
            conversation = _begin(session, channel, one, sender, threading)
        else:
            conversation = session.get_one(Conversation, threading.conversation.id)
        finder.learn(conversation, one, sender.contact_id)
        placed.append(Placed(one, sender, conversation, threading, moment))
    return placed


def _begin(
    session: Session, channel: Channel, one: Prepared, sender: Resolved, threading: Threading
) -> Conversation:
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
        follows_id=threading.follows,
        created_at=at,
        message_count=0,
        wake_on_reply=True,
    )
    conversation.arrange()
    session.add(conversation)
    session.flush()
    return conversation


def _update_conversations(session: Session, channel: Channel, placed: Sequence[Placed]) -> None:
    touched: dict[int, Conversation] = {}
    for item in placed:
        conversation, incoming = item.conversation, item.one.incoming
        if incoming.role is not Role.CUSTOMER:
            answered_elsewhere(conversation, incoming.at)
        elif item.one.counts:
            opened = receive(
                conversation, incoming.at, item.one.preview, first=channel.connected_at
            )
            conversation.last_incoming_id = item.number
            if opened:
                record(
                    session,
                    "conversation.reopened",
                    ("conversation", conversation.id),
                    conversation_id=conversation.id,
                    message=item.number,
                )
        if incoming.sort is Sort.BOUNCE:
            mark_bounced(session, incoming)
        conversation.message_count += 1
        if incoming.at >= conversation.last_message_at:
            conversation.last_message_at = incoming.at
            conversation.last_channel_id = channel.id
        touched[conversation.id] = conversation
    for conversation in touched.values():
        put_in_place(session, conversation)
