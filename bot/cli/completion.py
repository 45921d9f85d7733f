"""`--install-completion` and `--show-completion`: the script with which a shell completes commands and options."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_FILES = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/completions/notjustyou.fish"}
"""The startup file of each shell in the home folder."""


def completion_options(app: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: give a group of commands both options."""
    shells = click.Choice(list(_FILES))
    install = click.option(
        "--install-completion",
        type=shells,
        is_eager=True,
        expose_value=False,
        callback=_install,
        metavar="SHELL",
        help="Set up completion of commands and options with the Tab key in bash, zsh or fish.",
    )
    show = click.option(
        "--show-completion",
        type=shells,
        is_eager=True,
        expose_value=False,
        callback=_show,
        metavar="SHELL",
        help="Print the completion script for bash, zsh or fish.",
    )
    return install(show(app))


def _show(ctx: click.Context, _option: click.Parameter, shell: str | None) -> None:
    if shell is not None:
        click.echo(_script(ctx.command, shell))
        ctx.exit()


def _install(ctx: click.Context, _option: click.Parameter, shell: str | None) -> None:
    if shell is None:
        return
    file, script = Path.home() / _FILES[shell], _script(ctx.command, shell)
    before = file.read_text("utf-8") if file.exists() else ""
    if script not in before:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{before}\n{script}\n" if before else f"{script}\n", "utf-8")
    click.echo(f"Written to {file}. It works in newly opened terminals.")
    ctx.exit()


def _script(app: click.Command, shell: str) -> str:
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - seldom needed

    kind = get_completion_class(shell)
    assert kind is not None, "the option allows no other"
    begin = "autoload -Uz compinit && compinit\n" if shell == "zsh" else ""
    return begin + kind(app, {}, "notjustyou", "_NOTJUSTYOU_COMPLETE").source()
