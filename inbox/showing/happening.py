"""What was done to a conversation, as one line of its thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext

from crm.conversations.timeline import EventItem
from inbox.times import moment


def happening(event: EventItem) -> str:
    """The sentence of an event; a kind without one is shown by its name."""
    sentence = _SENTENCES.get(event.kind)
    who = event.agent_name or gettext("Postkorb")
    return sentence(who, event.data) if sentence else event.kind


def _assigned(who: str, data: Mapping[str, Any]) -> str:
    name = data.get("name", "")
    if not name:
        return gettext("%(who)s took the assignee off", who=who)
    if name == who:
        return gettext("%(who)s took over", who=who)
    return gettext("%(who)s assigned it to %(name)s", who=who, name=name)


def _snoozed(who: str, data: Mapping[str, Any]) -> str:
    until = moment(datetime.fromisoformat(data["until"]))
    return gettext("%(who)s snoozed it until %(time)s", who=who, time=until)


def _reopened(who: str, data: Mapping[str, Any]) -> str:
    if data.get("before") == "spam":
        return gettext("%(who)s brought it back from spam", who=who)
    return gettext("%(who)s opened it again", who=who)


_SENTENCES: dict[str, Callable[[str, Mapping[str, Any]], str]] = {
    "conversation.assigned": _assigned,
    "conversation.snoozed": _snoozed,
    "conversation.reopened": _reopened,
    "conversation.closed": lambda who, data: gettext("%(who)s closed it", who=who),
    "conversation.pending": lambda who, data: gettext("%(who)s set it to pending", who=who),
    "conversation.woken": lambda who, data: gettext("Back from being snoozed"),
    "conversation.spam": lambda who, data: gettext("%(who)s moved it to spam", who=who),
    "conversation.bin": lambda who, data: gettext("%(who)s moved it to the bin", who=who),
    "conversation.tagged": lambda who, data: gettext(
        "%(who)s added the tag %(tag)s", who=who, tag=data.get("tag", "")
    ),
    "conversation.untagged": lambda who, data: gettext(
        "%(who)s removed the tag %(tag)s", who=who, tag=data.get("tag", "")
    ),
    "conversation.joined": lambda who, data: gettext("Joined this conversation by its reference"),
    "conversation.followed": lambda who, data: gettext("Goes on from an older conversation"),
    "conversation.looping": lambda who, data: gettext(
        "These mails come in a loop: what follows is only kept"
    ),
    "reply.held": lambda who, data: gettext("A reply was held: something new came in"),
    "reply.cancelled": lambda who, data: gettext("%(who)s took a reply back", who=who),
    "reply.failed": lambda who, data: gettext("A reply was not delivered"),
    "message.edited": lambda who, data: gettext("The author changed a message"),
    "message.deleted": lambda who, data: gettext("The author deleted a message"),
}
