"""What a channel could not do, and who can mend it."""

from __future__ import annotations


class ChannelError(Exception):
    """Something a channel could not do.

    `summary` and `remedy` are fixed English sentences that the page translates, `words` what the
    other side said. No secret ever stands in them.
    """

    def __init__(self, summary: str, words: str = "", remedy: str = "") -> None:
        super().__init__(f"{summary} {words}".strip())
        self.summary, self.words, self.remedy = summary, words, remedy


class Temporary(ChannelError):
    """It may work later; `retry_after` is in seconds where the other side said so."""

    def __init__(
        self, summary: str, words: str = "", remedy: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(summary, words, remedy)
        self.retry_after = retry_after


class Misconfigured(ChannelError):
    """The operator must do something; this channel stops, the others go on."""


class Rejected(ChannelError):
    """This one message cannot be sent; the agent is told."""
