"""People who write in."""

import pytest

from crm.base import now
from crm.channels.contract import Address, IdentityKind, Person
from crm.contacts.resolve import Seen, resolve
from crm.staff.agent import Agent


@pytest.fixture
def arrive(desk):
    """Let people write in, each once; gives their cards."""

    def arrive(*people, source="imap", channel_id=None, at=None):
        with desk.writing() as session:
            seen = [Seen(person, at or now()) for person in people]
            found = resolve(session, seen, source=source, channel_id=channel_id, country="DE")
            return [one.card_id for one in found]

    return arrive


@pytest.fixture
def agent(desk):
    with desk.writing() as session:
        agent = Agent(name="Kim", email="kim@example.org")
        session.add(agent)
        session.flush()
        return agent.id


@pytest.fixture
def mail():
    def mail(name, address, **facts):
        return Person(name=name, address=Address(IdentityKind.EMAIL, address), facts=facts)

    return mail


@pytest.fixture
def letter():
    def letter(name, street="Goethestr. 7", town="49074 Osnabrück", named=()):
        code, _, city = town.partition(" ")
        return Person(
            name=name,
            address=Address(IdentityKind.POSTAL, f"{name}|{street}|{town}"),
            facts={"street": street, "postcode": code, "city": city},
            named=tuple(Address(IdentityKind.EMAIL, address) for address in named),
        )

    return letter
