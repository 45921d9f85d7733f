"""The only module that imports Alembic. Alembic takes 6 MB, so this is loaded only if there is something to migrate."""

from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.core.errors import SchemaError
from bot.storage.revisions import migrations_folder

_ALEMBIC = Lock()
"""Alembic's `op` is global in a process, so two threads must not migrate two databases at once."""


def alembic_config() -> Config:
    """Alembic's settings; there is no alembic.ini."""
    config = Config()
    # ConfigParser would take a % in the path for the start of a variable.
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
