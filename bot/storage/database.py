"""Which database it is. What only a SQLite file needs, and what only PostgreSQL, is told apart here and nowhere else.

A file is locked for one bot, recovered, backed up and checkpointed by us. A PostgreSQL server is shared by several
processes and has its own operators and tools for all that.
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
_MIGRATION_LOCK = 0x6E6A79  # "njy"; any number that nobody else locks
_log = structlog.get_logger(__name__)


class Database(Protocol):
    """What a start and the command line ask of a database; nothing of it runs inside an event loop but `checkpoint`."""

    name: str
    """Where it is, for sentences; without a password."""
    key_folder: Path | None
    """Where the reporter key is kept unless it is given; None for a shared database, where it must be given."""

    def claimed(self, *, alone: bool, now: float) -> AbstractContextManager[Recovery | None]:
        """Hold it for as long as it is open; `alone` as the one bot on it, if there can be but one.

        Gives what had to be recovered. Raises StoreError.
        """
        ...

    def reserved(self) -> AbstractContextManager[None]:
        """Hold it for a command that no bot should run beside, if that can be told. Raises StoreError."""
        ...

    def make_room(self) -> None:
        """Make sure that there is a place for it, before anything is put beside it.

        Raises StoreError, and ConfigurationError where it can be nowhere.
        """
        ...

    def begun(self) -> bool:
        """Whether it is there at all: no bot has been on it yet if not. Raises StoreError if it cannot be asked."""
        ...

    def prepare(self) -> None:
        """Make sure that it can be written. Raises StoreError."""
        ...

    def before_migration(self, schema: str, now: float) -> None:
        """Save what can be saved before the schema is changed. Raises StoreError."""
        ...

    def transaction(self, work: Callable[[Connection], T], *, migrating: bool = False) -> T:
        """Run work in a transaction on a connection of its own; one process at a time if `migrating`.

        Raises StoreError.
        """
        ...

    def engines(self) -> Engines:
        """Engines for the stores."""
        ...

    def checkpointer(self, engines: Engines) -> Callable[[], Awaitable[None]]:
        """What makes deleted rows be gone from the files, too."""
        ...

    def shared(self, writer: Writer, reader: Reader) -> AbstractAsyncContextManager[Shared | None]:
        """What several processes need to share it, if there can be others."""
        ...

    def daily_backup(self, clock: Clock, damaged: Callable[[], None]) -> DailyBackup | None:
        """The job that backs it up, if that is ours."""
        ...


def database(url: str) -> "SqliteDatabase | PostgresDatabase":
    """The database behind a URL. Raises ConfigurationError if it is none that we use."""
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
        """Heal it if it is ours alone; else it must be sound."""
        if not alone:
            must_be_sound(self.path)
            yield None
            return
        with held(self.path):
            yield recover(self.path, now)

    @contextmanager
    def reserved(self) -> Generator[None]:
        """Locked, and sound."""
        with held(self.path):
            must_be_sound(self.path)
            yield

    def make_room(self) -> None:
        """Make its folder."""
        if told := outdated():
            raise ConfigurationError([told])
        prepare_folder(self.path)

    def begun(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def prepare(self) -> None:
        """Make the file, nobody else's to read."""
        prepare_file(self.path)

    def before_migration(self, schema: str, now: float) -> None:
        """Copy it."""
        copy = back_up_before_migration(self.path, schema, now)
        _log.info("database backed up before migrating", file=str(copy))

    def transaction(self, work: Callable[[Connection], T], *, migrating: bool = False) -> T:
        """Run work; BEGIN IMMEDIATE lets one at a time."""
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
        """One thread that writes, a few connections that read."""
        return sqlite_engine.open_engines(self._url)

    def checkpointer(self, engines: Engines) -> Callable[[], Awaitable[None]]:
        """Empties the write-ahead log."""
        assert isinstance(engines.writer, SqliteWriteEngine), "the engines of this database"
        return partial(checkpoint, engines.writer)

    def shared(self, writer: Writer, reader: Reader) -> AbstractAsyncContextManager[None]:
        """Nothing: it is for one process."""
        del writer, reader
        return nullcontext()

    def daily_backup(self, clock: Clock, damaged: Callable[[], None]) -> DailyBackup | None:
        """Into the folder beside it."""
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
        """It is shared: who does what among the bots on it is theirs to settle."""
        del alone, now
        yield None

    @contextmanager
    def reserved(self) -> Generator[None]:
        """As it is: bots that run on it cannot be told."""
        yield

    def make_room(self) -> None:
        """Nothing: it has its place on the server."""

    def begun(self) -> bool:
        """Whether a migration has ever been here."""
        return self.transaction(lambda connection: inspect(connection).has_table("alembic_version"))

    def prepare(self) -> None:
        """Nothing: its owner has made it."""

    def before_migration(self, schema: str, now: float) -> None:
        """A migration is one transaction: it is done, or nothing of it is. Backups are the server's."""
        del now
        _log.info("migrating", database=self.name, before=schema)

    def transaction(self, work: Callable[[Connection], T], *, migrating: bool = False) -> T:
        """Run work on an event loop of its own. Others that migrate wait until it is done."""

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
            # What a driver says while it connects is not one of SQLAlchemy's errors.
            said = "; ".join(filter(None, (describe(error), would_be_right(error))))
            raise StoreError(f"the database {self.name} cannot be used: {said}") from quiet(error)

    def server(self) -> str:
        """Which server answers, such as `PostgreSQL 18.6`. Raises StoreError."""
        return "PostgreSQL " + self.transaction(lambda c: c.exec_driver_sql("SHOW server_version").scalar_one())

    def fact(self, key: str) -> str | None:
        """A fact of `meta`; None also before the first start. Raises StoreError."""
        asked = select(meta.c.value).where(meta.c.key == key)
        return self.transaction(lambda c: c.execute(asked).scalar()) if self.begun() else None

    def engines(self) -> Engines:
        """One connection that writes, a few that read."""
        return postgres.open_engines(self._url, {ORIGIN: str(self._origin)})

    def checkpointer(self, engines: Engines) -> Callable[[], Awaitable[None]]:
        """The server's own vacuum does it."""
        del engines
        return _nothing

    @asynccontextmanager
    async def shared(self, writer: Writer, reader: Reader) -> AsyncGenerator[Shared | None]:
        """Events and leases, on connections of their own: one listens, and a lease that waits holds up no other."""
        engine = postgres.open_engine(self._url, {"lock_timeout": "3s"}, answer_within=4.0, pool_size=4)
        try:
            yield share(engine, writer, reader, self._origin)
        finally:
            await engine.dispose()

    def daily_backup(self, clock: Clock, damaged: Callable[[], None]) -> DailyBackup | None:
        """Its operator's: pg_dump, or what the server's host offers."""
        del clock, damaged


async def _nothing() -> None:
    """Nothing to do."""


def _no_implicit_transactions(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
