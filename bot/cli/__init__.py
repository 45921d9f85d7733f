"""The command line. Every command ends with an exit code that tells a supervisor what to do.

A command is a module of its own, which imports what the command needs. It is loaded when the command is called: help
and the small commands must not wait for discord.py and SQLAlchemy.
"""

import sys
from typing import Annotated

import typer

from bot import __version__
from bot.cli.lazy import LazyGroup, not_loaded
from bot.exits import HELP

COMMANDS = {
    "run": "Run the bot, with settings from the environment and .env.",
    "demo": "Try the bot in a local page that looks like Discord: no account, no token, no network.",
    "doctor": "Check settings, services, database and what Discord grants; says how to mend what is wrong.",
    "sync": "Tell Discord the commands now, also if nothing changed. `run` does it by itself when they changed.",
    "forget": (
        "Delete everything kept about a person, as `/privacy` does for them; or about a server, settings included."
    ),
    "mentions": "Try the mention detector: JSON lines with `text` (and `label`) in, the same with its verdict out.",
    "replay": "See what the bot would have said: each change of level as a JSON line.",
    "db": "The database: bring it up to date, check it, back it up, restore it, move it.",
    "services": "The services that are watched.",
}
"""Each command, which is the module of its name here, with the first sentence of its help."""

app = typer.Typer(
    name="notjustyou",
    help=f"NotJustYou: the Discord bot that answers “is it just me?”.\n\n{HELP}",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _summary in COMMANDS.items():
    app.command(_name, help=_summary)(not_loaded)


def main() -> None:
    """The console script. Much of what the bot needs is not there on Windows."""
    if sys.platform == "win32":
        sys.exit("NotJustYou does not run on Windows itself. Use WSL or Docker.")
    app()


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it
    if wanted:
        typer.echo(f"NotJustYou {__version__}")
        raise typer.Exit


@app.callback()
def _root(  # pyright: ignore[reportUnusedFunction]
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    del version  # its callback has said it
