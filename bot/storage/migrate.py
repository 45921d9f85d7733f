"""Migrations: one function for the start of the bot and for the command line; a backup comes first.

Not to be called on an event loop's thread (PostgreSQL is spoken on a loop of its own): `asyncio.to_thread`.
"""

import time
from dataclasses import dataclass
from threading import Lock

import structlog
from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, inspect

from bot.core.errors import SchemaError
from bot.storage.database import database
from bot.storage.revisions import alembic_config, head_revision, known_revisions

_ALEMBIC = Lock()
"""Alembic's `op` is one for the whole process, so two databases cannot be migrated in two threads of it at once."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Which revision the database has, and which one this version of the bot needs."""

    current: str | None
    head: str
    known: bool = True
    """Whether this version of the bot knows the database's revision, and so could migrate it."""

    @property
    def fits(self) -> bool:
        """Whether the bot can use the database as it is."""
        return self.current == self.head


def schema_state(url: str) -> SchemaState:
    """Read the database's revision; one that is not begun has none. Raises StoreError."""
    head, asked = head_revision(), database(url)
    if not asked.begun():
        return SchemaState(None, head)
    current = asked.transaction(lambda connection: MigrationContext.configure(connection).get_current_revision())
    return SchemaState(current, head, known=current is None or current in known_revisions())


def upgrade(url: str, now: float | None = None) -> SchemaState:
    """Bring the database to the newest revision, after a backup when there is something to lose.

    Raises SchemaError when a newer version of the bot or another program wrote it, StoreError if it cannot be written.
    """
    ours = database(url)
    ours.prepare()
    state = schema_state(url)
    if state.current is None:
        tables = ours.transaction(lambda connection: inspect(connection).get_table_names())
        # Asked again: another process may have made them just now.
        if tables and (state := schema_state(url)).current is None:
            raise SchemaError(
                f"{ours.name} is another program's database (it has a table {tables[0]!r} and no schema of ours); "
                "set DATABASE_URL to another one"
            )
    if state.fits:
        return state
    if not state.known:
        raise SchemaError(
            f"the database has schema {state.current}, which this version of the bot does not know; "
            "run the version that wrote it, or restore a backup"
        )
    if state.current is not None:
        ours.before_migration(state.current, time.time() if now is None else now)

    def run(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        with _ALEMBIC:
            command.upgrade(config, "head")

    try:
        ours.transaction(run, migrating=True)
    except CommandError as error:
        raise SchemaError(str(error)) from error
    _log.info("database migrated", before=state.current or "new", after=state.head)
    return schema_state(url)
