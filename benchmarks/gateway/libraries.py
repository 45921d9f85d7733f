"""The memory that each library adds to a process: `python -m benchmarks.gateway.libraries` prints it as JSON.

The libraries are loaded one after another in a new process. What two of them share counts for the first.
"""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

RUNNING: dict[str, tuple[str, ...]] = {
    "asyncio and uvloop": ("asyncio", "uvloop"),
    "orjson, zstandard": ("orjson", "zstandard"),
    "aiohttp": ("aiohttp",),
    "discord.py": ("discord", "discord.app_commands"),
    "discord.py's commands (cogs)": ("discord.ext.commands",),
    "click": ("click",),
    "marshmallow": ("marshmallow",),
    "SQLAlchemy": ("sqlalchemy", "sqlalchemy.dialects.sqlite"),
    "aiosqlite": ("sqlalchemy.dialects.sqlite.aiosqlite", "aiosqlite"),
    "polib": ("polib",),
    "our own modules": ("bot.cli.run",),
}
"""The names of the modules that the bot loads at its start."""
ON_DEMAND: dict[str, tuple[str, ...]] = {
    "RE2: with the first pattern of a server": ("re2",),
    "aiohttp's server: with HTTP_PORT": ("bot.web.health",),
    "PostgreSQL: SQLAlchemy's asyncio part (which loads its ORM) and our own modules": (
        "bot.storage.postgres_database",
    ),
    "Alembic: when there is something to migrate": ("alembic.command",),
    "Pillow: with the first picture": ("bot.pictures.draw",),
}


def resident() -> float:
    """The memory of this process, in MB."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def load(names: tuple[str, ...]) -> Callable[[], object]:
    """A function that imports these modules."""
    return lambda: [import_module(name) for name in names]


def detectors() -> object:
    """Load the mention model, and a detector for each service."""
    services = import_module("bot.content.services").open_services()
    vocabulary = import_module("bot.content.words").Vocabulary.read()
    return [vocabulary.detector(service, services) for service in services]


def numbers() -> object:
    """Format a number in each language."""
    languages = import_module("bot.content.texts").Catalogues.read()
    write = import_module("bot.discord_ui.render.words").number
    return [write(languages.texts(tag), 12_345) for tag in languages.names()]


def main() -> None:
    """Load them one after another."""
    steps: dict[str, Callable[[], object]] = {name: load(modules) for name, modules in RUNNING.items()}
    steps["the mention model and a detector"] = detectors
    steps["translations and Babel's tables: with the first number"] = numbers
    steps |= {name: load(modules) for name, modules in ON_DEMAND.items()}
    kept: list[object] = []
    last = resident()
    sizes = {"Python itself": last}
    for name, step in steps.items():
        kept.append(step())
        sizes[name] = (now := resident()) - last
        last = now
    print(json.dumps(sizes))


if __name__ == "__main__":
    main()
