"""The kind of database: only this module knows what just SQLite or just PostgreSQL needs.

We lock a SQLite file for one bot, and we recover, back up and checkpoint it. A PostgreSQL server can be shared by
several processes; its operator has tools for all of that.
"""

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import ConfigurationError, StoreError
from bot.storage import engine as sqlite_engine
from bot.storage import postgres
from bot.storage.backups import DailyBackup, back_up_before_migration
from bot.storage.checkpoint import checkpoint
from bot.storage.cluster import ORIGIN, Shared, share
from bot.storage.engine import Engines, SqliteWriteEngine, database_file, outdated, prepare_file, prepare_folder
from bot.storage.faults import describe, quiet, would_be_right
from bot.storage.lock import held
from bot.storage.recovery import Recovery, must_be_sound, recover
from bot.storage.stores import Reader
from bot.storage.tables import meta
from bot.storage.writer import Writer
from bot.usecases.ports import Clock

T = TypeVar("T")
_MIGRATION_LOCK = 0x6E6A79  # "njy"; any number that nobody else uses as a lock
_log = structlog.get_logger(__name__)


class Database(Protocol):
    """What the start of the bot and the command line need from a database.

    Methods may block. `begun` and `transaction` must not be called on the thread of an event loop.
    """

    name: str
    """Where it is, for messages; without the password."""
    key_folder: Path | None
    """Where the reporter key is kept if the settings give none; None for a shared database, which needs a given key."""

    def claimed(self, *, alone: bool, now: float) -> AbstractContextManager[Recovery | None]:
        """Claim the database while this is open. `alone` means: as its only bot, if there can be only one.

        Yields what had to be recovered, if anything. Raises StoreError.
        """
        ...

    def reserved(self) -> AbstractContextManager[None]:
        """Lock it for a command during which no bot may run, if a lock is possible. Raises StoreError."""
        ...

    def make_room(self) -> None:
        """Make sure that its folder exists, before other files are put there.

        Raises StoreError, or ConfigurationError if it cannot be used at all.
        """
        ...

    def begun(self) -> bool:
        """Whether it exists, so that a bot has used it before. Raises StoreError if it cannot be reached."""
        ...

    def prepare(self) -> None:
        """Make sure that it is writable. Raises StoreError."""
        ...

    def before_migration(self, schema: str, now: float) -> None:
        """Back up what we can before the schema is changed. Raises StoreError."""
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
        """A function that removes deleted rows from the files, too."""
        ...

    def shared(self, writer: Writer, reader: Reader) -> AbstractAsyncContextManager[Shared | None]:
        """What several processes need to share it; None if only one process can use it."""
        ...

    def daily_backup(self, clock: Clock, damaged: Callable[[], None]) -> DailyBackup | None:
        """The job that backs it up; None if the operator does that."""
        ...


def database(url: str) -> "SqliteDatabase | PostgresDatabase":
    """The database behind a URL. Raises ConfigurationError for a kind that we do not support."""
    return PostgresDatabase(url) if make_url(url).get_backend_name() == "postgresql" else SqliteDatabase(url)


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

    def make_room(self) -> None:
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
        copy = back_up_before_migration(self.path, schema, now)
        _log.info("database backed up before migrating", file=str(copy))

    def transaction(self, work: Callable[[Connection], T], *, migrating: bool = False) -> T:
        """Run `work`; BEGIN IMMEDIATE allows one transaction at a time."""
        del migrating
        engine = create_engine(f"sqlite:///{self.path}")
        # Foreign keys stay off here: altering a parent table in a batch would delete its children.
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

    def daily_backup(self, clock: Clock, damaged: Callable[[], None]) -> DailyBackup | None:
        """Backups go to a folder next to the file."""
        return DailyBackup(self.path, clock, damaged)


class PostgresDatabase:
    """A database on a PostgreSQL server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = postgres.place(url)
        self.key_folder: Path | None = None
        self._origin = secrets.randbits(62)

    @contextmanager
    def claimed(self, *, alone: bool, now: float) -> Generator[Recovery | None]:
        """Nothing to claim: the processes that share it coordinate through leases."""
        del alone, now
        yield None

    @contextmanager
    def reserved(self) -> Generator[None]:
        """No lock: we cannot know whether bots are using it."""
        yield

    def make_room(self) -> None:
        """Nothing to do: it is on a server."""

    def begun(self) -> bool:
        """Whether it was ever migrated."""
        return self.transaction(lambda connection: inspect(connection).has_table("alembic_version"))

    def prepare(self) -> None:
        """Nothing to do: its operator has created it."""

    def before_migration(self, schema: str, now: float) -> None:
        """No backup: a migration is one transaction, all or nothing, and its operator makes the backups."""
        del now
        _log.info("migrating", database=self.name, before=schema)

    def transaction(self, work: Callable[[Connection], T], *, migrating: bool = False) -> T:
        """Run `work` on a new event loop. Other processes that want to migrate wait."""

        def run(connection: Connection) -> T:
            if migrating:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            return work(connection)

        async def connected() -> T:
            engine = postgres.open_engine(self._url, patient=True)
            try:
                async with engine.begin() as connection:
                    return await connection.run_sync(run)
            finally:
                await engine.dispose()

        try:
            return asyncio.run(connected())
        except Exception as error:
            # While connecting, the driver's own errors are not wrapped by SQLAlchemy.
            reason = "; ".join(filter(None, (describe(error), would_be_right(error))))
            raise StoreError(f"the database {self.name} cannot be used: {reason}") from quiet(error)

    def server(self) -> str:
        """The version of the server, such as `PostgreSQL 18.6`. Raises StoreError."""
        return "PostgreSQL " + self.transaction(lambda c: c.exec_driver_sql("SHOW server_version").scalar_one())

    def fact(self, key: str) -> str | None:
        """A value from `meta`; also None before the first start. Raises StoreError."""
        query = select(meta.c.value).where(meta.c.key == key)
        return self.transaction(lambda c: c.execute(query).scalar()) if self.begun() else None

    def engines(self) -> Engines:
        """One connection for writing, a few for reading."""
        return postgres.open_engines(self._url, {ORIGIN: str(self._origin)})

    def checkpointer(self, engines: Engines) -> Callable[[], Awaitable[None]]:
        """Nothing to do: the server's vacuum does it."""
        del engines
        return _nothing

    @asynccontextmanager
    async def shared(self, writer: Writer, reader: Reader) -> AsyncGenerator[Shared | None]:
        """Events and leases on separate connections: one listens, and a waiting lease delays no other."""
        engine = postgres.open_engine(self._url, {"lock_timeout": "3s"}, answer_within=4.0, pool_size=4)
        try:
            yield share(engine, writer, reader, self._origin)
        finally:
            await engine.dispose()

    def daily_backup(self, clock: Clock, damaged: Callable[[], None]) -> DailyBackup | None:
        """None: its operator makes backups, with pg_dump or what the hosting offers."""
        del clock, damaged


async def _nothing() -> None:
    """Do nothing."""


def _no_implicit_transactions(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
