"""Engines for a SQLite file: one writing connection, a few reading ones; and the preparation of the file.

WAL with `synchronous=FULL`, so that a commit survives a power failure. There is exactly one writing connection, which
also avoids the WAL-reset bug of SQLite before 3.51.3 (it needs two writers). It has its own thread: a transaction is
one call to that thread, where aiosqlite would need one per statement. The writer's transactions begin IMMEDIATE: a
transaction that first reads and then writes could otherwise fail under load.
"""

import asyncio
import logging
import os
import sqlite3
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, Executable, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.util import greenlet_spawn

from bot.core.errors import ConfigurationError, StoreError
from bot.storage.faults import is_corruption
from bot.storage.prepared import driver_of
from bot.storage.work_thread import Done, WorkThread

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=400",  # one commit in a hundred waits for this; the default of 1000 pages takes twice as long
    "busy_timeout=5000",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "secure_delete=ON",  # overwrites deleted data; FAST would leave it in free pages
)
_OLDEST = (3, 35)
_PRIVATE = 0o600
_READERS = 2
_WAIT_FOR_A_READER = 5.0
_logger = logging.getLogger(__name__)
T = TypeVar("T")


class WriteEngine(Protocol):
    """The only writing connection."""

    def begin(self, work: Callable[[Connection], T], done: Done[T]) -> None:
        """Run synchronous work in a transaction. `done` gets its result after the commit, or the error."""
        ...

    async def transaction(self, work: Callable[[Connection], T]) -> T:
        """Run synchronous work in a transaction. Returns its result after the commit. Raises the work's errors."""
        ...

    async def dispose(self) -> None:
        """Close the connection, after the current transaction."""
        ...


