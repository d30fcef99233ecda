"""The weights: how many bits each verdict of a comparison is worth, in one table.

A bit doubles the odds (Fellegi & Sunter 1969): log2 of how much more often the verdict is met
among cards of one person than among strangers. Names have no fixed weight: their frequency speaks.
"""

from __future__ import annotations

VERSION = 1

SUGGEST = 0.35
"""From this probability on, a pair is suggested to an agent."""

JOIN = 0.5
"""From this probability on, rows of a list are put into one cluster."""

BITS: dict[str, dict[str, float]] = {
    "email": {"same": 22.0, "shared": 12.0, "similar": 9.0, "differs": -2.5},
    "phone": {"same": 18.0, "near": 8.0, "differs": -1.5},
    "handle": {"same": 20.0, "differs": -1.0},
    "nickname": {"same": 9.0},
    "address": {
        "same": 14.0, "near": 10.0, "same_postcode": 6.0, "same_city": 3.0, "differs": -3.0,
    },
    "company": {"same": 9.0, "similar": 6.0, "differs": -1.5},
    "birth_date": {"same": 12.0, "near": 7.0, "close": 3.0, "differs": -8.0},
    "customer_number": {"same": 20.0, "differs": -4.0},
    "name": {"differs": -9.0, "short_differs": -6.0},
}  # fmt: skip

NAME_LOSS: dict[str, float] = {
    "same": 0.0,
    "variant": 2.0,
    "similar": 4.0,
    "initial": 0.5,
    "surname_only": 1.5,
    "given_only": 2.0,
    "given_differs": 12.0,
    "surname_differs": 8.0,
}
"""What each verdict takes off the bits that the agreeing words of a name are worth."""

INITIAL_BITS = 3.5
MAX_NAME_BITS = 22.0
MAX_WORD_BITS = 13.0

FEWEST_CARDS = 2000
"""A small base is judged as if it held this many: strangers of one name exist outside of it."""


def share(bearers: int, cards: int) -> float:
    """The share of cards with a word in their name, as this base and the world outside have it."""
    return (bearers + UNSEEN_SHARE * UNSEEN_CARDS) / (cards + UNSEEN_CARDS)


UNSEEN_CARDS = 1000
UNSEEN_SHARE = 1 / 4000
