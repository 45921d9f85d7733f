"""A database on a PostgreSQL server, for the start of the bot and the command line.

Several processes can share it; its operator has tools for backups and repairs.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, func, inspect, select, text

from bot.core.errors import StoreError
from bot.storage import postgres
from bot.storage.backups import DailyBackup
from bot.storage.cluster import ORIGIN, Shared, share
from bot.storage.engine import Engines
from bot.storage.faults import connection_hint, describe, without_values
from bot.storage.recovery import Recovery
from bot.storage.stores import Reader
from bot.storage.tables import meta
from bot.storage.writer import Writer
from bot.usecases.ports import Clock

T = TypeVar("T")
_MIGRATION_LOCK = 0x6E6A79  # "njy"; any number that no other program uses as a lock
_logger = logging.getLogger(__name__)


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
        """No lock, because it is unknown whether bots are using it."""
        yield

    def make_folder(self) -> None:
        """Nothing to do: it is on a server."""

    def begun(self) -> bool:
        """Whether it was ever migrated."""
        return self.transaction(lambda connection: inspect(connection).has_table("alembic_version"))

    def prepare(self) -> None:
        """Nothing to do: its operator has created it."""

    def before_migration(self, schema: str, now: float) -> None:
        """No backup: a migration is one transaction, all or nothing, and its operator makes the backups."""
        del now
        _logger.info("migrating", extra={"database": self.name, "before": schema})

    def transaction(self, work: Callable[[Connection], T], *, migrating: bool = False) -> T:
        """Run `work` on a new event loop. Other processes wait before they migrate."""

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
            reason = "; ".join(filter(None, (describe(error), connection_hint(error))))
            raise StoreError(f"the database {self.name} cannot be used: {reason}") from without_values(error)

    def server(self) -> str:
        """The version of the server, such as `PostgreSQL 18.6`. Raises StoreError."""
        return "PostgreSQL " + self.transaction(lambda c: c.exec_driver_sql("SHOW server_version").scalar_one())

    def fact(self, key: str) -> str | None:
        """A value from `meta`; None before the first start. Raises StoreError."""
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
        """Events and leases on separate connections: one listens, and a waiting lease does not delay others."""
        engine = postgres.open_engine(self._url, {"lock_timeout": "3s"}, answer_within=4.0, pool_size=4)
        try:
            yield share(engine, writer, reader, self._origin)
        finally:
            await engine.dispose()

    async def size(self, reader: Reader) -> int:
        """The size that the server reports."""
        rows = await reader.rows(select(func.pg_database_size(func.current_database())))
        return int(rows[0][0])

    def daily_backup(self, clock: Clock, damaged: Callable[[], None]) -> DailyBackup | None:
        """None, because its operator makes backups, with pg_dump or the hosting's tools."""
        del clock, damaged


async def _nothing() -> None:
    """Do nothing."""
