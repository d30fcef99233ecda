"""Addressing: whom a reply goes to and from where, as the composer shows it and as its form says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from crm.channels.contract import Address, IdentityKind, Limits, Recipient
from crm.conversations.drafting import Draft
from crm.outgoing.recipients import (
    MOST,
    WAYS,
    Typed,
    each_once,
    everybody,
    from_rows,
    is_mail_address,
    is_ours,
    key,
    typed,
    written_to,
)
from crm.outgoing.ways import WayOut
from inbox.request import ways


@dataclass(frozen=True, slots=True)
class Chip:
    """A recipient that can be taken out and put back before sending."""

    recipient: Recipient
    on: bool = True

    @property
    def is_wrong(self) -> bool:
        """Whether what was typed is no address."""
        return not is_mail_address(self.recipient.address.value)


@dataclass(frozen=True, slots=True)
class Addressing:
    """What the recipients' line of one way shows; `name` is that of its fields.

    to, others   whom the message answered came from, and to whom else it went
    added        whom the agent named besides
    all          whether the others are written to as well
    senders      our addresses that it can leave from, `sender` the one that it does
    """

    name: str
    to: list[Chip]
    others: list[Chip]
    added: list[Chip]
    all: bool
    senders: Sequence[str]
    sender: str

    @property
    def everybody(self) -> int:
        """How many an answer to all goes to."""
        return len(self.to) + len(self.others)


def addressing(way: WayOut, limits: Limits, draft: Draft | None) -> Addressing:
    """The line of a way by which several can be written to; as the draft has it, else as usual."""
    first, others = _usual(way)
    kept = _kept(draft, way)
    chosen = {key(one.address.value) for one in kept}
    known = {key(one.address.value) for one in (first, *others)}
    return Addressing(
        name=str(way.channel_id),
        to=[Chip(first, not kept or key(first.address.value) in chosen)],
        others=[Chip(one, not kept or key(one.address.value) in chosen) for one in others],
        added=[Chip(one) for one in kept if key(one.address.value) not in known],
        all=any(key(one.address.value) in chosen for one in others),
        senders=limits.addresses,
        sender=_sender(way, limits, draft),
    )


def named(form: MultiDict[str, str], way: WayOut, draft: Draft | None) -> Typed:
    """Whom the form names for this way, each once; what is no address is told apart."""
    first, others = _usual(way)
    known = {key(one.address.value): one for one in (first, *others, *_usable(draft))}
    found = read(form, str(way.channel_id), known)
    if f"all-{way.channel_id}" not in form:
        return found
    wanted = {key(value) for value in form.getlist(f"others-{way.channel_id}")}
    copies = [one for one in others if key(one.address.value) in wanted]
    return replace(found, recipients=each_once((*found.recipients, *copies)))


def read(form: MultiDict[str, str], name: str, known: dict[str, Recipient]) -> Typed:
    """What stands in the fields to, cc and bcc of this name."""
    found: list[Recipient] = []
    wrong: list[str] = []
    for way in WAYS:
        for value in form.getlist(f"{way}-{name}"):
            if key(value) in known:
                found.append(replace(known[key(value)], way=way))
                continue
            told = typed(value, way)
            found += told.recipients
            wrong += told.wrong
    return Typed(each_once(found), tuple(dict.fromkeys(wrong)))


def to_keep(told: Typed) -> tuple[Recipient, ...]:
    """What a draft keeps of it: also what is no address yet."""
    way = "cc" if any(one.way == "to" for one in told.recipients) else "to"
    unfinished = (Recipient(Address(IdentityKind.EMAIL, words), way=way) for words in told.wrong)
    return (*told.recipients, *unfinished)


def is_usual(told: Typed, way: WayOut) -> bool:
    """Whether the answer goes to its writer alone, as it does when nobody says otherwise."""
    first = _usual(way)[0]
    return not told.wrong and [(key(one.address.value), one.way) for one in told.recipients] == [
        (key(first.address.value), "to")
    ]


def misdirected(told: Typed) -> str:
    """Why it cannot go to these, and what to do; "" where it can."""
    if told.wrong:
        return gettext(
            "Not sent. This is no e-mail address: %(words)s. Correct or remove it.",
            words=", ".join(told.wrong)[:200],
        )
    for one in told.recipients:
        if is_ours(one.address.value, our_addresses()):
            return gettext(
                "Not sent. %(address)s is our own address, where it would come back. Remove it.",
                address=one.address.value,
            )
    if not any(one.way == "to" for one in told.recipients):
        return gettext("Not sent: nobody is named in To.")
    if len(told.recipients) > MOST:
        return gettext("Not sent. More than %(count)s recipients are no answer.", count=MOST)
    return ""


def our_addresses() -> list[str]:
    """Every address that leads to us, of all channels."""
    return [
        address for limits in ways().values() for address in (limits.address, *limits.addresses)
    ]


def sender(form: MultiDict[str, str], way: WayOut, limits: Limits) -> str:
    """The address of ours that the form chose, else the one that was written to."""
    wanted = form.get(f"from-{way.channel_id}", "")
    return wanted if wanted in limits.addresses else usual_sender(way, limits)


def usual_sender(way: WayOut, limits: Limits) -> str:
    """The address of ours that was written to, else the channel's first."""
    return written_to(way.went_to, limits.addresses or (limits.address,))


def _usual(way: WayOut) -> tuple[Recipient, tuple[Recipient, ...]]:
    """The one who is answered, and whom an answer to all goes to besides."""
    first = Recipient(Address(IdentityKind.EMAIL, way.shown), way.name)
    return first, everybody(way.went_to, first, our_addresses())


def _kept(draft: Draft | None, way: WayOut) -> tuple[Recipient, ...]:
    """What the draft says of whom it goes to by this way; () where it says nothing."""
    if draft is None or draft.channel_id not in (None, way.channel_id):
        return ()
    return from_rows(draft.recipients)


def _usable(draft: Draft | None) -> Iterable[Recipient]:
    rows = from_rows(draft.recipients) if draft is not None else ()
    return (one for one in rows if is_mail_address(one.address.value))


def _sender(way: WayOut, limits: Limits, draft: Draft | None) -> str:
    if draft is not None and draft.from_address in limits.addresses:
        return draft.from_address
    return usual_sender(way, limits)
