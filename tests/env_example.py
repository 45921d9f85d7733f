"""`.env.example`, made from the settings: `python -m tests.env_example --write`."""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from bot.settings import FOR_COMPOSE, Settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"
NEEDED = "Needed"
GROUPS: Mapping[str, Sequence[str]] = {
    NEEDED: ("DISCORD_TOKEN",),
    "Useful": (
        *("DATABASE_URL", "SERVICES_DIR", "IGNORED_IDS", "SECOND_STAGE", "HTTP_PORT", "HTTP_HOST"),
        *("METRICS_TOKEN", "WEBHOOK_URLS", "WEBHOOK_SECRET", "LOG_LEVEL", "LOG_FORMAT", "UPDATE_CHECK", "UPDATE_URL"),
        *("CONTROL_URLS", "ALLOW_PRIVATE_STATUS_HOSTS", "REPORTER_KEY"),
    ),
    "For large bots": ("SHARD_COUNT", "SHARD_IDS", "DISCORD_API_URL", "POSTGRES_PASSWORD"),
}
"""Each setting in one group, the most useful first."""


def described() -> Mapping[str, tuple[str, str]]:
    """Each setting: its default as written in `.env`, and its meaning."""
    found = {name: ("", meaning) for name, meaning in FOR_COMPOSE.items()}
    for field in fields(Settings):
        found[field.name.upper()] = (_written(field.default), field.metadata["description"])
    return found


def example() -> str:
    """The file's text: each setting with its meaning and default; only the token must be filled in."""
    parts = ["# Settings of NotJustYou. Copy this file to .env and fill in the token; the rest can stay as it is.\n"]
    settings = described()
    for group, names in GROUPS.items():
        parts.append(f"# --- {group} ---\n")
        for name in names:
            default, meaning = settings[name]
            mark = "" if group == NEEDED else "# "
            parts.append(f"{_comment(meaning)}\n{mark}{name}={default}\n")
    return "\n".join(parts)


def _written(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return "" if default is None else str(default)


def _comment(meaning: str) -> str:
    return "\n".join(f"# {line}" for line in textwrap.wrap(meaning, 98))


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.env_example --write")
    EXAMPLE.write_text(example())
