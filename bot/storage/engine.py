"""Engines of a SQLite file: one connection that writes, a few that read; and the file they need.

WAL with `synchronous=FULL`, so that a commit survives a power cut; exactly one writing connection, which also
keeps clear of the WAL-reset bug of SQLite before 3.51.3 (it needs two writers). It lives on a thread of its own:
a transaction is one hop there, whatever it holds, where aiosqlite would take one for each step. Transactions of the
writer begin IMMEDIATE: a read that turns into a write would otherwise fail at once under load.
"""

import asyncio
import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.core.errors import ConfigurationError, StoreError
from bot.storage.faults import means_damage

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=400",  # a commit in a hundred waits for this: 1000 pages, as usual, take twice as long
    "busy_timeout=5000",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "secure_delete=ON",  # what is deleted is overwritten, not only unlinked; FAST would leave it in free pages
)
_OLDEST = (3, 35)
_PRIVATE = 0o600
_READERS = 2
_WAIT_FOR_A_READER = 5.0
_log = structlog.get_logger(__name__)
T = TypeVar("T")


class WriteEngine(Protocol):
    """The one connection that writes."""

    async def transaction(self, work: Callable[[Connection], T]) -> T:
        """Run synchronous work in a transaction; returns its result once that is committed. Raises what it raises."""
        ...

    async def dispose(self) -> None:
        """Close the connection; what is being written is finished first."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """The writer's engine and the readers'; close both when done.

    `damaged` is set once SQLite says that the file is damaged: nothing that it answers can be trusted from then on.
    """

    writer: WriteEngine
    reader: AsyncEngine
    damaged: asyncio.Event = field(default_factory=asyncio.Event)

    async def dispose(self) -> None:
        """Close all connections."""
        await self.reader.dispose()
        await self.writer.dispose()


def database_file(url: str) -> Path:
    """The SQLite file behind a database URL. Raises ConfigurationError for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise ConfigurationError(
            ["DATABASE_URL: this is for a SQLite file, such as sqlite+aiosqlite:///data/notjustyou.db"]
        )
    path = Path(parsed.database)
    # A link must not make two places of what lies beside it: backups, locks, what was set aside.
    return path.resolve() if os.path.islink(path) else path  # noqa: PTH114 - raises nothing where we may not look


def prepare_file(path: Path) -> None:
    """Make sure that the file is there, ours to write, and nobody else's to read (0600).

    Raises StoreError with the folder's name when it cannot be written.
    """
    prepare_folder(path)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE)
        os.close(descriptor)
    except OSError as error:
        raise StoreError(f"the database {path} cannot be written ({error.strerror})") from error
    # SQLite gives the files beside it the rights of the database; those of an earlier life have theirs already.
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        narrow(file)


def nearest_folder(path: Path) -> Path:
    """The folder of a file, or the nearest above it that is there. Raises OSError where we may not look."""
    return next(p for p in (path.parent, *path.parent.absolute().parents) if p.exists())


def misplaced(path: Path) -> str | None:
    """Why no database can be at `path`, as far as looking tells; None if nothing speaks against it."""
    try:
        folder = nearest_folder(path)
        if path.is_dir() or not folder.is_dir():
            return f"{path} should be a file in a folder; DATABASE_URL says otherwise"
        if not os.access(folder, os.W_OK | os.X_OK):
            return _no_right(folder, "not by this user")
        if path.exists() and not os.access(path, os.W_OK):
            return f"the database {path} cannot be written (not by this user)"
    except OSError as error:
        return f"the database {path} cannot be looked at ({error.strerror})"
    return None


def outdated() -> str | None:
    """What to do where Python's SQLite is too old for our statements (RETURNING); None if it is not."""
    if sqlite3.sqlite_version_info >= _OLDEST:
        return None
    least = ".".join(map(str, _OLDEST))
    return f"this Python has SQLite {sqlite3.sqlite_version}; it should be {least} or newer, as newer systems bring it"


def prepare_folder(path: Path) -> None:
    """Make sure that the folder of a file is there and ours to write. Raises StoreError with its name."""
    if told := misplaced(path):
        raise StoreError(told)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = path.parent / f".{path.name}.writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StoreError(_no_right(path.parent, str(error.strerror))) from error


def _no_right(folder: Path, why: str) -> str:
    told = f"the data folder {folder} cannot be written ({why}); give this user the right to write there, or set"
    return f"{told} DATABASE_URL to another place"


def narrow(file: Path) -> None:
    """Take the rights of others away from a file, if it is there and has given any."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & ~_PRIVATE:
            file.chmod(_PRIVATE)
            _log.warning("others could read a data file; now only this user can", file=str(file), mode=f"{mode:o}")
    except FileNotFoundError:
        pass
    except OSError as error:
        _log.warning("others may be able to read a data file", file=str(file), error=error.strerror)


class SqliteWriteEngine:
    """The writing connection, on the one thread that ever touches it. `damaged` is set when SQLite says so."""

    def __init__(self, engine: Engine, damaged: asyncio.Event) -> None:
        self.engine = engine
        self._damaged = damaged
        # At the end of the process the interpreter waits for a thread only while it writes, which SQLite bounds.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite writer")

    async def transaction(self, work: Callable[[Connection], T]) -> T:
        """Run work between BEGIN IMMEDIATE and COMMIT, all in one hop. Raises what it raises."""

        def run() -> T:
            with self.engine.begin() as connection:
                return work(connection)

        return await self._on_thread(run)

    async def beside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work on the driver's connection outside of any transaction. Raises what it raises."""

        def run() -> T:
            with self.engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert isinstance(driver, sqlite3.Connection), "connected"
                return work(driver)

        return await self._on_thread(run)

    async def dispose(self) -> None:
        """Close the connection; what is being written is finished first. A later use would open it again."""
        await self._on_thread(self.engine.dispose)
        self._thread.shutdown(wait=False)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite writer")

    async def _on_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except Exception as error:
            if means_damage(error):
                self._damaged.set()
            raise


def open_engines(url: str) -> Engines:
    """Engines for a SQLite file; nothing is opened before the first use."""
    damaged = asyncio.Event()

    def note_damage(context: ExceptionContext) -> None:
        if means_damage(context.original_exception):
            damaged.set()

    # Errors would otherwise quote the values of the rows, and so the ids of people, into tracebacks.
    writer = create_engine(make_url(url).set(drivername="sqlite"), pool_size=1, max_overflow=0, hide_parameters=True)
    event.listen(writer, "connect", _configure)
    event.listen(writer, "begin", _begin_immediate)
    reader = create_async_engine(
        url, pool_size=_READERS, max_overflow=0, pool_timeout=_WAIT_FOR_A_READER, hide_parameters=True
    )
    event.listen(reader.sync_engine, "connect", _configure_reader)
    event.listen(reader.sync_engine, "handle_error", note_damage)
    return Engines(SqliteWriteEngine(writer, damaged), reader, damaged)


def _configure(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: migrations would then be half applied on failure.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _configure_reader(connection: Any, record: object) -> None:
    _configure(connection, record)
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
