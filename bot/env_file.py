"""The bot's folder, and the file `.env` in it with the token.

It is the current folder, if that is a clone, or already has a `.env` or a database. An installed program has none of
these at first; then it is the platform's data folder for the program, regardless of the current folder.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from bot.core.errors import ConfigurationError

NAME = ".env"
_DATABASE = Path("data", "notjustyou.db")
_TOKEN_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?DISCORD_TOKEN[ \t]*=.*$", re.MULTILINE)


def in_a_clone() -> bool:
    """Whether this program runs from a clone, which has a Makefile; a wheel has none."""
    return (Path(__file__).parents[1] / "Makefile").exists()


def how_to_install(extra: str) -> str:
    """The command that installs one of our extras."""
    return f"`make {extra}`" if in_a_clone() else f'`pip install "notjustyou[{extra}]"`'


def env_file() -> Path:
    """The path of `.env`, even if it does not exist: relative to the current folder if it belongs there."""
    return _home() / NAME


def default_database() -> Path:
    """The database's file if DATABASE_URL is not set: relative to the current folder if it belongs there."""
    home = _home()
    return home / (_DATABASE if home == Path() else _DATABASE.name)


def _home() -> Path:
    if in_a_clone() or any(map(is_there, (Path(NAME), _DATABASE))):
        return Path()
    from platformdirs import user_data_path  # noqa: PLC0415 - a clone and a container need it never

    return user_data_path("notjustyou", appauthor=False)


def is_there(file: Path) -> bool:
    """Whether there is such a file or folder; False if this user may not see it."""
    return os.path.exists(file)  # noqa: PTH110 - does not raise


def read(file: Path) -> Mapping[str, str | None]:
    """The content of a `.env`; empty if there is none. Raises ConfigurationError."""
    try:
        there = os.path.isfile(file)  # noqa: PTH113 - does not raise without permission
        return dotenv_values(file, encoding="utf-8") if there else {}
    except OSError as error:
        fault = f"{file.absolute()} cannot be read ({error.strerror}); it should belong to the user who runs the bot"
        raise ConfigurationError([fault]) from None
    except UnicodeDecodeError:
        fault = f"{file.absolute()} should be a text file in UTF-8; save it again with that encoding"
        raise ConfigurationError([fault]) from None


def no_token(file: Path) -> str:
    """Advice if no token is set. A person in the wrong folder must not reset a valid token."""
    if os.path.isdir(file):  # noqa: PTH112 - does not raise without permission
        return f"DISCORD_TOKEN is not set, and {file.absolute()} is a folder; it should be a file like .env.example"
    init = "`make init`" if in_a_clone() else "`notjustyou init`"
    if not is_there(file):
        return (
            f"DISCORD_TOKEN is not set, and there is no .env in {file.absolute().parent}; run {init}, which asks for "
            "the token and writes it there, or run this in the folder with your .env. A container gets the token by "
            "--env-file or -e"
        )
    return (
        f"DISCORD_TOKEN is not set; it should be the bot's token from the Developer Portal (Bot > Reset Token). Put "
        f"it into {file.absolute()}, or run {init}"
    )


def write_token(file: Path, token: str) -> None:
    """Write a token into a `.env`, which then only this user can read. Everything else in it stays unchanged.

    Raises ConfigurationError.
    """
    line = f"DISCORD_TOKEN={token}"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        was = file.read_text(encoding="utf-8") if file.exists() else ""
        text, found = _TOKEN_LINE.subn(lambda _: line, was)
        if not found:
            text = f"{was.rstrip()}\n{line}\n" if was.strip() else f"{line}\n"
        _replace(file.resolve(), text)
    except OSError as error:
        raise ConfigurationError([f"{file.absolute()} cannot be written ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise ConfigurationError([f"{file.absolute()} should be a text file in UTF-8"]) from None


def _replace(file: Path, text: str) -> None:
    """Write a temporary file beside it, readable by this user only (`mkstemp`), and rename it over the original."""
    descriptor, name = tempfile.mkstemp(prefix=".env-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
