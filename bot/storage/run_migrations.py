"""The only home of Alembic, which takes 6 MB: loaded when there is something to migrate."""

from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.core.errors import SchemaError
from bot.storage.revisions import migrations_folder

_ALEMBIC = Lock()
"""Alembic's `op` is one for the whole process, so two databases cannot be migrated in two threads of it at once."""


def alembic_config() -> Config:
    """Alembic's settings; there is no file of them."""
    config = Config()
    # ConfigParser would read a % in the path as the start of a variable.
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


def run_migrations(connection: Connection) -> None:
    """Bring the database to the newest revision, in the transaction of this connection. Raises SchemaError."""
    config = alembic_config()
    config.attributes["connection"] = connection
    try:
        with _ALEMBIC:
            command.upgrade(config, "head")
    except CommandError as error:
        raise SchemaError(str(error)) from error
