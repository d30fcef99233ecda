"""Two agents who merge at the same moment leave one edge."""

from __future__ import annotations

from threading import Barrier, Thread

from sqlalchemy import select

from crm.channels.contract import Address, IdentityKind, Person
from crm.contacts.card import Card
from crm.contacts.merge import AlreadyOne, Merge, merge
from crm.desk import Desk


def test_the_same_pair_merged_twice_at_once_is_one_edge(desk: Desk, arrive) -> None:  # type: ignore[no-untyped-def]
    one, other = arrive(*_people(2))
    together(desk, [(one, other), (one, other)])
    assert edges(desk) == [(one, other)]


def test_three_edges_at_once_close_no_circle(desk: Desk, arrive) -> None:  # type: ignore[no-untyped-def]
    first, second, third = arrive(*_people(3))
    together(desk, [(first, second), (second, third), (first, third)])
    assert len(edges(desk)) == 2
    with desk.reading() as session:
        assert set(session.scalars(select(Card.contact_id))) == {first}


def together(desk: Desk, pairs: list[tuple[int, int]]) -> None:
    """Merge all of them in threads that start at one moment."""
    start = Barrier(len(pairs))
    refused: list[Exception] = []

    def act(pair: tuple[int, int]) -> None:
        start.wait()
        try:
            with desk.writing() as session:
                merge(session, *pair, by=None)
        except AlreadyOne as error:
            refused.append(error)

    threads = [Thread(target=act, args=(pair,)) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def edges(desk: Desk) -> list[tuple[int, int]]:
    with desk.reading() as session:
        return [(edge.card_a, edge.card_b) for edge in session.scalars(select(Merge))]


def _people(count: int) -> list[Person]:
    return [
        Person(f"Person {number}", Address(IdentityKind.EMAIL, f"p{number}@x.org"))
        for number in range(count)
    ]
