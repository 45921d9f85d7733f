"""The only module that imports Alembic. Alembic takes 6 MB, so it is only loaded for a migration."""

from collections.abc import Callable
from itertools import islice
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.core.errors import SchemaError
from bot.storage.revisions import migrations_folder, steps_after

_ALEMBIC = Lock()
"""Alembic's `op` is global in a process, so two threads must not migrate two databases at once."""


def alembic_config() -> Config:
    """Alembic's settings; there is no alembic.ini."""
    config = Config()
    # ConfigParser would interpret a % in the path as the start of a variable.
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


def run_migrations(connection: Connection, begins: Callable[[int, int, str], None]) -> None:
    """Migrate the database to the newest revision, in the transaction of this connection. Raises SchemaError.

    `begins` is called before each step with its number, the number of steps, and its name; not for a new database.
    """
    current = MigrationContext.configure(connection).get_current_revision()
    names = [] if current is None else steps_after(current)
    steps = iter(enumerate(names, 1))

    def go_on(**_: object) -> None:
        for number, name in islice(steps, 1):
            begins(number, len(names), name)

    config = alembic_config()
    config.attributes.update(connection=connection, on_version_apply=go_on)
    go_on()
    try:
        with _ALEMBIC:
            command.upgrade(config, "head")
    except CommandError as error:
        raise SchemaError(str(error)) from error
