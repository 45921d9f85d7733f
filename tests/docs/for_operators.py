"""Tables for operators: settings and the command line."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import click

from bot.cli import COMMANDS, app
from tests.docs.markdown import table
from tests.env_example import GROUPS, described


def settings() -> str:
    """Each setting with its meaning and default, in the groups of `.env.example`."""
    known = described()
    parts: list[str] = []
    for group, names in GROUPS.items():
        parts += [f"## {group}", table(("setting", "meaning"), [(f"`{name}`", _cell(*known[name])) for name in names])]
    return "\n\n".join(parts)


def _cell(default: str, meaning: str) -> str:
    linked = re.sub(r"docs/operators/([\w-]+\.md)", r"[\1](\1)", meaning)
    return f"{linked}<br>Default: `{default}`" if default else linked


def commands() -> str:
    """Each command with its arguments and options."""
    rows = [(f"`notjustyou {name}`".replace(" `", "`"), _meaning(one)) for name, one in _walk()]
    parts = [table(("command", "what it does"), rows)]
    for name, one in _walk():
        if options := [(_name(param), _help(param)) for param in one.params if _help(param)]:
            parts += [f"**`notjustyou {name}`**".replace(" `", "`"), table(("what to add", "meaning"), options)]
    return "\n\n".join(parts)


def _walk() -> Iterator[tuple[str, click.Command]]:
    """Each command by what is typed for it; the program itself is the one without a name."""
    yield "", app
    for name in COMMANDS:
        one: click.Command = import_module(f"bot.cli.{name}").app
        yield name, one
        for below, command in getattr(one, "commands", {}).items():
            yield f"{name} {below}", command


def _meaning(command: click.Command) -> str:
    return " ".join((command.help or "").partition("\n\n")[0].split())


def _name(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"`{(param.metavar or param.name).upper()}`"
    return ", ".join(f"`{one}`" for one in [*param.opts, *param.secondary_opts])


def _help(param: Any) -> str:
    return getattr(param, "help", None) or ""
