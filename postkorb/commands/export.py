"""`postkorb export`: contacts or activities as CSV, for the CRM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from postkorb.commands import COMMANDS, configuration


@click.command("export", short_help=COMMANDS["export"])
@click.argument("what", type=click.Choice(["contacts", "activities"]))
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default="-",
    help="Where to write the CSV; the screen else.",
)
@click.option("--bom", is_flag=True, help="Mark the file as UTF-8, so that Excel shows umlauts.")
def command(what: str, output: Path, bom: bool) -> None:
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
        with _written(output) as file:
            for line in encode(export.HEADER, rows, bom=bom):
                file.write(line)


@contextmanager
def _written(output: Path) -> Iterator[IO[bytes]]:
    """The screen, a pipe, or a file that bears its name only once it is whole."""
    in_place = output.name == "-" or (output.exists() and not output.is_file())
    half = output if in_place else output.with_name(f".{output.name}.part")
    try:
        with click.open_file(str(half), "wb") as file:
            yield file
            file.flush()
        if not in_place:
            half.replace(output)
    except BrokenPipeError:
        raise  # whoever read the pipe had enough
    except OSError as error:
        if not in_place:
            half.unlink(missing_ok=True)
        raise click.ClickException(f"cannot write {output}: {error.strerror}") from error
