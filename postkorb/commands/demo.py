"""`postkorb demo`: a filled inbox of a made-up firm, with nothing to configure."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from postkorb.commands import COMMANDS


@click.command("demo", short_help=COMMANDS["demo"])
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Where everything lies; a second run goes on with what is there.",
)
@click.option("--fresh", is_flag=True, help="Forget what was done and begin anew.")
@click.option(
    "--port", type=click.IntRange(1, 65000), default=8025, show_default=True, help="For the inbox."
)
@click.option("--no-serve", is_flag=True, help="Only fill the folder.")
def command(folder: Path, fresh: bool, port: int, no_serve: bool) -> None:
    """Serve a filled inbox to try, with nothing to configure. Nothing leaves this machine.

    \b
    Example: postkorb demo
             postkorb demo --fresh --port 8080
    """
    from postkorb.demo.folder import is_free, lay_out
    from postkorb.demo.stage import stage
    from postkorb.schedule import serve
    from postkorb.wiring import make_app

    logging.basicConfig(level=logging.ERROR, format="%(asctime)s %(name)s %(message)s")
    if not is_free(port):
        raise click.ClickException(f"port {port} is taken; choose another with --port")
    if fresh or not folder.exists():
        click.echo(f"Filling {folder}; this takes some seconds.")
    made = lay_out(folder, port, fresh=fresh)
    with stage(made) as wired:
        if no_serve:
            click.echo(f"Filled {made.path}; serve it with: postkorb demo --folder {folder}")
            return
        app = make_app(wired)
        _welcome(app, wired.config.site.address, made.sent)
        serve(wired, app)


def _welcome(app, address: str, sent: Path) -> None:
    """The address, how to sign in, and where the mail goes."""
    from inbox.sign_in.once import once_link
    from postkorb.demo.story import agents

    first, *_ = agents()
    click.echo(f"\nThe inbox of Lindenrad: {address}")
    click.echo(
        f"Sign in as {first.name} with this link, once:\n\n  {once_link(app, first.email)}\n"
    )
    click.echo("or with a password:\n")
    for agent in agents():
        role = ", administrator" if agent.administrator else ""
        click.echo(f"  {agent.name:14} {agent.email:24} {agent.password}{role}")
    click.echo(f"\nWhat you send stays here, in {sent}. Ctrl+C ends the demo.\n")
