"""The migrations that this version of the bot has, by their revisions.

They are read from the names of the files: a start needs no more than that as long as there is nothing to migrate.
"""

from pathlib import Path


def migrations_folder() -> Path:
    """Inside the installed package, or at the top of the repository."""
    package = Path(__file__).parent.parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def known_revisions() -> frozenset[str]:
    """The revisions that this version of the bot can use or migrate."""
    return frozenset(file.name.partition("_")[0] for file in (migrations_folder() / "versions").glob("[0-9]*_*.py"))


def head_revision() -> str:
    """The revision that this version of the bot needs. Each has a higher number than the one before."""
    return max(known_revisions())
