"""The kind of database: only this module and `postgres_database` contain what is specific to SQLite or PostgreSQL.

A SQLite file is locked for one bot, and the bot recovers, backs up and checkpoints it.
"""

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import ConfigurationError, StoreError
from bot.storage import engine as sqlite_engine
from bot.storage.backups import DailyBackup, back_up_before_migration
from bot.storage.checkpoint import checkpoint
from bot.storage.engine import Engines, SqliteWriteEngine, database_file, outdated, prepare_file, prepare_folder
from bot.storage.lock import held
from bot.storage.recovery import Recovery, must_be_sound, recover
from bot.storage.stores import Reader
from bot.storage.writer import Writer
from bot.usecases.ports import Clock

if TYPE_CHECKING:
    from bot.storage.cluster import Shared
    from bot.storage.postgres_database import PostgresDatabase

T = TypeVar("T")
_logger = logging.getLogger(__name__)


class Database(Protocol):
    """The interface of a database for the start of the bot and the command line.

    Methods may block. `begun` and `transaction` must not be called on the thread of an event loop.
    """

    name: str
    """Its location for messages, without the password."""
    key_folder: Path | None
    """The folder of the reporter key if the settings give none; None for a shared database, which needs a given key."""

    def claimed(self, *, alone: bool, now: float) -> AbstractContextManager[Recovery | None]:
        """Claim the database while this is open. `alone` means as its only bot, if there can be only one.

        Yields the recovery, if one was needed. Raises StoreError.
        """
        ...

    def reserved(self) -> AbstractContextManager[None]:
        """Lock it for a command that must not run beside a bot, if a lock is possible. Raises StoreError."""
        ...

    def make_folder(self) -> None:
        """Make sure that its folder exists before other files are put there.

        Raises StoreError, or ConfigurationError if it cannot be used at all.
        """
        ...

    def begun(self) -> bool:
        """Whether it exists, which means that a bot has used it before. Raises StoreError if it cannot be reached."""
        ...

    def prepare(self) -> None:
        """Make sure that it is writable. Raises StoreError."""
        ...

    def before_migration(self, schema: str, now: float) -> None:
        """Back it up, if possible, before the schema is changed. Raises StoreError."""
        ...

    def transaction(self, work: Callable[[Connection], T], *, migrating: bool = False) -> T:
        """Run `work` in a transaction on a separate connection; if `migrating`, one process at a time.

        Raises StoreError.
        """
        ...

    def engines(self) -> Engines:
        """Engines for the stores."""
        ...

    def checkpointer(self, engines: Engines) -> Callable[[], Awaitable[None]]:
        """A function that removes deleted rows from the files as well."""
        ...

    def shared(self, writer: Writer, reader: Reader) -> "AbstractAsyncContextManager[Shared | None]":
        """The parts for several processes that share it; None if only one process can use it."""
        ...

    async def size(self, reader: Reader) -> int:
        """Its size in bytes. Raises StoreError."""
        ...

    def daily_backup(self, clock: Clock, damaged: Callable[[], None]) -> DailyBackup | None:
        """The job that backs it up; None if the operator does that."""
        ...


def database(url: str) -> "SqliteDatabase | PostgresDatabase":
    """The database at a URL. Raises ConfigurationError for an unsupported kind."""
    if make_url(url).get_backend_name() != "postgresql":
        return SqliteDatabase(url)
    from bot.storage.postgres_database import PostgresDatabase  # noqa: PLC0415 - loads SQLAlchemy's ORM, 10 MB

    return PostgresDatabase(url)


class SqliteDatabase:
    """A SQLite file."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.path: Path = database_file(url)
        self.name = str(self.path)
        self.key_folder: Path | None = self.path.parent

    @contextmanager
    def claimed(self, *, alone: bool, now: float) -> Generator[Recovery | None]:
        """Recover it if this is its only bot; otherwise it must not be damaged."""
        if not alone:
            must_be_sound(self.path)
            yield None
            return
        with held(self.path):
            yield recover(self.path, now)

    @contextmanager
    def reserved(self) -> Generator[None]:
        """Lock it; it must not be damaged."""
        with held(self.path):
            must_be_sound(self.path)
            yield

    def make_folder(self) -> None:
        """Create its folder."""
        if fault := outdated():
            raise ConfigurationError([fault])
        prepare_folder(self.path)

    def begun(self) -> bool:
        """Whether the file exists."""
        return self.path.exists()

    def prepare(self) -> None:
        """Create the file, readable by its owner only."""
        prepare_file(self.path)

    def before_migration(self, schema: str, now: float) -> None:
        """Copy the file."""
        _logger.info("backing up the database before migrating", extra={"bytes": self.path.stat().st_size})
        copy = back_up_before_migration(self.path, schema, now)
        _logger.info("database backed up before migrating", extra={"file": str(copy)})

    def transaction(self, work: Callable[[Connection], T], *, migrating: bool = False) -> T:
        """Run `work`; BEGIN IMMEDIATE allows one transaction at a time."""
        del migrating
        engine = create_engine(f"sqlite:///{self.path}")
        # Foreign keys stay off here, because altering a parent table in a batch would delete its children.
        event.listen(engine, "connect", _no_implicit_transactions)
        event.listen(engine, "begin", _begin_immediate)
        try:
            with engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            origin = getattr(error, "orig", None) or error
            raise StoreError(f"the database {self.name} cannot be used: {origin}") from error
        finally:
            engine.dispose()

    def engines(self) -> Engines:
        """One thread for writing, a few connections for reading."""
        return sqlite_engine.open_engines(self._url)

    def checkpointer(self, engines: Engines) -> Callable[[], Awaitable[None]]:
        """A function that empties the write-ahead log."""
        assert isinstance(engines.writer, SqliteWriteEngine), "the engines of this database"
        return partial(checkpoint, engines.writer)

    def shared(self, writer: Writer, reader: Reader) -> AbstractAsyncContextManager[None]:
        """None: a SQLite file is for one process."""
        del writer, reader
        return nullcontext()

    async def size(self, reader: Reader) -> int:
        """The size of the file and of its write-ahead log."""
        del reader
        return _bytes_of(self.path) + _bytes_of(self.path.with_name(f"{self.path.name}-wal"))

    def daily_backup(self, clock: Clock, damaged: Callable[[], None]) -> DailyBackup | None:
        """Backups go to a folder next to the file."""
        return DailyBackup(self.path, clock, damaged)


def _bytes_of(file: Path) -> int:
    """The size of a file; 0 if there is none. Raises StoreError."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise StoreError(f"{file} cannot be looked at ({error.strerror})") from error


def _no_implicit_transactions(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
