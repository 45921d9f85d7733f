"""Shared by the commands: errors become messages and exit codes, and `-` stands for standard input."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from pathlib import Path
from typing import IO, Any

import click

from bot.core.errors import InvalidValueError, NotJustYouError
from bot.exits import code_of

Command = Callable[..., Any]
FILE = click.Path(path_type=Path)
"""A file or folder argument; commands report faults themselves."""


def command(work: Callable[..., Coroutine[Any, Any, None] | None]) -> Command:
    """Decorator: run a command or coroutine, and turn our errors into messages and exit codes."""

    @wraps(work)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            result = work(*args, **kwargs)
            if result is not None:
                asyncio.run(result)
        except NotJustYouError as error:
            for line in str(error).splitlines():
                click.echo(line, err=True)
            raise click.exceptions.Exit(code_of(error)) from None

    return wrapped


def opened(file: Path | None) -> AbstractContextManager[IO[bytes]]:
    """Open a file for reading, or standard input for `-` or None. Raises InvalidValueError."""
    if file is None or str(file) == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return file.open("rb")
    except OSError as error:
        raise InvalidValueError("FILE", f"a text file that can be read ({type(error).__name__}: {file})") from error
