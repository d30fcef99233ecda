"""The past: the first pull, and what the agents of Lindenrad did before the reader came."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.base import now
from crm.channels.channel import Channel
from crm.channels.contract import ChannelError
from crm.contacts.card import Card
from crm.contacts.suggest import accept
from crm.conversations.assigning import assign
from crm.conversations.closing import close
from crm.conversations.conversation import Conversation
from crm.conversations.noting import note
from crm.conversations.pending import set_pending
from crm.conversations.removing import to_spam
from crm.conversations.snoozing import snooze
from crm.conversations.tagging import tag
from crm.staff.agent import Agent
from inbox.sign_in.account import ADMINISTRATOR, AGENT
from inbox.sign_in.accounts import create_account
from postkorb.alarm import PATIENCE
from postkorb.demo import story
from postkorb.rounds import pull_channel
from postkorb.wiring import Wired

CONNECTED_BEFORE = timedelta(days=60)
"""The demo says that its channels were connected then: what is older would be stored as closed."""

FAILED_BEFORE = timedelta(hours=1, minutes=40)


def fill(wired: Wired) -> None:
    """Everything that lies in the sources into the database, and the agents' acts upon it."""
    with wired.desk.writing() as session:
        for agent in story.agents():
            role = ADMINISTRATOR if agent.administrator else AGENT
            create_account(session, agent.name, agent.email, agent.password, role)
        for number in wired.channels.values():
            session.get_one(Channel, number).connected_at = now() - CONNECTED_BEFORE
    for name in wired.channels:
        with suppress(ChannelError):  # noted on the channel's page, where it is meant to be seen
            pull_channel(wired, name)
    with wired.desk.writing() as session:
        for channel in session.scalars(select(Channel).where(Channel.failing_since.is_not(None))):
            channel.failing_since = now() - FAILED_BEFORE
            channel.operator_told_at = now() - FAILED_BEFORE + PATIENCE
        _act(session)
        _join(session, wired.channels)


def _act(session: Session) -> None:
    agents = {agent.name: agent.id for agent in session.scalars(select(Agent))}
    by_subject = {each.subject: each for each in session.scalars(select(Conversation))}
    for act in story.acts():
        _done(session, by_subject[act.about], act, agents)


def _done(
    session: Session, conversation: Conversation, act: story.Act, agents: Mapping[str, int]
) -> None:
    """What stands in one [[act]], by its assignee or else by the administrator."""
    by = agents[act.assign or story.agents()[0].name]
    if act.assign:
        assign(session, conversation, by, by=by)
    for word in act.tags:
        tag(session, conversation, word, by=by)
    if act.note:
        note(session, conversation, act.note, by=agents[act.note_by])
    if act.spam:
        to_spam(session, conversation, by=by)
    if act.snooze:
        snooze(session, conversation, now() + act.snooze, by=by)
    match act.status:
        case "closed":
            close(session, conversation, by=by)
        case "pending":
            set_pending(session, conversation, by=by)


def _join(session: Session, channels: Mapping[str, int]) -> None:
    for pair in story.joined():
        one = _card(session, pair.name, channels[pair.channel])
        other = _card(session, pair.other_name, channels[pair.other_channel])
        by = session.scalars(select(Agent.id).where(Agent.name == pair.by)).one()
        accept(session, *sorted((one, other)), by=by)


def _card(session: Session, name: str, channel: int) -> int:
    wanted = select(Card.id).where(Card.name == name, Card.channel_id == channel)
    return session.scalars(wanted.order_by(Card.id).limit(1)).one()
