"""Keys: by what a card can be found among a million others."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import cologne_phonetics

from crm.contacts.nicknames import canonical
from crm.contacts.normalise import house_number
from crm.contacts.profile import Profile

MAX_VALUE = 200
MAX_OF_A_KIND = 6
MAX_NAME_WORDS = 4

CAPS = {
    "customer": 40, "email": 60, "phone": 60, "handle": 40, "nick": 30, "name": 60, "sound": 60,
    "house": 60, "street": 60, "birth": 60, "firm": 40, "word": 12,
}  # fmt: skip
"""How many cards may share a key of this kind; what more share is common and finds nothing."""


class Key(NamedTuple):
    """What `MatchKey` keeps for a card. The kind "word" also counts how frequent a name is."""

    kind: str
    value: str


def keys_of(profile: Profile) -> list[Key]:
    """All keys of a card, sorted, each kind bounded."""
    given, surname = profile.parts
    words = (given + surname)[-MAX_NAME_WORDS:]
    number = house_number(profile.street)
    place = profile.code or profile.town
    values: dict[str, list[str]] = {
        "customer": [profile.customer_number.strip()],
        "email": list(profile.emails),
        "phone": [phone[-8:] for phone in profile.phones if len(phone) >= 6],
        "handle": [f"{scope}/{handle}" for scope, handle in profile.handles],
        "nick": sorted(profile.nicks),
        "name": ["+".join(sorted(map(canonical, pair))) for pair in combinations(words, 2)],
        "sound": [f"{sound(word)}+{place}" for word in surname if place],
        "house": [f"{profile.code}+{number}"] if profile.code and number else [],
        "street": [profile.street_key] if number else [],
        "birth": [profile.born] if len(profile.born) == 8 else [],
        "firm": [profile.firm],
        "word": [word for word in words if len(word) > 1],
    }
    return sorted(
        {
            Key(kind, value[:MAX_VALUE])
            for kind, several in values.items()
            for value in several[:MAX_OF_A_KIND]
            if value
        }
    )


@lru_cache(maxsize=20_000)
def sound(word: str) -> str:
    """How a word sounds in German (Kölner Phonetik): Meier, Mayr and Maier are 67."""
    return "".join(code for _, code in cologne_phonetics.encode(word)) or word
