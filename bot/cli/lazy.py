"""A group of commands whose modules are loaded when they are called, as Click's documentation describes it."""

from importlib import import_module
from typing import Any

import typer.main
from typer.core import TyperGroup


def not_loaded() -> None:
    """Stands for a command in the list of commands until it is called."""


class LazyGroup(TyperGroup):
    """Lists its commands without loading them. `app` in the module `bot.cli.<name>` is what a command does."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is called, from its module."""
        name, listed, rest = super().resolve_command(ctx, args)
        if listed is None:
            return name, listed, rest
        return name, typer.main.get_command(import_module(f"bot.cli.{listed.name}").app), rest
