"""The command line. Every command ends with an exit code that tells a supervisor what to do.

Each command is a module that imports what the command needs. It is loaded only when the command is called, so that
`--help` and small commands need not load discord.py and SQLAlchemy.
"""

import sys

import click

from bot import __version__
from bot.cli.completion import completion_options
from bot.cli.groups import LazyGroup
from bot.exits import HELP

COMMANDS = {
    "init": "Set the bot up: asks for the token, checks it, writes it into .env, and prints the invite link.",
    "run": "Run the bot, with settings from the environment and .env.",
    "demo": "Try the bot in a local page that looks like Discord: no account, no token, no network.",
    "doctor": "Check settings, services, database and Discord permissions, and show how to fix problems.",
    "sync": "Send the commands to Discord now, even if nothing changed. `run` does this automatically on changes.",
    "forget": (
        "Delete everything stored about a person, as `/privacy` does, or about a server, including its settings."
    ),
    "mentions": "Try the mention detector: reads JSON lines with `text` (and `label`), adds its result to each line.",
    "replay": "See what the bot would have posted: prints each change as a JSON line.",
    "db": "The database: upgrade, check, back up, restore or move it.",
    "services": "The services that are watched.",
}
"""Each command, with a summary for the list. Its module in this package has the same name."""


@click.group(
    "notjustyou",
    cls=LazyGroup,
    help=f"NotJustYou: the Discord bot that answers “is it just me?”.\n\n{HELP}",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="NotJustYou %(version)s", help="Show the version and exit.")
@completion_options
def app() -> None:
    """The command line."""


app.summarize(COMMANDS)


def main() -> None:
    """The console script. The bot needs parts of Python that do not exist on Windows."""
    if sys.platform == "win32":
        sys.exit("NotJustYou does not run on Windows itself. Use WSL or Docker.")
    app()
