"""The command line. Every command ends with an exit code that tells a supervisor what to do.

Each command is a module that imports what the command needs. It is loaded only when the command is called, so that
`--help` and small commands need not load discord.py and SQLAlchemy.
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
    "doctor": "Check settings, services, database and what Discord grants; says how to fix what is wrong.",
    "sync": "Send the commands to Discord now, even if nothing changed. `run` does it by itself when they change.",
    "forget": (
        "Delete everything kept about a person, as `/privacy` does for them; or about a server, including its settings."
    ),
    "mentions": "Try the mention detector: reads JSON lines with `text` (and `label`), writes them with its verdict.",
    "replay": "See what the bot would have said: prints each change as a JSON line.",
    "db": "The database: bring it up to date, check it, back it up, restore it, move it.",
    "services": "The services that are watched.",
}
"""Each command, with a summary for the list. Its module in this package has the same name."""

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
    """The console script. The bot needs parts of Python that do not exist on Windows."""
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
    del version  # its callback has printed it
