"""A group of commands whose modules are loaded when they are called, as in Click's documentation."""

from importlib import import_module
from typing import Any

import typer.main
from typer.core import TyperGroup


def not_loaded() -> None:
    """Placeholder for a command until it is called."""


class LazyGroup(TyperGroup):
    """Lists its commands without loading them. A command is the `app` in the module `bot.cli.<name>`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Load the command that is called from its module."""
        name, listed, rest = super().resolve_command(ctx, args)
        if listed is None:
            return name, listed, rest
        return name, typer.main.get_command(import_module(f"bot.cli.{listed.name}").app), rest
