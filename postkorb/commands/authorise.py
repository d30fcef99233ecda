"""`postkorb authorise`: the owner of a mailbox gives access to it, once (OAuth 2)."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING

import click

from postkorb.commands import COMMANDS, configuration

if TYPE_CHECKING:
    from connectors.email.oauth.token_server import Grant
    from connectors.email.oauth.tokens import Tokens
    from crm.channels.contract import ChannelError, Connector
    from postkorb.wiring import Wired

PATIENCE_SECONDS = 900
_GLANCE_SECONDS = 0.2


@click.command("authorise", short_help=COMMANDS["authorise"])
@click.argument("channel")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Where the browser is led back to on 127.0.0.1; any free port unless told.",
)
@click.option(
    "--browser", is_flag=True, help="In a browser also where a code would do (and is forbidden)."
)
def command(channel: str, port: int, browser: bool) -> None:
    """Let the owner of a mailbox give access to it (OAuth 2).

    Then it is checked that the access works. Microsoft: a code is shown, to be typed in on any device. Google: an address is shown, to be
    opened in any browser; where that runs on another machine, paste the address it ends at.

    \b
    Example: postkorb authorise support
             postkorb authorise support --browser --port 8026
    Exit codes: 0 well, 1 no access or it does not work, 2 configuration.
    """
    from crm.channels.contract import ChannelError
    from postkorb.wiring import open_desk

    config = configuration()
    if channel not in config.channels:
        known = ", ".join(config.channels) or "none"
        raise click.UsageError(f"there is no channel {channel}; configured: {known}")
    with open_desk(config) as wired:
        connector = wired.connectors[channel]
        tokens: Tokens | None = getattr(connector, "tokens", None)
        if tokens is None:
            raise click.UsageError(
                f"channels.{channel} has no section [channels.{channel}.oauth]; without one it"
                " signs in by its password"
            )
        try:
            tokens.accept(_granted(tokens, port, browser))
            click.echo("Access was given.")
            connector.check()
        except ChannelError as error:
            raise _Failed(channel, error) from error
        _pull_at_once(wired, channel)
        click.echo(f"ok    {channel}: {_signed_in(connector)} as {tokens.user}")


class _Failed(click.ClickException):
    def __init__(self, channel: str, error: ChannelError) -> None:
        remedy = error.remedy.replace("CHANNEL", channel)
        super().__init__(f"{channel}: {error}\n{remedy}".strip())


def _granted(tokens: Tokens, port: int, browser: bool) -> Grant:
    """What the token server gives once somebody has agreed, whichever way it wants to be asked."""
    places = tokens.server.places
    if browser and not places.authorise:
        raise click.UsageError("--browser: this channel's oauth section has no authorise_url")
    if places.device and not browser:
        return _by_device(tokens)
    return _in_browser(tokens, port)


def _by_device(tokens: Tokens) -> Grant:
    from connectors.email.oauth.grants import ask_device_code, wait_for_device

    device = ask_device_code(tokens.server)
    click.echo(
        f"Open {device.address} in any browser, sign in as {tokens.user}, and type in this code:\n\n"
        f"    {device.user_code}\n\nIt is good for {device.seconds / 60:.0f} minutes. Waiting ..."
    )
    return wait_for_device(tokens.server, device)


def _in_browser(tokens: Tokens, port: int) -> Grant:
    from connectors.email.oauth.grants import NotOurs, begin_in_browser, redeem
    from postkorb.loopback import Loopback

    try:
        loopback = Loopback(port, tokens.server.places.loopback)
    except OSError as error:
        raise click.UsageError(f"--port: cannot listen on {port}: {error.strerror}") from error
    with loopback:
        request = begin_in_browser(tokens.server, tokens.user, loopback.address)
        click.echo(
            f"Open this address in a browser and sign in as {tokens.user}:\n\n"
            f"    {request.address}\n\n"
            f"The browser is then led to {loopback.address}. Where it runs on another machine it"
            " finds nothing there:\nthen copy the address it shows, and paste it here. Waiting ..."
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for answer in filter(None, (loopback.heard(_GLANCE_SECONDS), *_typed())):
                try:
                    code = request.code_in(answer)
                except NotOurs:
                    click.echo("This is no answer to the address above; still waiting ...")
                else:
                    return redeem(tokens.server, request, code)
    raise click.ClickException(
        f"Nobody answered within {PATIENCE_SECONDS // 60} minutes. Run the command once more."
    )


def _typed() -> list[str]:
    """The lines that somebody has pasted since; nothing where no one can."""
    try:
        number = sys.stdin.fileno()
        if not select.select([number], [], [], 0)[0]:
            return []
        return os.read(number, 65_536).decode("utf-8", "replace").splitlines()
    except (OSError, ValueError):
        return []


def _signed_in(connector: Connector) -> str:
    return "reads and sends" if connector.limits().can_send else "reads"


def _pull_at_once(wired: Wired, channel: str) -> None:
    """A clock that has left the failing channel alone goes on with its next tick."""
    from crm.channels.channel import Channel

    with wired.desk.writing() as session:
        session.get_one(Channel, wired.channels[channel]).next_pull_at = None
