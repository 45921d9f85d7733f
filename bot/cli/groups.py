"""Groups of commands; one of them loads the modules of its commands on demand."""

from collections.abc import Mapping
from importlib import import_module

import click


class _Command(click.Command):
    """A command whose full first help paragraph is shown in the list of commands."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """The full paragraph; Click would cut it after a sentence or `limit` characters."""
        del limit
        return " ".join((self.short_help or self.help or "").partition("\n\n")[0].split())


class Group(click.Group):
    """Lists its commands in the order in which they were added."""

    command_class = _Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        del ctx
        return list(self.commands)


class LazyGroup(Group):
    """Lists its commands with their summaries, without loading them. A command is the `app` in `bot.cli.<name>`."""

    def summarize(self, summaries: Mapping[str, str]) -> None:
        """Add commands."""
        for name, summary in summaries.items():
            self.add_command(click.Command(name, short_help=summary))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Load the called command from its module, as in Click's documentation."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and import_module(f"bot.cli.{listed.name}").app, rest
