"""What the answers of an outgoing mail server mean (RFC 5321, 4.2; RFC 3463), and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from crm.channels.contract import ChannelError, Misconfigured, Rejected, Temporary

CHECK_SIGN_IN = "Check user and password of the outgoing mail server."
CORRECT_RECIPIENT = "Correct the recipient, or leave it out."
ASK_OPERATOR = "Ask the operator of the mail server."
CHANGE_SENDER = "Let the account send from this address, or answer from another one."
SEND_LESS = "Send fewer or smaller files."

_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_TOO_LARGE = frozenset({"5.3.4", "5.2.3"})


class Answer(NamedTuple):
    """A server's answer to one command."""

    code: int
    words: bytes

    @property
    def said(self) -> str:
        return f"{self.code} {readable(self.words)}"

    @property
    def status(self) -> str:
        """The enhanced status code (RFC 3463), or ""."""
        found = _STATUS.search(readable(self.words)[:20])
        return found[0] if found else ""

    @property
    def is_final(self) -> bool:
        return 500 <= self.code < 600

    @property
    def is_policy(self) -> bool:
        """It is not about the address: "relaying denied", "sender not owned by user"."""
        return self.status.startswith("5.7.")


def expect_mail(answer: Answer, wanted: int = 250) -> None:
    """The mail itself is taken. Raises ChannelError."""
    if answer.code == wanted:
        return
    _expect_sign_in(answer)
    if answer.status in _TOO_LARGE or (answer.code == 552 and not answer.status):
        raise too_large(answer.said)
    if answer.is_final:
        raise Rejected("The mail server refused the mail.", answer.said, ASK_OPERATOR)
    raise _not_now(answer.said)


def expect_sender(answer: Answer, sender: str) -> None:
    """Our own address is taken. Raises ChannelError."""
    if answer.code == 250:
        return
    _expect_sign_in(answer)
    if answer.code == 552 or answer.status in _TOO_LARGE:
        raise too_large(answer.said)
    said = f"{sender}: {answer.said}"
    if answer.is_final:
        raise Rejected("The mail server refused the sender.", said, CHANGE_SENDER)
    raise _not_now(said)


def expect_recipients(answers: Mapping[str, Answer]) -> None:
    """All recipients are taken; else the error names each that is not. Raises ChannelError."""
    refused = {who: one for who, one in answers.items() if one.code not in {250, 251}}
    for answer in refused.values():
        _expect_sign_in(answer)
    final = {who: answer for who, answer in refused.items() if answer.is_final}
    if final:
        is_policy = any(answer.is_policy for answer in final.values())
        raise Rejected(
            "The mail server refused a recipient.",
            _named(final),
            ASK_OPERATOR if is_policy else CORRECT_RECIPIENT,
        )
    if refused:
        raise _not_now(_named(refused))


def too_large(words: str) -> Rejected:
    """What to tell about a mail that is larger than the server takes."""
    return Rejected("The mail is too large for the mail server.", words, SEND_LESS)


def readable(words: bytes | str) -> str:
    """A server's words on one line, shortened."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:500]


def _named(answers: Mapping[str, Answer]) -> str:
    return "; ".join(f"{who}: {answer.said}" for who, answer in answers.items())


def _expect_sign_in(answer: Answer) -> None:
    if answer.code in {530, 534, 535}:
        raise Misconfigured("The mail server wants a sign-in.", answer.said, CHECK_SIGN_IN)


def _not_now(said: str) -> ChannelError:
    return Temporary("The mail server does not take the mail now.", said)
