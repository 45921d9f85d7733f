"""Migrations: one function for the start of the bot and for the command line; a backup comes first."""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, event, inspect
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import SchemaError, StoreError
from bot.storage.backups import back_up_before_migration
from bot.storage.engine import database_file, prepare_file
from bot.storage.revisions import alembic_config, head_revision, known_revisions

T = TypeVar("T")
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
    """Read the database's revision; a file that is not there has none. Raises StoreError."""
    head = head_revision()
    path = database_file(url)
    if not path.exists() or path.stat().st_size == 0:
        return SchemaState(None, head)
    current = _with_connection(url, lambda connection: MigrationContext.configure(connection).get_current_revision())
    return SchemaState(current, head, known=current is None or current in known_revisions())


def upgrade(url: str, now: float | None = None) -> SchemaState:
    """Bring the database to the newest revision, after a backup when there is something to lose.

    Raises SchemaError when a newer version of the bot or another program wrote it, StoreError if it cannot be written.
    """
    path = database_file(url)
    prepare_file(path)
    state = schema_state(url)
    if state.fits:
        return state
    if state.current is not None:
        if not state.known:
            raise SchemaError(
                f"the database has schema {state.current}, which this version of the bot does not know; "
                "run the version that wrote it, or restore a backup"
            )
        copy = back_up_before_migration(path, state.current, time.time() if now is None else now)
        _log.info("database backed up before migrating", file=str(copy))
    elif tables := _with_connection(url, lambda connection: inspect(connection).get_table_names()):
        raise SchemaError(
            f"{path} is another program's database (it has a table {tables[0]!r} and no schema of ours); "
            "set DATABASE_URL to another file"
        )

    def run(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    try:
        _with_connection(url, run)
    except CommandError as error:
        raise SchemaError(str(error)) from error
    _log.info("database migrated", before=state.current or "new", after=state.head)
    return schema_state(url)


def _with_connection(url: str, work: Callable[[Connection], T]) -> T:
    engine = create_engine(f"sqlite:///{database_file(url)}")
    # Foreign keys stay off here: altering a parent table in a batch would delete its children.
    event.listen(engine, "connect", _no_implicit_transactions)
    event.listen(engine, "begin", _begin_immediate)
    try:
        with engine.begin() as connection:
            return work(connection)
    except SQLAlchemyError as error:
        origin = getattr(error, "orig", None) or error
        raise StoreError(f"the database {database_file(url)} cannot be used: {origin}") from error
    finally:
        engine.dispose()


def _no_implicit_transactions(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