class ReadEngine(Protocol):
    """A few reading connections."""

    async def rows(self, query: Executable) -> Sequence[Any]:
        """All rows of a query. Raises SQLAlchemy's errors and the driver's."""
        ...

    async def dispose(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of the writer and of the readers.

    `damaged` is set when SQLite reports that the file is damaged: its answers cannot be trusted after that.
    """

    writer: WriteEngine
    reader: ReadEngine
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
    # Resolve links: the backups and locks beside the file must not exist in two places.
    return path.resolve() if os.path.islink(path) else path  # noqa: PTH114 - does not raise without permission


def prepare_file(path: Path) -> None:
    """Make sure that the file exists, is writable for us, and not readable for others (0600).

    Raises StoreError with the folder's name if it cannot be written.
    """
    prepare_folder(path)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE)
        os.close(descriptor)
    except OSError as error:
        raise StoreError(f"the database {path} cannot be written ({error.strerror})") from error
    # SQLite gives new companion files the database's permissions; existing ones keep theirs.
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        narrow(file)


def nearest_folder(path: Path) -> Path:
    """The folder of a file, or its nearest parent that exists. Raises OSError without permission."""
    return next(p for p in (path.parent, *path.parent.absolute().parents) if p.exists())


def misplaced(path: Path) -> str | None:
    """The reason why there can be no database at `path`, as far as visible; None if there is none."""
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
    """Advice if Python's SQLite is too old for our statements (RETURNING); None if it is new enough."""
    if sqlite3.sqlite_version_info >= _OLDEST:
        return None
    least = ".".join(map(str, _OLDEST))
    return f"this Python has SQLite {sqlite3.sqlite_version}; it should be {least} or newer, as newer systems bring it"


def prepare_folder(path: Path) -> None:
    """Make sure that the folder of a file exists and is writable. Raises StoreError with its name."""
    if message := misplaced(path):
        raise StoreError(message)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = path.parent / f".{path.name}.writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StoreError(_no_right(path.parent, str(error.strerror))) from error


def _no_right(folder: Path, why: str) -> str:
    message = f"the data folder {folder} cannot be written ({why}); give this user the right to write there, or set"
    return f"{message} DATABASE_URL to another place"


def narrow(file: Path) -> None:
    """Remove other users' permissions from a file, if it exists."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & ~_PRIVATE:
            file.chmod(_PRIVATE)
            _logger.warning(
                "data file was readable by other users; permissions tightened",
                extra={"file": str(file), "mode": f"{mode:o}"},
            )
    except FileNotFoundError:
        pass
    except OSError as error:
        _logger.warning(
            "permissions of a data file could not be tightened", extra={"file": str(file), "error": error.strerror}
        )


class SqliteWriteEngine:
    """The writing connection, on its own thread. `damaged` is set when SQLite reports that the file is damaged."""

    def __init__(self, engine: Engine, damaged: asyncio.Event) -> None:
        self.engine = engine
        self._damaged = damaged
        self._connection: Connection | None = None
        self._thread = WorkThread("sqlite writer")

    def begin(self, work: Callable[[Connection], T], done: Done[T]) -> None:
        """Run work between BEGIN IMMEDIATE and COMMIT, in one call to the thread."""

        def noted(result: T | None, error: Exception | None) -> None:
            self._note(error)
            done(result, error)

        self._thread.do(partial(self._transaction, work), noted)

    async def transaction(self, work: Callable[[Connection], T]) -> T:
        """The same, awaited. Raises the work's errors."""
        return await self._on_thread(partial(self._transaction, work))

    async def beside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work on the driver's connection, outside of any transaction. Raises the work's errors."""

        def run() -> T:
            return work(driver_of(self._open()))

        return await self._on_thread(run)

    async def dispose(self) -> None:
        """Close the connection, after the current transaction. A later use would open it again."""
        await self._on_thread(self._close)
        self._thread.stop()

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        connection = self._open()
        try:
            driver = driver_of(connection)
            driver.execute("BEGIN IMMEDIATE")
            result = work(connection)
            # For SQLAlchemy a transaction begins with its first statement, and there may be none.
            if connection.in_transaction():
                connection.commit()
            else:
                driver.execute("COMMIT")
        except BaseException:
            self._let_go()
            raise
        return result

    def _open(self) -> Connection:
        # Kept until something fails, because checking it out of the pool and back in takes half of SQLAlchemy's time.
        if self._connection is None:
            self._connection = self.engine.connect()
        return self._connection

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _close(self) -> None:
        self._let_go()
        self.engine.dispose()

    async def _on_thread(self, work: Callable[[], T]) -> T:
        try:
            return await self._thread.result(work)
        except Exception as error:
            self._note(error)
            raise

    def _note(self, error: Exception | None) -> None:
        if error is not None and is_corruption(error):
            self._damaged.set()


class SqliteReadEngine:
    """Reading connections, through aiosqlite.

    `greenlet_spawn` is how SQLAlchemy's own `AsyncEngine` waits for the driver. Its module loads the whole ORM, 6 MB
    that are not used here.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def rows(self, query: Executable) -> Sequence[Any]:
        """All rows of a query. Raises SQLAlchemy's errors and the driver's."""
        return await greenlet_spawn(self._rows, query)

    async def dispose(self) -> None:
        """Close the connections."""
        await greenlet_spawn(self.engine.dispose)

    def _rows(self, query: Executable) -> Sequence[Any]:
        with self.engine.connect() as connection:
            return connection.execute(query).all()


def open_engines(url: str) -> Engines:
    """Create the engines for a SQLite file; connections are opened on first use."""
    damaged = asyncio.Event()

    def note_damage(context: ExceptionContext) -> None:
        if is_corruption(context.original_exception):
            damaged.set()

    # Otherwise errors would quote values of rows, including ids of people, in tracebacks.
    writer = create_engine(make_url(url).set(drivername="sqlite"), pool_size=1, max_overflow=0, hide_parameters=True)
    event.listen(writer, "connect", _configure)
    reader = create_engine(
        url, pool_size=_READERS, max_overflow=0, pool_timeout=_WAIT_FOR_A_READER, hide_parameters=True
    )
    event.listen(reader, "connect", _configure_reader)
    event.listen(reader, "handle_error", note_damage)
    return Engines(SqliteWriteEngine(writer, damaged), SqliteReadEngine(reader), damaged)


def _configure(connection: Any, _record: object) -> None:
    # The driver must not begin transactions itself, or a failed migration would be half applied.
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
