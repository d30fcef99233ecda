"""The command line: finds the command that was typed and loads nothing else."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from postkorb.commands import COMMANDS


class Commands(click.Group):
    """The commands of postkorb/commands, imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"postkorb.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="The config.toml to use, instead of $POSTKORB_CONFIG or the first of ./config.toml,"
    " ~/.config/postkorb/config.toml and /etc/postkorb/config.toml.",
)
@click.version_option(package_name="postkorb")
def main(config: Path | None) -> None:
    """Every channel a customer can use, in one tray.

    \b
    Exit codes: 0 well, 1 a channel failed, 2 configuration,
    3 a database of another version, 75 busy.
    """


if __name__ == "__main__":
    main(prog_name="postkorb")
