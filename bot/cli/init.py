"""`notjustyou init`."""

import asyncio
import os
import sys
from functools import partial
from pathlib import Path

import click

from bot.cli.configured import configured
from bot.cli.shared import FILE, command, opened
from bot.discord_ui.connection.portal import ask_portal
from bot.env_file import env_file
from bot.first_run import FirstRun, InitOptions
from bot.settings import given_settings


class ClickTerminal:
    """The terminal of the command."""

    def __init__(self, *, asks: bool) -> None:
        self.asks = asks

    def print(self, text: str) -> None:
        """Print a text."""
        click.echo(text)

    def secret(self, question: str) -> str:
        """Ask for a text without showing it."""
        return str(click.prompt(question, hide_input=True))

    def confirm(self, question: str, *, default: bool) -> bool:
        """Ask a yes-or-no question."""
        return click.confirm(question, default=default)


@click.command()
@click.option("--token-file", type=FILE, help="Read the token from this file instead of asking; - is standard input.")
@click.option("--replace", is_flag=True, help="Replace an existing token without asking.")
@click.option("--offline", is_flag=True, help="Do not check the token with Discord.")
@click.option(
    "--start/--no-start", default=None, help="Start the bot afterwards. If neither flag is given, you are asked."
)
@command
def app(*, token_file: Path | None, replace: bool, offline: bool, start: bool | None) -> None:
    """Set the bot up: asks for the token, checks it, writes it into .env, and prints the invite link."""
    token = None
    if token_file is not None:
        with opened(token_file) as file:
            token = file.read(1000).decode(errors="replace")
    given = given_settings()
    terminal = ClickTerminal(asks=sys.stdin.isatty() and token_file is None)
    ask = partial(ask_portal, api_url=given.get("discord_api_url"))
    first = FirstRun(terminal, env_file(), given, ask)
    asyncio.run(first.set_up(InitOptions(token, replace=replace, offline=offline)))
    if os.environ.get("DISCORD_TOKEN"):
        terminal.print("DISCORD_TOKEN is also set in the environment, and that one is used.")
    if start is None:
        start = terminal.asks and terminal.confirm("Start the bot now? Ctrl+C stops it", default=True)
        if terminal.asks and not start:
            terminal.print("`notjustyou run` starts it, in a clone `make run`.")
    if start:
        from bot.run import serve  # noqa: PLC0415 - loads the whole bot

        serve(configured(need_token=True))
