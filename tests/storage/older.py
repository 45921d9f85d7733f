"""Databases of older versions of the bot."""

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from bot.storage.run_migrations import alembic_config


def make_older(path: Path, revision: str) -> None:
    """Make an SQLite database with the schema of a revision."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
