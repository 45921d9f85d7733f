"""Migrations: one function for the start of the bot and for the command line; a backup comes first."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import SchemaError, StoreError
from bot.storage.engine import database_file, prepare_file

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


def migrations_folder() -> Path:
    """Inside the installed package, or at the top of the repository."""
    package = Path(__file__).parent.parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def schema_state(url: str) -> SchemaState:
    """Read the database's revision; a file that is not there has none. Raises StoreError."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "the migrations folder is never empty"
    if not database_file(url).exists():
        return SchemaState(None, head)
    current = _with_connection(url, lambda connection: MigrationContext.configure(connection).get_current_revision())
    return SchemaState(current, head, known=current is None or current in _revisions())


def upgrade(url: str, now: datetime | None = None) -> SchemaState:
    """Bring the database to the newest revision, after a backup when there is something to lose.

    Raises SchemaError when a newer version of the bot wrote it, StoreError when it cannot be written.
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
        stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
        copy = backup(url, path.with_name(f"{path.name}.{state.current}.{stamp}.bak"))
        _log.info("database backed up before migrating", file=str(copy))

    def run(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    try:
        _with_connection(url, run)
    except CommandError as error:
        raise SchemaError(str(error)) from error
    _log.info("database migrated", before=state.current or "new", after=state.head)
    return schema_state(url)


def backup(url: str, to: Path) -> Path:
    """A consistent copy of a live database, by SQLite's online backup. Raises StoreError."""
    path = database_file(url)
    if not path.exists():
        raise StoreError(f"there is no database at {path}")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.touch(mode=0o600)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"no backup made: {error}") from error
    return to


def _revisions() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    # ConfigParser would read a % in the path as the start of a variable.
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


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
