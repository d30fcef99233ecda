"""`postkorb export`: contacts or activities as CSV, for the CRM."""

from __future__ import annotations

from typing import BinaryIO

import click

from postkorb.commands import COMMANDS, configuration


@click.command("export", short_help=COMMANDS["export"])
@click.argument("what", type=click.Choice(["contacts", "activities"]))
@click.option(
    "--output", type=click.File("wb", lazy=True), default="-",
    help="Where to write the CSV; the screen else.",
)  # fmt: skip
@click.option("--bom", is_flag=True, help="Mark the file as UTF-8, so that Excel shows umlauts.")
def command(what: str, output: BinaryIO, bom: bool) -> None:
    """Write contacts or activities as CSV: a row for each person, or for each conversation.

    Times are in the site's time zone. No cell runs as a formula in a spreadsheet.

    \b
    Example: postkorb export contacts --output contacts.csv
             postkorb export activities --bom --output activities.csv
    """
    from zoneinfo import ZoneInfo

    from crm.export import activities, contacts
    from crm.export.safe_csv import encode
    from postkorb.wiring import open_desk

    export = {"contacts": contacts, "activities": activities}[what]
    with open_desk(configuration()) as wired, wired.desk.reading() as session:
        rows = export.rows(session, ZoneInfo(wired.config.site.time_zone))
        for line in encode(export.HEADER, rows, bom=bom):
            output.write(line)
