"""The revisions of the migrations in this version of the bot.

They are read from the file names. A start without a migration needs nothing else.
"""

from pathlib import Path


def migrations_folder() -> Path:
    """The folder with the migrations: in the installed package, or at the top of the repository."""
    package = Path(__file__).parent.parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def known_revisions() -> frozenset[str]:
    """The revisions that this version of the bot can use or migrate from."""
    return frozenset(file.name.partition("_")[0] for file in (migrations_folder() / "versions").glob("[0-9]*_*.py"))


def steps_after(revision: str) -> list[str]:
    """The names of the migrations that a database with this revision still needs, in order."""
    files = sorted((migrations_folder() / "versions").glob("[0-9]*_*.py"))
    parts = (file.stem.partition("_") for file in files)
    return [name.replace("_", " ") for number, _, name in parts if number > revision]


def head_revision() -> str:
    """The revision that this version of the bot needs: the one with the highest number."""
    return max(known_revisions())
