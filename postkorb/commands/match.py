"""`postkorb match`: which rows of a contact list are one person."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from postkorb.commands import COMMANDS

if TYPE_CHECKING:
    from crm.contacts.cluster import Member
    from crm.contacts.listing import Listed

HEADER = ("record_id", "cluster_id", "score", "reasons")


@click.command("match", short_help=COMMANDS["match"])
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", "--output", type=click.File("w", encoding="utf-8", lazy=True), default="-",
    help="Where to write the clusters; the screen else.",
)  # fmt: skip
@click.option(
    "--country", default="DE", show_default=True, metavar="ISO",
    help="Where phone numbers without a country code are dialled.",
)  # fmt: skip
def command(file: Path, out: TextIO, country: str) -> None:
    """Show which rows of a contact list are one person, with scores and reasons.

    Columns are found by their names (record_id, name or given_name and surname, email, phone,
    street, postcode, city, company, handle, birth_date, customer_number; also in German). The
    rows of one cluster share a cluster_id; score is the probability with which a row was joined.

    \b
    Example: postkorb match customers.csv --out clusters.csv
    """
    from crm.contacts.cluster import cluster
    from crm.contacts.listing import Unusable, read_list

    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            rows = list(read_list(lines, country))
    except Unusable as error:
        raise click.ClickException(f"{file}: {error}") from error
    members = cluster([row.profile for row in rows])
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_lines(rows, members))


def _lines(rows: Sequence[Listed], members: Sequence[Member]) -> Iterator[tuple[str, ...]]:
    for row, member in zip(rows, members, strict=True):
        score = "" if member.score is None else f"{member.score:.4f}"
        yield row.record_id, rows[member.cluster].record_id, score, _reasons(rows, member)


def _reasons(rows: Sequence[Listed], member: Member) -> str:
    if member.partner is None:
        return ""
    words = (f"{one.field} {one.verdict} {one.bits:+.1f}" for one in member.reasons)
    return f"{rows[member.partner].record_id}: {'; '.join(words)}"
