"""`.env.example`, made from the settings: `python -m tests.env_example --write`."""

import sys
import textwrap
from pathlib import Path

from bot.settings import FOR_COMPOSE, Settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"


def example() -> str:
    """The file's text: each setting with its meaning and default; only the token must be filled in."""
    parts = ["# Settings of NotJustYou. Copy this file to .env and fill in the token; the rest may stay as it is.\n"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else field.default
        if isinstance(default, bool):
            default = str(default).lower()
        if isinstance(default, tuple):
            default = ",".join(map(str, default))
        mark = "" if name == "discord_token" else "# "
        parts.append(f"{_comment(str(field.description))}\n{mark}{name.upper()}={default}\n")
    parts += [f"{_comment(meaning)}\n# {name}=\n" for name, meaning in FOR_COMPOSE.items()]
    return "\n".join(parts)


def _comment(meaning: str) -> str:
    return "\n".join(f"# {line}" for line in textwrap.wrap(meaning, 98))


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.env_example --write")
    EXAMPLE.write_text(example())
