"""What each library adds to a process's memory: `python -m benchmarks.gateway.libraries` prints it as JSON.

One after another in a fresh process, each on top of those before it: what two of them share counts for the first.
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
"""What the bot loads at its start, by the names of the modules."""
ON_DEMAND: dict[str, tuple[str, ...]] = {
    "RE2: with the first pattern of a server": ("re2",),
    "aiohttp's server: with HTTP_PORT": ("bot.web.health",),
    "PostgreSQL: SQLAlchemy's asyncio part, which loads its ORM, and our own": ("bot.storage.postgres_database",),
    "Alembic: when there is something to migrate": ("alembic.command",),
    "Pillow: with the first picture": ("bot.pictures.draw",),
}


def resident() -> float:
    """MB of this process in RAM."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def load(names: tuple[str, ...]) -> Callable[[], object]:
    """What imports these modules."""
    return lambda: [import_module(name) for name in names]


def detectors() -> object:
    """The mention model, and a detector of each service."""
    services = import_module("bot.content.services").open_services()
    vocabulary = import_module("bot.content.words").Vocabulary.read()
    return [vocabulary.detector(service, services) for service in services]


def numbers() -> object:
    """A number in each language that there is."""
    languages = import_module("bot.content.texts").Catalogues.read()
    write = import_module("bot.discord_ui.render.words").number
    return [write(languages.texts(tag), 12_345) for tag in languages.names()]


def main() -> None:
    """Load one after another."""
    steps: dict[str, Callable[[], object]] = {name: load(modules) for name, modules in RUNNING.items()}
    steps["the mention model, and a detector"] = detectors
    steps["sentences, and Babel's tables: with the first number"] = numbers
    steps |= {name: load(modules) for name, modules in ON_DEMAND.items()}
    kept: list[object] = []
    last = resident()
    told = {"Python itself": last}
    for name, step in steps.items():
        kept.append(step())
        told[name] = (now := resident()) - last
        last = now
    print(json.dumps(told))


if __name__ == "__main__":
    main()
